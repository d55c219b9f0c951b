"""Sick, healthy and near-miss runs for G2."""

from __future__ import annotations

from typing import Any

import pytest

from striate.core.data_observation import AgreementSeen, DataSeen
from striate.core.inside_records import Inside, LayerSeries, NetworkSeen
from striate.core.layer_records import LayerFact
from striate.diagnosis.conditions.underfitting import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, loop, parameter

LOW = observed(towards(0.3, 0.55, 30, 12), towards(0.3, 0.54, 30, 12))


def network(*widths: int, head: int = 10) -> NetworkSeen:
    """3x3 convolutions of the given widths, and a dense head."""
    before, layers = 3, []
    for i, width in enumerate(widths):
        weights = 9 * before * width
        layers.append(
            LayerFact(
                name=f"conv{i}", kind="Conv2d", output_shape=(width, 8, 8), parameters=weights, kernel=(3, 3)
            )
        )
        layers.append(
            LayerFact(name=f"norm{i}", kind="BatchNorm2d", output_shape=(width, 8, 8), parameters=2 * width)
        )
        before = width
    layers.append(LayerFact(name="head", kind="Linear", output_shape=(head,), parameters=(before + 1) * head))
    return NetworkSeen(kind="Net", input_size=(3, 32, 32), parameters=1000, layers=tuple(layers))


def seen(epochs=LOW, **parts: Any):
    return CONDITION.examine(case(epochs=epochs, **parts))


def test_low_and_level_alone_is_a_suspicion_and_a_remark():
    found = seen()
    assert (found.state, found.severity) == ("suspected", "info")
    assert "the task may also be hard" in found.sentence


def test_sick_bottleneck():
    found = seen(network=network(32, 64, 2, 64))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.where.layers == ("conv2",)
    assert "everything passes conv2, which is 2 wide after 64, for 10 classes" in found.sentence


def test_sick_few_channels():
    found = seen(network=network(2, 4, 4))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_sick_other_judges_do_better():
    agreement = AgreementSeen(neighbours=1000, neighbours_right=700, chance=0.1)
    found = seen(data=DataSeen(agreement=agreement))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[0].value == 0.7


def test_near_miss_a_hard_task_on_which_other_judges_do_no_better():
    agreement = AgreementSeen(neighbours=1000, neighbours_right=560, chance=0.1)
    assert seen(data=DataSeen(agreement=agreement), network=network(16, 32, 64)).severity == "info"


def test_healthy():
    assert (
        seen(observed(towards(0.3, 0.97, 30), towards(0.3, 0.95, 30)), network=network(32, 64, 2, 64)).state
        == "absent"
    )


def _inside(update: float) -> Inside:
    layer = LayerSeries(
        name="conv0",
        kind="conv",
        depth=0,
        parameters=100,
        width=16,
        grad=(1.0,) * 4,
        weight=(1.0,) * 4,
        update=(update,) * 4,
    )
    return Inside(step=(1, 2, 3, 4), lr=(0.1,) * 4, layers=(layer,))


def test_near_miss_weights_that_hardly_move():
    assert seen(inside=_inside(1e-5)).state == "absent"
    assert seen(inside=_inside(1e-3)).state == "suspected"


@pytest.mark.parametrize(
    ("epochs", "because"),
    [
        (observed([0.1] * 10, [0.101] * 10), "guessing"),
        (observed(towards(0.3, 0.85, 30, 12), towards(0.3, 0.60, 30, 12)), "above val"),
        (observed([0.3 + 0.02 * i for i in range(10)], [0.29 + 0.02 * i for i in range(10)]), "still rising"),
        (
            observed(towards(0.3, 0.7, 30, 12), towards(0.3, 0.7, 30, 12), train=towards(0.2, 0.5, 30, 12)),
            "hold train down",
        ),
        (observed([0.45] * 20, [0.44] * 20, train=[0.8] * 20), "eval mode"),
    ],
    ids=["chance", "gap", "rising", "held_down", "eval"],
)
def test_near_misses(epochs, because):
    found = seen(epochs, network=network(32, 64, 2, 64))
    assert found.state == "absent"
    assert because in found.why


def test_near_miss_train_as_trained_is_low_and_val_is_not():
    points = observed(
        [0.95] * 20,
        towards(0.4, 0.93, 20, 12),
        train=[0.7] * 20,
        without=("clean_accuracy", "clean_n", "clean_loss"),
    )
    assert seen(points).state == "absent"


def test_unseen():
    assert CONDITION.examine(case()).state == "unseen"


def judged(clean: list[float], val: list[float], right: int, **parts: Any):
    """Neighbours of 1,000 val images."""
    agreement = AgreementSeen(neighbours=1000, neighbours_right=right, chance=0.1)
    return seen(observed(clean, val), data=DataSeen(agreement=agreement), **parts)


def test_sick_still_rising_and_simple_judges_out_of_reach():
    found = judged([0.15 + 0.02 * i for i in range(14)], [0.15 + 0.016 * i for i in range(14)], 980)
    assert (found.state, found.severity) == ("suspected", "warning")
    assert found.headline == "Underfitting: simple judges do better than the network."


def test_near_miss_nearly_there_and_a_little_behind_simple_judges_is_a_remark():
    found = judged(towards(0.3, 0.95, 30, 12), towards(0.3, 0.93, 30, 12), 985)
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_what_is_frozen_is_meant_to_fall_behind():
    curve = [0.15 + 0.02 * i for i in range(14)]
    parts = (parameter("body", 900, requires_grad=False), parameter("head", 100))
    found = judged(curve, curve, 980, loop=loop(parameters=parts))
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_on_the_way_to_what_judges_get():
    agreement = AgreementSeen(neighbours=1000, neighbours_right=850, chance=0.1)
    rising = [0.3 + 0.05 * i for i in range(10)]
    epochs = observed(rising, [0.96 * a for a in rising], lr=[0.1] * 10)
    assert seen(epochs, data=DataSeen(agreement=agreement)).state == "absent"


def test_near_miss_training_images_are_learnt_and_val_is_not():
    assert judged(towards(0.3, 0.99, 30, 12), towards(0.3, 0.93, 30, 12), 985).state == "absent"
