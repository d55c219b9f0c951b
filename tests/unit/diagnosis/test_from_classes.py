"""The number of classes that curves tell, and that they do not tell where no law holds."""

from __future__ import annotations

import math

import pytest

from striate.diagnosis.curves import Curves
from striate.diagnosis.from_classes import guessed_classes
from tests.histories import observed, towards

N = 12


def told(clean, val, loss, val_loss=None) -> int:
    points = observed(clean, val, train=clean, train_loss=loss, val_loss=val_loss or loss)
    return guessed_classes(Curves(points, 0))


@pytest.mark.parametrize("k", [2, 4, 10, 100])
def test_who_guesses_tells(k):
    assert told([1 / k] * N, [1 / k] * N, [math.log(k) + 0.002] * N) == k


def test_who_guesses_at_an_enormous_loss_tells():
    assert told([0.11] * N, [0.12] * N, [240.0] * N) == 9


@pytest.mark.parametrize("k", [4, 10, 30])
def test_a_softmax_before_the_loss_tells(k):
    learnt = towards(0.3, 0.99, N)
    floor = math.log(math.e + k - 1) - 1
    assert told(learnt, learnt, [floor + 1 - a for a in learnt]) == k


def test_who_learns_does_not_tell():
    learnt = towards(0.3, 0.95, N)
    assert told(learnt, learnt, towards(2.0, 0.1, N)) == 0
    assert told(towards(0.2, 0.5, N), towards(0.2, 0.5, N), towards(2.0, 1.3, N)) == 0
