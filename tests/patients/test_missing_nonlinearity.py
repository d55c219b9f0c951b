"""Sick, healthy and near-miss runs for A8."""

from __future__ import annotations

from striate.core.layer_records import LayerFact
from striate.diagnosis.conditions.missing_nonlinearity import CONDITION
from tests.patients.moving import inside, network, point, run


def fact(kind: str) -> LayerFact:
    return LayerFact(name=kind, kind=kind, output_shape=(8, 4, 4), parameters=0)


POOLED = tuple(fact(kind) for kind in ("Conv2d", "MaxPool2d", "Conv2d", "Flatten", "Linear"))


def test_sick_only_affine_maps():
    found = CONDITION.examine(run(network=network(nonlinear=False, affine_residual=2e-7)))
    assert (found.state, found.severity) == ("present", "warning")
    assert [e.name for e in found.evidence] == ["layers", "affine_residual"]


def test_sick_where_the_walk_could_not_tell():
    assert CONDITION.examine(run(network=network(nonlinear=None, affine_residual=2e-7))).state == "present"


def test_sick_only_pooling_is_suspected():
    found = CONDITION.examine(run(network=network(layers=POOLED), inside=inside(activations=())))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_one_linear_layer_is_meant():
    assert CONDITION.examine(run(network=network(nonlinear=False), inside=inside(layers=1))).state == "absent"


def test_near_miss_straight_boundaries_are_enough():
    linear = network(nonlinear=False, affine_residual=2e-7)
    assert CONDITION.examine(run(network=linear, epochs=(point(0.98, 0.1),))).severity == "info"


def test_near_miss_dead_units_answer_the_same_to_all():
    assert CONDITION.examine(run(network=network(affine_residual=0.0))).state == "absent"


def test_near_miss_a_non_linearity_of_ones_own():
    own = (*POOLED, fact("MySquash"))
    assert (
        CONDITION.examine(run(network=network(layers=own), inside=inside(activations=()))).state == "absent"
    )


def test_unseen():
    assert CONDITION.examine(run(network=None)).state == "unseen"
    assert CONDITION.examine(run(network=network(nonlinear=None, affine_residual=None))).state == "unseen"
