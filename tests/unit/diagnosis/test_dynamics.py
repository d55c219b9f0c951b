"""What is derived from the inside of a network, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.core.inside_records import Inside
from striate.diagnosis.dynamics import Dynamics, median
from tests.patients.moving import STEPS, inside, layer, run, series
from tests.patients.seen import setting


def test_bend_is_what_curvature_takes_back_of_the_promise():
    """f(x) = h x^2 / 2 from x: g = h x, step -lr g: promise -lr g^2, change -lr g^2 + h lr^2 g^2 / 2, so the bend is h lr / 2."""
    h, lr, x = 4.0, 0.1, 3.0
    y = x - lr * h * x
    seen = inside(
        predicted=(-lr * (h * x) ** 2,) * len(STEPS),
        before=(h * x * x / 2,) * len(STEPS),
        after=(h * y * y / 2,) * len(STEPS),
    )
    assert Dynamics(run(inside=seen)).bend == pytest.approx(h * lr / 2)


def test_a_promise_below_rounding_is_not_heard():
    seen = inside(predicted=(-1e-8,) * len(STEPS))
    assert math.isnan(Dynamics(run(inside=seen)).bend)


def test_path_is_the_ratio_times_steps_for_the_median_layer():
    layers = tuple(layer(i, ratio=r) for i, r in enumerate((0.001, 0.002, 0.5)))
    adam = setting(optimizer="Adam")
    moves = Dynamics(run(inside=inside().model_copy(update={"layers": layers}), setting=adam))
    assert moves.path == pytest.approx(0.002 * 400)
    assert moves.ratio == pytest.approx(0.002)


def test_samples_of_a_warm_up_stand_for_the_whole_run():
    """Updates are in proportion to the rate: a tenth of it while samples were taken, a full one for the rest."""
    early = inside(ratio=0.0005, bend=0.02, lr=0.01)
    moves = Dynamics(run(inside=early, steps=series(lr=(0.1,) * 100), setting=setting(optimizer="AdamW")))
    assert moves.path == pytest.approx(0.005 * 400)
    assert moves.mean_bend == pytest.approx(0.2)


def test_first_steps_of_momentum_count_for_what_they_will_be():
    """At step 1 the buffer holds one gradient, in the end 1 / (1 - m) of them."""
    one = layer(0, grad=(0.1,), weight=(1.0,), update=(0.001,))
    seen = Inside(step=(1,), lr=(0.1,), layers=(one,))
    assert Dynamics(run(inside=seen)).path == pytest.approx(0.01 * 400)


def test_frozen_layers_are_left_out_of_the_path_and_of_profiles():
    frozen = layer(0, ratio=0.0, grad=math.nan)
    both = inside().model_copy(update={"layers": (frozen, layer(1, ratio=0.002))})
    moves = Dynamics(run(inside=both, setting=setting(optimizer="Adam")))
    assert moves.path == pytest.approx(0.8)
    assert moves.trained_names == ("conv1",)
    assert len(moves.gradient_profile.values) == 1


def test_profile_compares_the_first_quarter_with_the_last():
    layers = tuple(layer(i, grad=10.0 ** (i - 7)) for i in range(8))
    profile = Dynamics(run(inside=inside().model_copy(update={"layers": layers}))).gradient_profile
    assert profile.first_over_last == pytest.approx(np.median([1e-7, 1e-6]) / np.median([0.1, 1.0]))


def test_layers_are_sorted_by_depth():
    layers = (layer(1), layer(0))
    assert [x.depth for x in Dynamics(run(inside=inside().model_copy(update={"layers": layers}))).layers] == [
        0,
        1,
    ]


def test_share_above_passes_over_the_start_and_single_batches():
    losses = [9.0] * 10 + [1.0] * 90
    losses[50] = 9.0
    assert Dynamics(run(steps=series(losses))).share_above(2.0) == 0.0
    assert Dynamics(run(steps=series([1.0] * 50 + [9.0] * 50))).share_above(2.0) == pytest.approx(48 / 86)
    assert Dynamics(run(steps=series([1.0] * 50 + [math.nan] * 50))).share_above(2.0) > 0.5


@pytest.mark.parametrize(
    ("lr", "burst"),
    [
        ((0.1,) * 10 + (3.0,) * 10 + (0.1,) * 80, True),
        ((0.1,) * 100, False),
        (tuple(0.1 * (1 + math.cos(math.pi * i / 100)) for i in range(100)), False),
        (tuple(10 ** (-i / 25) for i in range(100)), False),
        ((3.0,) * 40 + (0.1,) * 60, False),
    ],
    ids=["burst", "constant", "cosine", "exponential", "two-levels"],
)
def test_burst_is_short_and_falls_back_at_once(lr, burst):
    found = Dynamics(run(steps=series(lr=lr))).burst
    assert (found is not None) is burst
    if found:
        assert found.times == pytest.approx(30)
        assert found.steps == 40


def test_nothing_measured_is_nan_and_no_error():
    moves = Dynamics(run(inside=None))
    assert math.isnan(moves.bend)
    assert math.isnan(moves.path)
    assert math.isnan(moves.gradient_profile.first_over_last)
    assert math.isnan(median(np.array([math.nan])))
