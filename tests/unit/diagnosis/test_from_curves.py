"""Golden sets: what each planted fault's typical curves are taken for, and what healthy ones are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from striate.core.observation_records import EpochPoint
from striate.diagnosis.from_curves import MOST, candidates
from tests.histories import observed, towards
from tests.patients.seen import case, setting

LN10 = math.log(10)
N = 20


def noise(seed: int, size: float, n: int = N) -> list[float]:
    return [float(v) for v in np.random.default_rng(seed).normal(0, size, n)]


def log(clean, val, *, classes=10, **more: Any) -> tuple[str, ...]:
    return candidates(
        case(epochs=observed(clean, val, **more), setting=setting(source="log", classes=classes, val_n=0))
    )


CHANCE = [0.1] * N


def stuck(loss, val_loss=None) -> tuple[str, ...]:
    near = [0.1 + v for v in noise(3, 0.004)]
    return log(near, near, train=near, train_loss=loss, val_loss=val_loss or [v + 0.001 for v in loss])


CASES = {
    "non-finite": log(CHANCE, CHANCE, train_loss=[2.3, 2.2, *[math.nan] * 18]),
    "learning-rate-too-high/above": stuck([LN10 * 1.6 + v for v in noise(0, 0.4)]),
    "learning-rate-too-high/trembling": stuck([LN10 + 0.02 + v for v in noise(1, 0.02)]),
    "learning-rate-too-high/blew-up": stuck([40.0, *[LN10 + 0.01 + v for v in noise(2, 0.003, 19)]]),
    "parameters-not-updated": log(
        CHANCE, CHANCE, train=CHANCE, train_loss=[2.4312] * N, val_loss=[2.4401] * N
    ),
    "vanishing-gradient": stuck([LN10 + v for v in noise(5, 0.0002)]),
    "learning-rate-too-low/crawling": stuck([LN10 + 0.02 - 0.001 * i for i in range(N)]),
    "softmax-before-loss": log(
        towards(0.2, 0.9, N),
        towards(0.2, 0.88, N),
        train=towards(0.2, 0.9, N),
        train_loss=[1.461 + 1 - a for a in towards(0.2, 0.9, N)],
        val_loss=[1.461 + 1 - a for a in towards(0.2, 0.88, N)],
    ),
    "wrong-loss/negative": log(CHANCE, CHANCE, train_loss=[-3.0 * i for i in range(N)]),
    "wrong-loss/sum": log(towards(0.2, 0.9, N), towards(0.2, 0.9, N), train_loss=towards(150, 20, N)),
    "wrong-loss/mse": log(
        towards(0.2, 0.8, N),
        towards(0.2, 0.8, N),
        train_loss=towards(0.09, 0.03, N),
        val_loss=towards(0.09, 0.03, N),
    ),
    "preprocessing-mismatch": log(towards(0.4, 0.99, N, 12), CHANCE, val_loss=[9.0] * N),
    "labels-unrelated": log([0.1] * 6 + [0.1 + 0.05 * i for i in range(14)], CHANCE),
    "classes-swapped": log(towards(0.4, 0.99, N, 12), [0.003] * N, val_loss=[12.0] * N),
    "batch-norm-mismatch": log([0.4] * N, [0.4] * N, train=towards(0.3, 0.9, N)),
    "batch-norm-mismatch/jumping": log(
        [0.9 + v for v in noise(7, 0.01)], [0.7 + v for v in noise(8, 0.10)], train=towards(0.5, 0.9, N)
    ),
    "overfitting": log(towards(0.3, 1.0, 40, 8), towards(0.3, 0.62, 40, 14)),
    "label-noise": log(
        towards(0.3, 0.85, 40, 3), towards(0.3, 0.7, 10, 6) + [0.7 - 0.005 * i for i in range(30)]
    ),
    "underfitting": log(towards(0.3, 0.55, 30, 12), towards(0.3, 0.54, 30, 12)),
    "augmentation-too-strong": log(
        towards(0.3, 0.7, 30, 12), towards(0.3, 0.69, 30, 12), train=towards(0.2, 0.4, 30, 12)
    ),
    "learning-rate-too-high/lost": log(
        towards(0.2, 0.9, 10) + [0.9 - 0.05 * i for i in range(10)],
        towards(0.2, 0.9, 10) + [0.9 - 0.05 * i for i in range(10)],
    ),
    "stopped-too-early": log(
        [0.3 + 0.02 * i for i in range(10)], [0.3 + 0.02 * i for i in range(10)], lr=[0.1] * 10
    ),
    "stopped-too-early/two": log([0.3, 0.5], [0.3, 0.5]),
}


@pytest.mark.parametrize("truth", sorted(CASES))
def test_the_true_one_is_in_a_set_of_three(truth):
    names = CASES[truth]
    assert truth.partition("/")[0] in names
    assert len(names) <= MOST
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "truth",
    [
        "softmax-before-loss",
        "classes-swapped",
        "labels-unrelated",
        "preprocessing-mismatch",
        "parameters-not-updated",
        "label-noise",
    ],
)
def test_the_telling_ones_stand_first(truth):
    assert CASES[truth][0] == truth


@pytest.mark.parametrize("classes", [0, 10])
def test_healthy_curves_look_like_nothing(classes):
    assert log(towards(0.4, 0.95, N, 9), towards(0.4, 0.93, N, 9), classes=classes) == ()
    assert log(towards(0.6, 0.998, N, 9), towards(0.6, 0.99, N, 9), classes=classes) == ()


def test_a_class_that_is_never_right():
    points = [
        p.model_copy(update={"val_recall": (0.95,) * 9 + (0.1,)})
        for p in observed(towards(0.4, 0.95, N, 9), towards(0.4, 0.93, N, 9))
    ]
    assert candidates(case(epochs=tuple(points)))[0] == "class-imbalance"


def test_losses_alone():
    rise = towards(2.0, 0.8, 10) + [0.8 + 0.05 * i for i in range(20)]
    points = [
        EpochPoint(epoch=i + 1, train_loss=t, val_loss=v)
        for i, (t, v) in enumerate(zip(towards(2, 0.1, 30), rise, strict=True))
    ]
    assert candidates(case(epochs=tuple(points)))[0] == "overfitting"


def test_nothing_seen():
    assert candidates(case()) == ()


def seen(clean, val, **more: Any) -> tuple[str, ...]:
    return candidates(case(epochs=observed(clean, val, **more), setting=setting(source="log", val_n=0)))


def test_a_gap_from_the_first_is_told_by_what_the_losses_say():
    """In proportion from the first: by heart comes later. Two losses that agree put it down to the counting."""
    clean = towards(0.1, 0.86, N, 4)
    part = [0.7 * v for v in clean]
    loss = [-math.log(max(v, 0.02)) for v in clean]
    assert seen(clean, part, train_loss=loss, val_loss=loss)[0] == "metric-disagrees"
    assert "classes-swapped" in seen(clean, part, train_loss=loss, val_loss=[3 * v + 1 for v in loss])
    late = [min(v, 0.6) for v in clean]
    assert "metric-disagrees" not in seen(clean, late)


def test_better_on_val_than_on_clean_training_images_is_their_labels():
    assert seen(towards(0.1, 0.5, N, 8), towards(0.1, 0.72, N, 8))[0] == "label-noise"


def test_from_far_above_guessing_and_learning_is_a_matter_of_scale():
    names = seen(
        towards(0.1, 0.4, N),
        towards(0.1, 0.38, N),
        train_loss=towards(450, 20, N),
        val_loss=towards(450, 20, N),
    )
    assert names[:2] == ("bad-initialisation", "input-not-scaled")


def test_a_loss_that_came_to_rest_is_a_rate_that_ran_out():
    loss = [2.302, 2.299, 2.298, *[2.2975] * 17]
    assert stuck(loss)[0] == "schedule-fault"


def test_only_a_bias_learns_or_small_steps_do():
    flattening = [LN10 - 0.007 * (1 - math.exp(-i / 4)) for i in range(N)]
    assert stuck(flattening)[:2] == ("dead-relu", "bad-initialisation")
    assert stuck([LN10 - 0.0003 * i for i in range(N)])[0] == "learning-rate-too-low"
    # The same shape beyond the entropy of the labels was learnt from images.
    deep = [LN10 - 0.06 * (1 - math.exp(-i / 4)) for i in range(N)]
    assert stuck(deep)[0] == "learning-rate-too-low"


def test_a_loss_that_stays_above_guessing_without_a_sound_is_of_weights_that_stay():
    quiet = [LN10 + 0.03 + v for v in noise(7, 0.002)]
    assert stuck(quiet)[0] == "parameters-not-updated"


def test_a_loss_that_comes_down_from_far_above_with_some_noise_is_slow():
    down = [LN10 + 3.0 * 0.85**i + 0.4 + v for i, v in enumerate(noise(8, 0.02))]
    assert stuck(down)[0] == "learning-rate-too-low"


def test_batches_of_one_class_are_forgotten_while_training():
    assert log(CHANCE, CHANCE, train=[0.01] * N, train_loss=[2.5] * N, val_loss=[2.31] * N)[0] == "unshuffled"


def test_classes_need_not_be_known_where_a_run_guesses():
    found = log(CHANCE, CHANCE, classes=0, train_loss=[230.0 + v for v in noise(9, 9.0)])
    assert found[0] == "learning-rate-too-high"


def test_val_accuracy_that_falls_as_val_loss_halves():
    clean = towards(0.3, 0.99, N)
    val = [1.0, 0.98, 0.95, *towards(0.95, 0.96, N - 3)]
    found = log(clean, val, val_loss=[1.5, 0.6, 0.3, *towards(0.25, 0.1, N - 3)])
    assert found[0] == "metric-disagrees"
