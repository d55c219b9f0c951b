"""Sick, healthy and near-miss runs for A2."""

from __future__ import annotations

import pytest

from striate.core.layer_records import LayerFact
from striate.diagnosis.conditions.depth_without_skips import CONDITION
from tests.patients.moving import activation, inside, network, point, run

DEEP = network(convolutions=31, normalisations=31)


def test_sick_deep_plain():
    found = CONDITION.examine(run(network=DEEP))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_only_worth_knowing_when_weights_hardly_moved_or_a_layer_is_dead():
    for seen in (inside(ratio=1e-4), inside(activations=(activation(0, dead=1.0),))):
        assert CONDITION.examine(run(network=DEEP, inside=seen)).severity == "info"


def test_near_miss_branches_joined_by_concatenation():
    joined = LayerFact(name="join", kind="cat", output_shape=(8, 4, 4), parameters=0)
    dense = network(convolutions=120, layers=(joined,))
    assert CONDITION.examine(run(network=dense)).state == "absent"


@pytest.mark.parametrize(
    "more",
    [{"convolutions": 19}, {"convolutions": 55, "additions": 27}],
    ids=["shallow", "residual"],
)
def test_healthy(more):
    assert CONDITION.examine(run(network=network(**more))).state == "absent"


def test_near_miss_deep_and_learnt():
    assert CONDITION.examine(run(network=DEEP, epochs=(point(0.97, 0.1),))).state == "absent"


def test_unseen():
    assert CONDITION.examine(run(network=None)).state == "unseen"
