"""A training by the Hugging Face Trainer with the callback is the training without it, and what is seen of it is true."""

from __future__ import annotations

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.loops import blobs, net

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own imports warn of is no news of ours
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed: `make callbacks`"
    )
    pytest.importorskip("accelerate", reason="accelerate is not installed: `make callbacks`")
    from transformers import Trainer, TrainingArguments

from striate.callbacks.hugging_face import NO_LABELS, Striate

pytestmark = pytest.mark.filterwarnings("default")
INF = float("inf")


class Small(nn.Module):
    """Called as the library's own models are."""

    def __init__(self) -> None:
        super().__init__()
        self.net = net()

    def forward(self, pixel_values, labels=None):
        logits = self.net(pixel_values)
        return {"loss": None if labels is None else F.cross_entropy(logits, labels), "logits": logits}


def rows(n: int, seed: int):
    return [{"pixel_values": x, "labels": int(y)} for x, y in blobs(n, seed=seed)]


def train(model, tmp_path, callbacks=(), optimizers=(None, None), **more):
    settings = {"num_train_epochs": 3, "learning_rate": 0.02, "per_device_train_batch_size": 32, "seed": 1}
    settings |= {"per_device_eval_batch_size": 64, "eval_strategy": "epoch", "save_strategy": "no"}
    settings |= {"report_to": "none", "use_cpu": True, "disable_tqdm": True, "logging_strategy": "epoch"}
    trainer = Trainer(
        model,
        TrainingArguments(str(tmp_path), **{**settings, **more}),
        train_dataset=rows(256, 0),
        eval_dataset=rows(128, 1),
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(1) == p.label_ids).mean())},
        callbacks=list(callbacks),
        optimizers=optimizers,
    )
    trainer.train()
    return trainer


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(
        torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def hooks_of(module: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def resnet():
    """One of the library's own, without weights from anywhere."""
    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        num_channels=1,
        embedding_size=8,
        hidden_sizes=[8, 16],
        depths=[1, 1],
        layer_type="basic",
        num_labels=4,
    )
    return transformers.ResNetForImageClassification(config)


WAYS = {
    "epochs": (Small, {}),
    "own model": (resnet, {}),
    "accumulation": (Small, {"gradient_accumulation_steps": 2}),
    "bf16": (Small, {"bf16": True}),
    "within an epoch": (Small, {"eval_strategy": "steps", "eval_steps": 4}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_watched_training_is_the_same_to_the_bit_and_seen(way, tmp_path, capsys):
    make, more = WAYS[way]
    plain, watched = make(), make()
    train(plain, tmp_path / "plain", **more)
    callback = Striate(budget=INF)
    trainer = train(watched, tmp_path / "watched", [callback], **more)
    assert same(plain, watched)
    assert hooks_of(watched) == 0
    assert callback.diagnosis.headline in capsys.readouterr().out
    seen = callback.doctor.observation()
    assert seen.setting.assumed == ()
    accumulate = more.get("gradient_accumulation_steps", 1)
    assert seen.loop.optimizer_steps == 24 // accumulate
    assert (seen.loop.train_forwards, seen.loop.backwards, seen.loop.stale) == (24, 24, 0)
    assert seen.declared.accumulation == accumulate
    assert len(seen.epochs) == (6 if way == "within an epoch" else 3)
    said = [row for row in trainer.state.log_history if "eval_loss" in row]
    if way != "bf16":
        assert [p.val_accuracy for p in seen.epochs] == pytest.approx([row["eval_accuracy"] for row in said])
        assert [p.val_loss for p in seen.epochs] == pytest.approx(
            [row["eval_loss"] for row in said], rel=1e-4
        )
    assert (seen.setting.train_n, seen.setting.val_n, seen.setting.batch_size) == (256, 128, 32)
    assert (seen.setting.optimizer, seen.setting.planned_epochs) == ("AdamW", 3)
    assert seen.setting.planned_steps == 24 // accumulate
    assert seen.loop.outputs.agreement > 0.99
    assert all(p.gradient == "seen" and p.in_optimizer for p in seen.loop.parameters)
    assert seen.inside.step == tuple(s for s in (1, 2, 4, 8, 16) if s <= 24 // accumulate)
    assert (seen.loop.train_in_eval, seen.loop.val_in_train) == (0.0, 0.0)
    found = {f.condition for f in callback.diagnosis.findings if f.severity != "info"}
    assert found <= {"validation-too-small"}  # 128 images
    # Batches are fetched out of sight, so nothing is said of waiting for them.
    assert all(w != w for w in seen.steps.wait)
    assert seen.epochs[-1].data_wait is None


def test_labels_that_are_taken_out_are_said_to_be_unseen(tmp_path):
    plain, watched = resnet(), resnet()
    train(plain, tmp_path / "plain", label_smoothing_factor=0.1)
    callback = Striate(show=False)
    train(watched, tmp_path / "watched", [callback], label_smoothing_factor=0.1)
    assert same(plain, watched)
    assert NO_LABELS in callback.doctor.observation().setting.assumed
    assert callback.diagnosis.verdict == "unclear"


def test_a_fault_is_found(tmp_path):
    callback = Striate(show=False, budget=INF)
    train(Small(), tmp_path, [callback], optimizers=(torch.optim.SGD(net().parameters(), lr=0.1), None))
    assert "parameters-not-updated" in [f.condition for f in callback.diagnosis.findings]


def test_an_error_inside_never_reaches_the_training(tmp_path, monkeypatch):
    plain, watched = Small(), Small()
    train(plain, tmp_path / "plain")

    def fails(*_, **__):
        raise RuntimeError("planted")

    for where in ("begin_pass", "end_pass", "say", "close"):
        monkeypatch.setattr(f"striate.callbacks.watch.Watch.{where}", fails)
    train(watched, tmp_path / "watched", [Striate()])
    assert same(plain, watched)


def test_a_second_training_begins_anew_and_prediction_is_not_watched(tmp_path):
    callback, model = Striate(show=False, budget=INF), Small()
    trainer = train(model, tmp_path, [callback])
    first = callback.doctor
    trainer.predict(rows(64, 2))
    assert len(first.observation().epochs) == 3
    trainer.train()
    assert callback.doctor is not first
    assert callback.doctor.observation().loop.optimizer_steps == 24
    with pytest.raises(ValueError, match="frozn"):
        Striate(frozn=["a"])


def test_a_copy_of_the_model_is_not_watched(tmp_path):
    copies = []

    class Copies(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, model, **_):
            copies.append(copy.deepcopy(model))
            copies[-1](torch.randn(2, 1, 8, 8))

    callback = Striate(show=False, budget=INF)
    train(Small(), tmp_path, [callback, Copies()])
    assert len(copies) == 24
    assert callback.doctor.observation().setting.assumed == ()
    assert callback.doctor.observation().loop.train_forwards == 24
