"""Sick, healthy and near-miss runs for A2."""

from __future__ import annotations

import pytest

from striate.core.layer_records import LayerFact
from striate.diagnosis.conditions.bad_initialisation import CONDITION as INITIAL
from striate.diagnosis.conditions.depth_without_skips import CONDITION
from tests.patients.moving import activation, inside, network, point, run

DEEP = network(convolutions=31, normalisations=31)


def test_sick_deep_plain():
    found = CONDITION.examine(run(network=DEEP))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_only_worth_knowing_when_weights_hardly_moved_or_a_layer_is_dead():
    for seen in (inside(ratio=1e-4), inside(activations=(activation(0, dead=1.0),))):
        assert CONDITION.examine(run(network=DEEP, inside=seen)).severity == "info"


def test_sick_the_signal_fades_by_depth_alone():
    """0.87 of it is kept at each of 31 layers: 1.3 % in the end."""
    fading = inside(ratio=1e-4, activations=tuple(activation(i, std=0.8 * 0.87**i) for i in range(32)))
    case = run(network=network(convolutions=32), inside=fading, epochs=(point(0.1, 2.3),))
    found = CONDITION.examine(case)
    assert (found.severity, found.evidence[-1].name) == ("warning", "std_ratio")
    assert INITIAL.examine(case).state == "absent"


def test_near_miss_branches_joined_by_concatenation():
    joined = LayerFact(name="join", kind="cat", output_shape=(8, 4, 4), parameters=0)
    dense = network(convolutions=120, layers=(joined,))
    assert CONDITION.examine(run(network=dense)).state == "absent"


@pytest.mark.parametrize(
    "more",
    [
        {"convolutions": 19, "normalisations": 19},
        {"convolutions": 13},
        {"convolutions": 55, "additions": 27},
        {"convolutions": 55, "additions": 27, "shortest": 4},
    ],
    ids=["shallow", "shallow_without_norms", "residual", "residual_by_its_shortest_way"],
)
def test_healthy(more):
    assert CONDITION.examine(run(network=network(**more))).state == "absent"


def test_sick_without_norms_fewer_will_do():
    assert CONDITION.examine(run(network=network(convolutions=16))).found


def test_sick_a_few_additions_leave_a_long_way():
    found = CONDITION.examine(
        run(network=network(convolutions=35, additions=3, shortest=30, normalisations=35))
    )
    assert found.found


def test_near_miss_deep_and_learnt():
    assert CONDITION.examine(run(network=DEEP, epochs=(point(0.97, 0.1),))).state == "absent"


def test_unseen():
    assert CONDITION.examine(run(network=None)).state == "unseen"
