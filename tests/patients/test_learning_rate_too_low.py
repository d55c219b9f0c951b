"""Sick, healthy and near-miss runs for O2."""

from __future__ import annotations

import pytest

from striate.core.observation_records import Setting
from striate.diagnosis.conditions.learning_rate_too_low import CONDITION
from tests.patients.moving import STEPS, activation, inside, layer, point, run
from tests.patients.seen import setting

CRAWLING = inside(bend=0.002, ratio=5e-5)


def test_sick_steps_far_below_what_the_loss_would_bear():
    found = CONDITION.examine(run(inside=CRAWLING, epochs=(point(0.2, 2.1),)))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.remedies is not None
    assert found.remedies[0].settings == {"lr": 3.0}
    assert "about 30 times as high" in found.sentence


def test_sick_a_fifth_of_the_rate_is_suspected():
    found = CONDITION.examine(run(inside=inside(bend=0.04, ratio=8e-4)))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_sick_adam_with_a_large_epsilon_says_so():
    adam = setting(optimizer="Adam", epsilon=1.0)
    found = CONDITION.examine(run(inside=CRAWLING, setting=adam))
    assert any(e.name == "epsilon" for e in found.evidence)


def test_sick_steps_that_drown_in_rounding():
    tiny = inside(bend=0.0, ratio=1e-7, predicted=(-2e-7,) * len(STEPS))
    found = CONDITION.examine(run(inside=tiny, epochs=(point(0.1, 2.3),)))
    assert (found.state, found.severity) == ("present", "warning")
    assert "about 100 times as high" in found.sentence
    # No gradient at all is another matter.
    nothing = inside(bend=0.0, ratio=1e-7, predicted=(0.0,) * len(STEPS))
    assert CONDITION.examine(run(inside=nothing, epochs=(point(0.1, 2.3),))).state == "absent"


def test_sick_an_epsilon_larger_than_the_gradients():
    """|g| = 0.1 over 1000 entries: 0.0032 each."""
    found = CONDITION.examine(run(setting=setting(optimizer="AdamW", epsilon=0.1)))
    assert (found.state, found.severity) == ("suspected", "warning")
    assert found.evidence[0].value == pytest.approx(0.1 / (0.1 / 1000**0.5))
    for usual in (setting(optimizer="AdamW", epsilon=1e-8), setting(optimizer="RMSprop", epsilon=0.1)):
        assert CONDITION.examine(run(setting=usual)).state == "absent"


def test_healthy_hard_task_at_a_tuned_rate():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_few_steps_of_a_usual_size():
    assert CONDITION.examine(run(inside=inside(bend=0.2, ratio=8e-4))).state == "absent"


def test_near_miss_fine_tuning():
    knew = inside(bend=0.002, ratio=5e-5, eval_mode_accuracy=(0.6, 0.6, 0.6, 0.6, 0.6))
    assert CONDITION.examine(run(inside=knew)).state == "absent"


def test_near_miss_all_learnt():
    assert CONDITION.examine(run(inside=CRAWLING, epochs=(point(0.99, 0.05),))).state == "absent"


def test_near_miss_frozen_backbone():
    layers = (*(layer(i, ratio=0.0) for i in range(6)), layer(6, ratio=0.005))
    assert (
        CONDITION.examine(run(inside=inside(bend=0.02, layers=7).model_copy(update={"layers": layers}))).state
        == "absent"
    )


def test_near_miss_no_gradient_arrives():
    vanishing = tuple(layer(i, ratio=5e-5, grad=10.0 ** (i - 6)) for i in range(6))
    found = CONDITION.examine(run(inside=CRAWLING.model_copy(update={"layers": vanishing})))
    assert (found.state, "vanishes" in found.why) == ("absent", True)
    dead = CRAWLING.model_copy(update={"activations": (activation(0, dead=1.0),)})
    assert CONDITION.examine(run(inside=dead)).state == "absent"


def test_unfinished_run_is_judged_by_its_plan():
    """400 of 40,000 steps: what is planned would carry the weights far."""
    planned = Setting(**setting().model_dump() | {"finished": False, "planned_steps": 40_000})
    assert CONDITION.examine(run(inside=inside(bend=0.02, ratio=2e-4), setting=planned)).state == "absent"
    assert CONDITION.examine(run(inside=inside(bend=0.02, ratio=2e-4))).found


def test_unseen_before_the_end_of_the_first_epoch():
    assert CONDITION.examine(run(inside=CRAWLING, epochs=())).state == "unseen"


def test_unseen_without_an_inside():
    assert CONDITION.examine(run(inside=None)).state == "unseen"
