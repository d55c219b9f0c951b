"""Sick, healthy and near-miss runs for O3."""

from __future__ import annotations

from striate.core.observation_records import Declared
from striate.diagnosis.conditions.parameters_not_updated import CONDITION
from tests.patients.moving import activation, inside, layer
from tests.patients.seen import case, loop, parameter

HEAD = parameter("head.weight", 100)


def test_sick_stem_left_out_of_the_optimiser():
    stem = parameter("stem.weight", 900, in_optimizer=False, changed=False)
    found = CONDITION.examine(case(loop=loop(parameters=(stem, HEAD))))
    assert (found.state, found.severity) == ("present", "critical")
    assert found.where.layers == ("stem",)
    assert "1 tensor in no parameter group of the optimiser: stem.weight" in found.evidence[0].sentence


def test_sick_branch_cut_off_from_the_loss():
    stem = parameter("stem.weight", 100, gradient="none", changed=False)
    found = CONDITION.examine(case(loop=loop(parameters=(stem, parameter("head.weight", 900)))))
    assert (found.state, found.severity) == ("present", "warning")


def test_sick_never_stepped():
    found = CONDITION.examine(case(loop=loop(optimizer_steps=0)))
    assert (found.state, found.severity) == ("present", "critical")


def test_sick_optimiser_of_another_network():
    assert CONDITION.examine(case(loop=loop(foreign_optimizer=True))).severity == "critical"


def test_healthy():
    assert CONDITION.examine(case(loop=loop())).state == "absent"


def test_near_miss_frozen_and_declared_or_switched_off():
    kept = parameter("stem.conv.weight", 900, in_optimizer=False, changed=False)
    for declared in (Declared(frozen=("stem",)), Declared(frozen=("stem.*",))):
        assert (
            CONDITION.examine(case(loop=loop(parameters=(kept, HEAD)), declared=declared)).state == "absent"
        )
    off = parameter(
        "stem.weight", 900, requires_grad=False, in_optimizer=False, changed=False, gradient="none"
    )
    assert CONDITION.examine(case(loop=loop(parameters=(off, HEAD)))).state == "absent"


def test_near_miss_a_crumb_that_is_never_used():
    crumb = parameter("temperature", 1, gradient="none", changed=False)
    assert CONDITION.examine(case(loop=loop(parameters=(crumb, parameter("w", 10_000))))).state == "absent"


def test_near_miss_steps_that_amp_left_out_and_warm_up_from_zero():
    still = (parameter("stem.weight", changed=None), HEAD)
    for more in ({"skipped_steps": 3}, {"zero_rate_steps": 3}):
        found = CONDITION.examine(case(loop=loop(optimizer_steps=6, parameters=still, **more)))
        assert found.state == "unseen"
    assert CONDITION.examine(case()).state == "unseen"


def test_near_miss_a_layer_that_is_dead_from_the_start():
    stem = parameter("stem.weight", 900, gradient="zero", changed=False)
    for dead, state in ((1.0, "absent"), (0.9, "present")):
        seen = inside(activations=(activation(0, dead=dead),))
        assert CONDITION.examine(case(loop=loop(parameters=(stem, HEAD)), inside=seen)).state == state
    # What the optimiser does not hold is left out all the same.
    left_out = parameter("neck.weight", 900, in_optimizer=False, changed=False)
    seen = inside(activations=(activation(0, dead=1.0),))
    found = CONDITION.examine(case(loop=loop(parameters=(stem, left_out, HEAD)), inside=seen))
    assert found.state == "present"


def test_near_miss_gradients_that_vanish_below_the_last_bit():
    fading = inside(layers=1).model_copy(
        update={"layers": tuple(layer(i, grad=0.1 * 0.01**i) for i in reversed(range(6)))}
    )
    shrinking = fading.model_copy(
        update={
            "layers": tuple(x.model_copy(update={"depth": 5 - i}) for i, x in enumerate(fading.layers[::-1]))
        }
    )
    stem = parameter("stem.weight", 100, gradient="seen", changed=False)
    seen = loop(parameters=(stem, parameter("head.weight", 900)))
    assert CONDITION.examine(case(loop=seen, inside=shrinking)).state == "absent"
    assert CONDITION.examine(case(loop=seen, inside=inside())).state == "present"
