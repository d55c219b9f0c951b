"""A fit of Lightning with the callback is the fit without it, and what is seen of it is true."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.loops import blobs, loaders, net

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own imports warn of is no news of ours
    L = pytest.importorskip("lightning.pytorch", reason="Lightning is not installed: `make callbacks`")

from striate.callbacks.lightning import UNFOUND, Striate

pytestmark = pytest.mark.filterwarnings("default")
INF = float("inf")


class Base(L.LightningModule):
    """A usual module; `how` says what its training step calls."""

    def __init__(self, how: str = "self", lr: float = 0.05) -> None:
        super().__init__()
        self.how, self.lr = how, lr
        self.model = net()
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.model(x)

    def scores(self, x):
        if self.how == "self":
            return self(x)
        if self.how == "child":
            return self.model(x)
        features = self.model[:-1](x)
        return self.model[-1](features)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return self.criterion(self.scores(x), y)

    def validation_step(self, batch, batch_idx):
        x, y = batch
        z = self.scores(x)
        self.log("val_loss", F.cross_entropy(z, y))
        self.log("val_acc", (z.argmax(1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)


class Manual(Base):
    """Steps by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch, batch_idx):
        x, y = batch
        optimizer = self.optimizers()
        optimizer.zero_grad()
        self.manual_backward(F.cross_entropy(self(x), y))
        optimizer.step()


def fit(module, callbacks=(), *, batch: int = 32, **more):
    settings = {"max_epochs": 3, "num_sanity_val_steps": 2, "logger": False, "enable_checkpointing": False}
    settings |= {"enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    trainer = L.Trainer(callbacks=list(callbacks), **{**settings, **more})
    torch.manual_seed(1)
    trainer.fit(module, *loaders(batch))
    return trainer


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(
        torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def hooks_of(module: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


WAYS = {
    "the whole": (lambda: Base("self"), {}),
    "a child": (lambda: Base("child"), {}),
    "by hand": (Manual, {}),
    "accumulation": (Base, {"accumulate_grad_batches": 2}),
    "bf16": (Base, {"precision": "bf16-mixed"}),
    "clipped": (Base, {"gradient_clip_val": 0.5}),
    "within an epoch": (Base, {"val_check_interval": 4}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_watched_fit_is_the_same_to_the_bit_and_seen(way, capsys):
    make, more = WAYS[way]
    plain, watched = make(), make()
    fit(plain, **more)
    callback = Striate(budget=INF)
    trainer = fit(watched, [callback], **more)
    assert same(plain, watched)
    assert hooks_of(watched) == 0
    assert not any(o._optimizer_step_pre_hooks or o._optimizer_step_post_hooks for o in trainer.optimizers)
    seen = callback.doctor.observation()
    assert seen.setting.assumed == ()
    accumulate = more.get("accumulate_grad_batches", 1)
    assert seen.loop.optimizer_steps == 24 // accumulate
    assert (seen.loop.train_forwards, seen.loop.backwards, seen.loop.stale) == (24, 24, 0)
    assert seen.declared.accumulation == accumulate
    assert seen.epochs[-1].val_n == 128
    assert len(seen.epochs) == (6 if way == "within an epoch" else 3)
    if accumulate == 1 and way != "bf16":
        assert seen.epochs[-1].val_accuracy == pytest.approx(float(trainer.callback_metrics["val_acc"]))
        assert seen.epochs[-1].val_loss == pytest.approx(
            float(trainer.callback_metrics["val_loss"]), rel=1e-4
        )
    assert (seen.setting.train_n, seen.setting.val_n, seen.setting.batch_size) == (256, 128, 32)
    assert (seen.setting.optimizer, seen.setting.planned_epochs) == ("SGD", 3)
    assert seen.loop.outputs.agreement > 0.99
    assert all(p.gradient == "seen" and p.in_optimizer for p in seen.loop.parameters)
    steps = 24 // accumulate
    assert seen.inside.step == tuple(s for s in (1, 2, 4, 8, 16) if s <= steps)
    assert (seen.loop.train_in_eval, seen.loop.val_in_train) == (0.0, 0.0)
    waits = [(w, s) for w, s in zip(seen.steps.wait, seen.steps.seconds, strict=True) if s == s]
    assert len(waits) > steps // 2
    assert all(0 <= w <= s for w, s in waits)
    found = {f.condition for f in callback.diagnosis.findings if f.severity != "info"}
    assert found <= {"validation-too-small"}  # 128 images
    assert callback.diagnosis.headline in capsys.readouterr().out


def test_a_classifier_in_pieces_is_said_to_be_unseen():
    plain, watched = Base("pieces"), Base("pieces")
    fit(plain)
    callback = Striate(show=False)
    fit(watched, [callback])
    assert same(plain, watched)
    assert UNFOUND in callback.doctor.observation().setting.assumed
    assert callback.diagnosis.verdict == "unclear"


def test_a_fault_is_found():
    class Astray(Base):
        def configure_optimizers(self):
            return torch.optim.SGD([*net().parameters()], lr=0.1)

    callback = Striate(show=False, budget=INF)
    fit(Astray(), [callback])
    assert "parameters-not-updated" in [f.condition for f in callback.diagnosis.findings]


def test_an_error_inside_never_reaches_the_fit(monkeypatch):
    plain, watched = Base(), Base()
    fit(plain)

    def fails(*_, **__):
        raise RuntimeError("planted")

    for where in ("scout.Scout.found", "watch.Watch.begin_pass", "watch.Watch.end_pass", "watch.Watch.close"):
        monkeypatch.setattr(f"striate.callbacks.{where}", fails)
    fit(watched, [Striate()])
    assert same(plain, watched)


def test_a_fit_that_fails_leaves_no_hooks():
    class Breaks(Base):
        def training_step(self, batch, batch_idx):
            loss = super().training_step(batch, batch_idx)
            if batch_idx == 5:
                raise RuntimeError("its own")
            return loss

    module, callback = Breaks(), Striate(show=False)
    with pytest.raises(RuntimeError, match="its own"):
        fit(module, [callback])
    assert hooks_of(module) == 0
    assert callback.diagnosis is None
    assert callback.doctor.observation().loop.optimizer_steps == 5


def test_limits_and_a_second_fit_and_validation_without_one():
    module, callback = Base(), Striate(show=False, budget=INF, ordered=True)
    trainer = fit(module, [callback], limit_train_batches=4, limit_val_batches=1)
    first = callback.doctor
    assert (first.observation().setting.train_n, first.observation().setting.val_n) == (128, 64)
    assert first.observation().declared.ordered
    trainer.validate(module, loaders()[1], verbose=False)
    assert len(first.observation().epochs) == 3
    trainer.fit_loop.max_epochs = 5
    trainer.fit(module, *loaders())
    assert callback.doctor is not first
    assert callback.doctor.observation().loop.optimizer_steps == 8
    with pytest.raises(ValueError, match="frozn"):
        Striate(frozn=["a"])
    assert len(blobs()) == 256
