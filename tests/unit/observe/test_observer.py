"""A watched loop is the loop it was, and what is seen of it is true."""

from __future__ import annotations

import gc
import logging
import math
import random
import weakref

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import striate
from striate.observe.observer import Observer
from tests.loops import K, blobs, loaders, net, train

INF = float("inf")


def sgd(model, lr: float = 0.05):
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def watched(model=None, optimizer=None, *, budget: float = INF, batch: int = 32, **how):
    model = model or net()
    optimizer = optimizer or sgd(model)
    doc = striate.attach(how.get("call") or model, optimizer, budget=budget)
    accuracy = train(model, optimizer, *loaders(batch), doc, **how)
    return doc, model, accuracy


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(
        torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


# --- no trace --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [0.01, INF], ids=["default", "everything"])
@pytest.mark.parametrize("adam", [False, True], ids=["sgd", "adam"])
def test_two_hundred_steps_are_the_same_to_the_bit(budget, adam):
    states = []
    for attached in (False, True):
        model = net()
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01) if adam else sgd(model)
        doc = striate.attach(model, optimizer, budget=budget) if attached else None
        random.seed(5)
        np.random.seed(5)  # noqa: NPY002 - the global generators must be left alone
        train(model, optimizer, *loaders(), doc, epochs=26)
        if doc:
            doc.diagnose()
        states.append((model, random.random(), np.random.random(), torch.rand(1)))  # noqa: NPY002
    (a, *rng_a), (b, *rng_b) = states
    assert same(a, b)
    assert rng_a == rng_b
    assert all(
        torch.equal(x.grad, y.grad)
        for x, y in zip(a.parameters(), b.parameters(), strict=True)
        if x.grad is not None
    )


def test_detaching_leaves_nothing():
    model = net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer)
    train(model, optimizer, *loaders(), doc, epochs=1)
    doc.diagnose()
    doc.detach()
    modules = list(model.modules())
    hooks = [
        n
        for m in modules
        for n in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
        if getattr(m, n)
    ]
    assert hooks == []
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    seen = doc.observation().loop.optimizer_steps
    train(model, optimizer, *loaders(), epochs=1)
    assert doc.observation().loop.optimizer_steps == seen


def test_a_model_that_was_dropped_is_freed():
    def scope():
        model = net()
        doc = striate.attach(model, sgd(model))
        doc.detach()
        return weakref.ref(model)

    ref = scope()
    gc.collect()
    assert ref() is None


def test_an_error_inside_never_reaches_the_loop(monkeypatch, caplog):
    plain, model = net(), net()
    train(plain, sgd(plain), *loaders())
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer, budget=INF)
    observer: Observer = doc._observer

    def fails(*_, **__):
        raise RuntimeError("planted")

    for owner, name in (
        (observer._w.looks.inside, "before_step"),
        (observer._w.data, "saw"),
        (observer._w.modes, "look_train"),
    ):
        monkeypatch.setattr(owner, name, fails)
    with caplog.at_level(logging.WARNING, logger="striate"):
        train(model, optimizer, *loaders(), doc)
    assert same(plain, model)
    assert sum("planted" in r.message for r in caplog.records) == 3
    assert doc.diagnose().headline
    assert any("planted" in line for line in doc.observation().setting.assumed)


def test_ctrl_c_is_no_error_to_be_kept():
    doc, model = None, net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer)

    def stop(step):
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(model, optimizer, *loaders(), doc, each=stop)
    assert doc.observation().loop.optimizer_steps == 5


# --- what is seen ----------------------------------------------------------------------------------------


def test_curves_are_those_of_the_loop():
    doc, model, accuracy = watched(epochs=3)
    seen = doc.observation()
    assert [p.epoch for p in seen.epochs] == [1.0, 2.0, 3.0]
    assert seen.epochs[-1].val_accuracy == accuracy
    assert [p.step for p in seen.epochs] == [8, 16, 24]
    x, y = blobs(128, seed=1).tensors
    model.eval()
    with torch.no_grad():
        assert seen.epochs[-1].val_loss == pytest.approx(float(F.cross_entropy(model(x), y)), rel=1e-5)
    assert (seen.setting.train_n, seen.setting.val_n, seen.setting.batch_size, seen.setting.classes) == (
        256,
        128,
        32,
        K,
    )
    assert (seen.setting.optimizer, seen.setting.lr, seen.setting.momentum) == ("SGD", 0.05, 0.9)
    assert seen.epochs[-1].clean_n == 256
    assert seen.epochs[-1].clean_accuracy > 0.9


