"""Sick, healthy and near-miss runs for A1."""

from __future__ import annotations

import math

from striate.diagnosis.conditions.vanishing_gradient import CONDITION
from tests.patients.moving import activation, inside, layer, network, point, run

FADING = tuple(layer(i, grad=10.0 ** (i - 11)) for i in range(12))
STUCK = (point(0.11, 2.3),)


def seen(layers=FADING, kind="Sigmoid"):
    return inside(activations=tuple(activation(i, kind=kind) for i in range(11))).model_copy(
        update={"layers": layers}
    )


def test_sick_twelve_sigmoids():
    found = CONDITION.examine(run(inside=seen(), epochs=STUCK))
    assert (found.state, found.severity) == ("present", "critical")
    assert found.where.layers == ("conv0", "conv1", "conv2")
    assert found.remedies is not None
    assert "ReLU instead of sigmoid" in found.remedies[0].change


def test_remedies_leave_out_what_is_there():
    has = network(normalisations=3, additions=2)
    found = CONDITION.examine(run(inside=seen(kind="ReLU"), epochs=STUCK, network=has))
    assert found.remedies is not None
    assert [r.change.split()[0] for r in found.remedies] == ["Initialise"]


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_a_small_gradient_that_is_enough():
    assert CONDITION.examine(run(inside=seen(), epochs=(point(0.93, 0.2),))).state == "absent"
    small = tuple(layer(i, grad=10.0 ** ((i - 11) / 3)) for i in range(12))
    assert CONDITION.examine(run(inside=seen(small), epochs=(point(0.7, 0.9),))).state == "absent"


def test_near_miss_stuck_for_another_reason():
    even = tuple(layer(i) for i in range(12))
    assert CONDITION.examine(run(inside=seen(even), epochs=STUCK)).state == "absent"


def test_near_miss_frozen_first_layers_and_few_layers():
    frozen = tuple(
        layer(i, grad=math.nan if i < 6 else 0.1, ratio=0.0 if i < 6 else 0.005) for i in range(12)
    )
    assert CONDITION.examine(run(inside=seen(frozen), epochs=STUCK)).state == "absent"
    assert CONDITION.examine(run(inside=seen(FADING[-3:]), epochs=STUCK)).state == "absent"


def test_sick_the_last_layers_learn_a_little_alone():
    found = CONDITION.examine(run(inside=seen(), epochs=(point(0.37, 1.8),)))
    assert (found.state, found.severity) == ("present", "warning")


def test_unseen():
    assert CONDITION.examine(run(inside=None)).state == "unseen"
