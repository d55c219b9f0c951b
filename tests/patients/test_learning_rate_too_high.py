"""Sick, healthy and near-miss runs for O1."""

from __future__ import annotations

from striate.diagnosis.conditions.learning_rate_too_high import CONDITION
from tests.patients.looking import with_outputs
from tests.patients.moving import STEPS, activation, inside, layer, network, point, run, series

DYING = (activation(0), activation(1, dead=(0.0, 0.9, 0.95, 0.95, 0.95)))


def names(found) -> set[str]:
    return {e.name for e in found.evidence}


def test_sick_the_loss_stays_above_a_constant_answer():
    found = CONDITION.examine(run(steps=series([2.4] * 20 + [3.5, 2.9] * 40), epochs=(point(0.15, 3.0),)))
    assert (found.state, found.severity, names(found)) == ("present", "warning", {"share_above"})


def test_sick_one_step_threw_it_up_and_killed_units():
    thrown = inside(activations=DYING)
    after = list(thrown.after)
    after[3] = thrown.before[3] + 5.0
    found = CONDITION.examine(
        run(inside=thrown.model_copy(update={"after": tuple(after)}), epochs=(point(0.1, 2.3),))
    )
    assert (found.state, found.severity) == ("present", "critical")
    assert names(found) == {"worst_step", "killed_layers"}
    assert f"step {STEPS[3]} raised" in found.evidence[0].sentence
    assert found.where.layers == ("act1",)


def test_sick_overshooting_at_a_constant_rate_is_suspected():
    found = CONDITION.examine(run(inside=inside(bend=0.6)))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_sick_large_updates_without_normalisation():
    assert CONDITION.examine(run(inside=inside(bend=0.35, ratio=0.02))).state == "suspected"


def test_healthy_hard_task_at_a_tuned_rate():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_large_updates_under_batch_norm():
    layers = tuple(layer(i, ratio=0.02, normalised=True) for i in range(4))
    assert (
        CONDITION.examine(run(inside=inside(bend=0.35).model_copy(update={"layers": layers}))).state
        == "absent"
    )


def test_near_miss_the_peak_of_a_schedule_that_came_down():
    lr = tuple(0.1 * (1 - i / 101) for i in range(100))
    assert CONDITION.examine(run(inside=inside(bend=0.6), steps=series(lr=lr))).state == "absent"


def test_near_miss_learnt_all_the_same():
    loud = run(steps=series([2.4] * 20 + [3.5] * 80), epochs=(point(0.99, 0.02),))
    assert CONDITION.examine(loud).state == "absent"


def test_near_miss_a_loud_start_is_not_the_rate():
    """The loss falls from 100; a constant answer has 2.3."""
    falls = series([100.0 * 0.96**i for i in range(100)])
    assert CONDITION.examine(run(steps=falls, network=network(initial_loss=100.0))).state == "absent"


def test_near_miss_units_dead_from_the_start():
    born = inside(activations=(activation(0, dead=1.0),))
    assert CONDITION.examine(run(inside=born, epochs=(point(0.1, 2.3),))).state == "absent"


def test_near_miss_a_burst_is_named_as_that():
    lr = (0.1,) * 10 + (3.0,) * 10 + (0.1,) * 80
    found = CONDITION.examine(
        run(inside=inside(activations=DYING), steps=series(lr=lr), epochs=(point(0.2, 2.0),))
    )
    assert (found.state, "30 times as high for 40 steps" in found.why) == ("absent", True)


def test_sick_a_burst_that_the_loss_never_came_back_from():
    lr = (0.1,) * 10 + (3.0,) * 10 + (0.1,) * 80
    gone = series([2.3] * 10 + [1e30] * 90, lr=lr)
    assert names(CONDITION.examine(run(steps=gone, epochs=(point(0.1, 1e30),)))) == {"share_above"}


def test_sick_a_burst_that_left_the_loss_where_it_began():
    lr = (0.1,) * 10 + (3.0,) * 10 + (0.1,) * 80
    flat = series([2.4 - 0.05 * i for i in range(10)] + [9.0] * 10 + [2.3] * 80, lr=lr)
    found = CONDITION.examine(run(steps=flat, epochs=(point(0.1, 2.3),)))
    assert (found.state, names(found)) == ("present", {"burst"})
    back = series([2.4 - 0.05 * i for i in range(10)] + [9.0] * 10 + [1.3] * 80, lr=lr)
    assert CONDITION.examine(run(steps=back)).state == "absent"


def test_unseen_without_an_accuracy():
    assert CONDITION.examine(run(epochs=(), inside=None)).state == "unseen"


def test_near_miss_mixed_images_whose_loss_is_not_that_of_the_labels():
    high = {"steps": series([2.4] * 20 + [3.5, 2.9] * 40), "epochs": (point(0.5, 3.0),)}
    assert CONDITION.examine(run(**high)).found
    assert CONDITION.examine(run(**high, loop=with_outputs(implied_right=0.5))).state == "unseen"


def test_near_miss_the_first_step_of_an_adaptive_optimiser():
    thrown = inside()
    after = (thrown.before[0] + 5.0, *thrown.after[1:])
    first = thrown.model_copy(update={"after": after})
    assert not CONDITION.examine(run(inside=first, epochs=(point(0.8, 0.6),))).found
    assert CONDITION.examine(run(inside=first, epochs=(point(0.1, 2.3),))).found
