"""Sick, healthy and near-miss runs for A9."""

from __future__ import annotations

from striate.diagnosis.conditions.receptive_field_too_small import CONDITION
from tests.patients.moving import activation, inside, network, point, run


def test_sick_a_seventh_of_the_image():
    found = CONDITION.examine(run(network=network(field=(5, 5))))
    assert (found.state, found.severity) == ("suspected", "warning")
    assert "A unit sees 5x5 of 32x32 pixels" in found.sentence


def test_sick_under_half_and_no_better_than_guessing():
    assert (
        CONDITION.examine(run(network=network(field=(13, 13)), epochs=(point(0.11, 2.3),))).severity
        == "warning"
    )


def test_only_worth_knowing_between_the_two():
    assert CONDITION.examine(run(network=network(field=(13, 13)))).severity == "info"


def test_only_worth_knowing_when_something_simpler_is_wrong():
    for seen in (inside(ratio=1e-4), inside(activations=(activation(0, dead=0.9),))):
        assert CONDITION.examine(run(network=network(field=(5, 5)), inside=seen)).severity == "info"


def test_healthy():
    assert CONDITION.examine(run(network=network(field=(40, 40)))).state == "absent"


def test_near_miss_textures():
    assert CONDITION.examine(run(network=network(field=(5, 5)), epochs=(point(0.97, 0.1),))).state == "absent"


def test_near_miss_a_head_that_sees_all():
    assert CONDITION.examine(run(network=network(field=None))).state == "absent"


def test_unseen():
    assert CONDITION.examine(run(network=None)).state == "unseen"
