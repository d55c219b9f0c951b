"""Sick, healthy and near-miss runs for A2."""

from __future__ import annotations

import pytest

from striate.diagnosis.conditions.depth_without_skips import CONDITION
from tests.patients.moving import inside, network, point, run

DEEP = network(convolutions=31, normalisations=31)


def test_sick_deep_plain_with_gradients_like_noise():
    found = CONDITION.examine(run(network=DEEP, inside=inside(gradient_correlation=(0.05,) * 5)))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_sick_deep_without_normalisation():
    assert CONDITION.examine(run(network=network(convolutions=24))).severity == "warning"


def test_only_worth_knowing_when_gradients_are_smooth_or_weights_hardly_moved():
    assert CONDITION.examine(run(network=DEEP)).severity == "info"
    still = inside(ratio=1e-4, gradient_correlation=(0.05,) * 5)
    assert CONDITION.examine(run(network=DEEP, inside=still)).severity == "info"


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
