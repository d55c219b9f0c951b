"""The range test reads its curve with caution and refuses what training refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import striate
from striate.training import step as training_step
from striate.training.errors import ModelMisfit, NonFiniteLoss, NothingToTrain, OutOfMemory, TooFewToTrain
from striate.verbs import lr_find as module
from striate.verbs.lr_find import as_low, suggest


def separable(n=40):
    """Dark and bright images: any network tells them apart in a few steps."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 50, (n, 16, 16, 3), dtype=np.uint8)
    y = np.arange(n) % 2
    return x + (200 * y)[:, None, None, None].astype(np.uint8), y


def test_on_a_plateau_the_first_rate_that_is_as_low_counts():
    rates = [10.0**k for k in range(-6, 2)]
    falls = [1.0, 1.0, 0.9, 0.5, 0.015, 0.011, 0.012, 0.010]
    assert (as_low(falls), suggest(rates, falls)) == (4, 1e-3)
    valley = [1.0, 1.0, 0.9, 0.5, 0.2, 0.9, 2.0, 3.0]
    assert (as_low(valley), suggest(rates, valley)) == (4, 1e-3)
    assert as_low([1.0, 1.0, 1.0]) == 0


def test_data_that_any_rate_learns_gives_a_rate_that_trains(tmp_path):
    found = striate.lr_find(separable(), precision="fp32")
    lowest = found.lr[found.loss.index(min(found.loss))]
    assert lowest > 0.1
    assert 1e-5 < found.suggestion < 3e-3
    assert found.sentence.startswith(f"Try --lr {found.suggestion:g} (adamw, batch 8): from ")
    run = striate.train(
        separable(), lr=found.suggestion, epochs=10, project=str(tmp_path), augment="none", precision="fp32"
    )
    assert run.history[-1].val_accuracy == 1.0


def test_a_range_that_no_rate_broke_is_a_weak_guess(monkeypatch):
    monkeypatch.setattr(module, "HIGHEST", 0.01)
    found = striate.lr_find(separable(), precision="fp32")
    assert found.lr[-1] == pytest.approx(0.01)
    assert found.weak
    assert "No rate up to 0.01 broke training, so this is a weak guess." in found.sentence


def test_where_training_breaks_that_is_said():
    found = striate.lr_find("digits", precision="fp32")
    assert not found.weak
    assert f"Training broke above {found.lr[-1]:.2g}. The default here is" in found.sentence
    assert found.lr[0] < found.suggestion < found.lr[-1] / 10
    assert striate.lr_find(separable(), model=Bias()).weak


class Bias(nn.Module):
    """Says the same of every image."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(2))

    def forward(self, images):
        return self.bias.expand(len(images), 2)


def linear(outputs):
    return nn.Sequential(nn.Flatten(), nn.Linear(16 * 16 * 3, outputs))


def test_a_first_loss_that_is_not_finite():
    model = linear(2)
    nn.init.constant_(model[1].bias, float("nan"))
    with pytest.raises(NonFiniteLoss) as error:
        striate.lr_find(separable(), model=model)
    assert str(error.value) == (
        "the first loss is not a finite number [non-finite-loss]\n"
        "  where     learning rate 1e-06, before any step could be too large\n"
        "  got       1.bias is not finite\n"
        "  expected  a finite loss\n"
        "  next      look at the network and its weights; --precision fp32 where the numbers overflow"
    )


def test_what_cannot_be_trained_is_refused_as_in_training():
    with pytest.raises(ModelMisfit, match="does not fit the data"):
        striate.lr_find(separable(), model=linear(3))
    with pytest.raises(NothingToTrain):
        striate.lr_find(separable(), model=linear(2).requires_grad_(False))
    with pytest.raises(TooFewToTrain):
        striate.lr_find(separable(), model="resnet20", batch_size=1)


def test_a_batch_that_does_not_fit_into_memory(monkeypatch):
    real = training_step.train_step

    def full(state, images, labels, *rest, **options):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(module, "train_step", full)
    with pytest.raises(OutOfMemory, match="too little memory") as error:
        striate.lr_find(separable(), model=linear(2), batch_size=16)
    assert error.value.next_step == "--batch-size 8"
    assert training_step.train_step is real