def test_losses_of_steps_are_those_of_the_loop():
    model = net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer)
    losses = []
    for x, y in doc.watch(loaders()[0]):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        doc.log(loss=loss.item())
    seen = doc.observation()
    assert seen.steps.loss == pytest.approx(losses, rel=1e-5)
    assert seen.loop.outputs.loss_correlation == pytest.approx(1.0)


def test_a_sound_loop_is_seen_to_be_sound():
    loop = watched()[0].observation().loop
    assert (loop.optimizer_steps, loop.backwards, loop.window_steps, loop.stale, loop.val_in_train) == (
        24,
        24,
        24,
        0,
        0,
    )
    assert (loop.mode_layers, loop.train_in_eval, loop.val_forwards, loop.val_updates) == (3, 0.0, 6, 0)
    assert all(p.changed is not False for p in loop.parameters)
    assert loop.outputs.agreement == pytest.approx(1.0, abs=1e-6)


def test_accumulation_is_counted():
    loop = watched(accumulate=2)[0].observation().loop
    assert (loop.optimizer_steps, loop.backwards, loop.train_forwards, loop.stale) == (12, 24, 24, 0)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16], ids=str)
def test_mixed_precision_is_the_same_to_the_bit_and_seen(half):
    models = []
    for attached in (False, True):
        model = net()
        optimizer = sgd(model)
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12) if half == torch.float16 else None
        doc = striate.attach(model, optimizer, budget=INF) if attached else None
        train(model, optimizer, *loaders(), doc, amp=half, scaler=scaler)
        models.append(model)
    assert same(*models)
    seen = doc.observation()
    assert seen.setting.assumed == ()
    assert seen.loop.outputs.agreement > 0.999
    assert (seen.loop.outputs.scale is None) == (half == torch.float16)
    assert seen.inside.layers[0].grad[0] < 100


@pytest.mark.parametrize("way", ["object", "in place", "compiled later"])
def test_compiled_models(way):
    plain, model = net(), net()
    call = torch.compile(model, backend="eager") if way == "object" else model
    plain_call = torch.compile(plain, backend="eager") if way == "object" else plain
    if way == "in place":
        model.compile(backend="eager")
        plain.compile(backend="eager")
    optimizer = sgd(model)
    doc = striate.attach(call, optimizer, budget=INF)
    if way == "compiled later":
        call = torch.compile(model, backend="eager", fullgraph=True)
        plain_call = torch.compile(plain, backend="eager", fullgraph=True)
    train(plain, sgd(plain), *loaders(), call=plain_call)
    train(model, optimizer, *loaders(), doc, call=call)
    assert same(plain, model)
    seen = doc.observation()
    if way == "compiled later":
        assert seen.loop is None
        assert any("compiled" in line for line in seen.setting.assumed)
    else:
        assert seen.loop.optimizer_steps == 24
        assert seen.epochs[-1].val_n == 128
        assert seen.setting.assumed == ()
        assert len(seen.inside.step) > 3
    doc.detach()
    if way == "in place":
        assert model._compiled_call_impl.__name__ != "called"


# --- odd input -------------------------------------------------------------------------------------------


class Wrapped(nn.Module):
    """Called by keyword, answers with a dict, as libraries do."""

    def __init__(self) -> None:
        super().__init__()
        self.net = net()

    def forward(self, pixel_values, labels=None):
        logits = self.net(pixel_values)
        loss = None if labels is None else F.cross_entropy(logits, labels)
        return {"loss": loss, "logits": logits}


