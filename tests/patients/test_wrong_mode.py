"""Sick, healthy and near-miss runs for N2."""

from __future__ import annotations

from striate.core.observation_records import Declared
from striate.diagnosis.conditions.wrong_mode import CONDITION
from tests.patients.looking import curve
from tests.patients.seen import case, loop, parameter

NORMS = ("bn1", "bn2")


def test_sick_train_is_not_called_after_the_first_validation():
    found = CONDITION.examine(
        case(loop=loop(mode_layers=4, train_in_eval=0.5, eval_layers=NORMS), epochs=curve())
    )
    assert (found.state, found.severity) == ("present", "warning")
    assert found.where.layers == NORMS


def test_sick_training_in_eval_mode_from_the_start():
    found = CONDITION.examine(case(loop=loop(mode_layers=4, train_in_eval=1.0), epochs=curve((0.1, 0.1))))
    assert (found.state, found.severity) == ("present", "critical")


def test_sick_validation_in_train_mode():
    found = CONDITION.examine(
        case(loop=loop(mode_layers=4, val_forwards=50, val_in_train=1.0), epochs=curve())
    )
    assert (found.state, found.headline) == ("present", "Validation runs in train mode.")


def test_healthy():
    assert CONDITION.examine(case(loop=loop(mode_layers=4, val_forwards=50))).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"


def test_near_miss_no_layer_minds():
    plain = loop(mode_layers=0, train_in_eval=1.0, val_forwards=50, val_in_train=1.0)
    assert CONDITION.examine(case(loop=plain)).state == "absent"


def test_near_miss_declared():
    frozen = case(loop=loop(mode_layers=4, train_in_eval=1.0), declared=Declared(batch_norm_frozen=True))
    assert CONDITION.examine(frozen).state == "absent"
    dropping = loop(mode_layers=4, val_forwards=50, val_in_train=1.0)
    meant = case(loop=dropping, declared=Declared(test_time_augmentation=True))
    assert CONDITION.examine(meant).state == "absent"


def test_near_miss_fine_tuning_with_a_frozen_backbone():
    stem = parameter("stem.weight", requires_grad=False, gradient="none", changed=False)
    tuned = loop(mode_layers=4, train_in_eval=1.0, parameters=(stem, parameter("head.weight")))
    found = CONDITION.examine(case(loop=tuned))
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_part_of_batch_norm_in_eval_mode():
    assert CONDITION.examine(case(loop=loop(mode_layers=4, train_partly_in_eval=1.0))).state == "absent"


def test_near_miss_train_evaluated_in_eval_mode_with_gradients_on():
    evaluating = loop(mode_layers=4, backwards=200, train_forwards=400, train_in_eval=0.5)
    assert CONDITION.examine(case(loop=evaluating)).state == "absent"


def test_sick_where_backward_passes_were_counted_in_windows_only():
    # 500 steps, of which 88 were looked at: all 500 forward passes were trained on.
    thinned = loop(
        mode_layers=4,
        optimizer_steps=500,
        train_forwards=500,
        backwards=88,
        window_steps=88,
        train_in_eval=0.4,
    )
    assert CONDITION.examine(case(loop=thinned, epochs=curve())).state == "present"


def test_near_miss_evaluations_with_gradients_on():
    # Twice as many forward passes as backward ones, and those alone in eval mode.
    evaluating = loop(
        mode_layers=4,
        optimizer_steps=500,
        train_forwards=1000,
        backwards=88,
        window_steps=88,
        train_in_eval=0.5,
    )
    assert CONDITION.examine(case(loop=evaluating, epochs=curve())).state == "absent"
