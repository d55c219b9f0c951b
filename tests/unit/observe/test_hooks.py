"""What is heard of a loop whose optimiser calls the network itself."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch.nn import functional as F

import striate
from striate.observe.hooks import hear_gradient
from tests.loops import loaders, net

OPTIMISERS = {
    "sgd": lambda model: torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9),
    "line search": lambda model: torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=3),
}


def train(optimiser: str, how: str, *, attached: bool):
    model = net()
    optimizer = OPTIMISERS[optimiser](model)
    doc = striate.attach(model, optimizer, budget=float("inf")) if attached else None
    torch.manual_seed(1)
    loader = loaders()[0]
    for _ in range(3):
        for x, y in doc.watch(loader) if doc else loader:

            def closure(x=x, y=y):
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                return loss

            optimizer.step(closure) if how == "positional" else optimizer.step(closure=closure)
    return model, doc


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("how", ["positional", "by name"])
def test_a_step_with_a_closure_is_looked_at_when_its_gradients_are_there(optimiser, how):
    plain, _ = train(optimiser, how, attached=False)
    model, doc = train(optimiser, how, attached=True)
    assert all(
        torch.equal(a, b)
        for a, b in zip(plain.state_dict().values(), model.state_dict().values(), strict=True)
    )
    seen = doc.observation()
    assert seen.setting.assumed == ()
    assert seen.loop.optimizer_steps == 24
    assert all(p.gradient == "seen" for p in seen.loop.parameters)
    # Each look compares the loss before and after its step, on the batch of that step.
    assert seen.inside.step == (1, 2, 4, 8, 16)
    if optimiser == "sgd":
        assert all(a < b for a, b in zip(seen.inside.after, seen.inside.before, strict=True))


@pytest.mark.parametrize("of", ["the scores", "their cast", "the cast scores"])
def test_the_gradient_is_heard_once_wherever_the_loss_is_taken(of):
    given = torch.randn(4, 3, requires_grad=True)
    z = given * 2.0
    half = z.bfloat16()
    cast = half.float()
    heard = []
    hear_gradient(z if of == "the scores" else cast, heard.append)
    ({"the scores": z, "their cast": cast, "the cast scores": half}[of] * 3.0).sum().backward()
    (gradient,) = heard
    assert torch.equal(gradient.float(), torch.full((4, 3), 3.0))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_a_network_can_be_saved_whole_copied_and_traced_while_it_is_watched():
    model = net()
    doc = striate.attach(model, torch.optim.SGD(model.parameters(), lr=0.05))
    torch.save(model, io.BytesIO())
    x, _ = next(iter(doc.watch(loaders()[0])))
    for other in (copy.deepcopy(model), torch.jit.trace(model, x)):
        assert other(x).shape == model(x).shape
    # Neither the copy nor tracing was taken for the network's training.
    assert doc.observation().loop.train_forwards == 2