def test_a_model_called_by_keyword_that_returns_a_dict():
    data = [{"pixel_values": x, "labels": y} for x, y in DataLoader(blobs(), 32)]
    models = []
    for attached in (False, True):
        model = Wrapped()
        optimizer = sgd(model)
        doc = striate.attach(model, optimizer, budget=INF)
        torch.manual_seed(0)
        for _ in range(2):
            for batch in doc.watch(data) if attached else data:
                optimizer.zero_grad()
                model(**batch)["loss"].backward()
                optimizer.step()
        models.append(model)
    assert same(*models)
    seen = doc.observation()
    assert seen.setting.assumed == ()
    assert len(seen.epochs) == 1
    assert seen.loop.outputs.agreement == pytest.approx(1.0, abs=1e-6)
    assert all(np.isfinite(seen.inside.before))
    assert len(seen.inside.before) > 3


def one_pass(targets, loss, model=None):
    x, _ = blobs(64).tensors
    model = model or net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer, budget=INF)
    for a, b in doc.watch(DataLoader(TensorDataset(x, targets), 16)):
        optimizer.zero_grad()
        loss(model(a), b).backward()
        optimizer.step()
    return doc


def test_soft_targets():
    y = blobs(64).tensors[1]
    doc = one_pass(0.9 * F.one_hot(y, K) + 0.025, F.cross_entropy)
    assert doc.observation().setting.assumed == ()
    assert doc.observation().loop.outputs.agreement == pytest.approx(1.0, abs=1e-6)


REFUSED = {
    "regression": (torch.rand(64), lambda z, y: F.mse_loss(z[:, 0], y), "real numbers"),
    "multi-label": (
        torch.randint(0, 2, (64, K)).float(),
        F.binary_cross_entropy_with_logits,
        "several labels",
    ),
    "dense": (torch.zeros(64, 3, 8), lambda z, y: z.sum() + y.sum(), "no targets"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_classification_is_refused_by_name_and_trained_all_the_same(name):
    targets, loss, words = REFUSED[name]
    doc = one_pass(targets, loss)
    found = doc.diagnose()
    assert found.verdict == "unclear"
    assert words in str(found)
    assert not found.findings


def test_an_optimiser_of_another_model():
    found = watched(optimizer=sgd(net()))[0].diagnose()
    assert found.findings[0].condition == "parameters-not-updated"
    assert "another network" in str(found)


def test_a_rate_of_zero_throughout_is_diagnosed():
    model = net()
    assert "no better than guessing" in str(watched(model, sgd(model, lr=0.0), epochs=10)[0].diagnose())


def test_a_batch_that_nobody_used_belongs_to_the_pass_that_it_came_in():
    model = net()
    observer = Observer(model, [sgd(model)])
    train_loader, val_loader = loaders()
    for _ in range(2):
        observer.begin_pass("train", train_loader)
        for batch in train_loader:
            observer.batch("train", batch)
        # The validation comes before the end of the training pass, as other libraries have it.
        observer.begin_pass("val", val_loader)
        for batch in val_loader:
            observer.batch("val", batch)
        observer.end_pass("val", val_loader)
        observer.end_pass("train", train_loader)
    seen = observer.observation()
    assert (seen.data.train.n, seen.data.val.n) == (256, 128)
    assert all(math.isnan(w) for w in seen.steps.wait)


def test_arguments_are_refused_by_name():
    model = net()
    with pytest.raises(ValueError, match=r"torch\.nn\.Module"):
        striate.attach("model", sgd(model))
    with pytest.raises(ValueError, match="optimizer"):
        striate.attach(model, [])
    with pytest.raises(ValueError, match="'train' or 'val'"):
        striate.attach(model, sgd(model)).watch([], "test")
    with pytest.raises(ValueError, match="frozn"):
        striate.attach(model, sgd(model)).declare(frozn=["a"])


def test_nothing_watched_yet_is_unclear():
    model = net()
    found = striate.attach(model, sgd(model)).diagnose()
    assert (found.verdict, found.findings) == ("unclear", ())


def test_memory_stays_bounded():
    model = net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer, budget=INF)
    sizes = []
    for epochs in (10, 60):
        train(model, optimizer, *loaders(), doc, epochs=epochs)
        sizes.append(len(doc.observation().to_json(indent=None)))
    assert sizes[1] < 1.6 * sizes[0] + 200_000


def test_saved_and_read_back(tmp_path):
    doc, _, _ = watched()
    path = doc.save(tmp_path / "observation.json")
    assert type(doc.observation()).from_json(path.read_text()).loop == doc.observation().loop
