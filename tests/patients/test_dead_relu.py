"""Sick, healthy and near-miss runs for A3."""

from __future__ import annotations

from striate.diagnosis.conditions.dead_relu import CONDITION
from tests.patients.moving import activation, inside, point, run, series


def seen(*dead, kind="ReLU"):
    return inside(activations=tuple(activation(i, dead=d, kind=kind) for i, d in enumerate(dead)))


def test_sick_dead_from_the_start():
    found = CONDITION.examine(run(inside=seen(0.0, 1.0), epochs=(point(0.1, 2.3),)))
    assert (found.state, found.severity, found.where.layers) == ("present", "critical", ("act1",))
    assert "dead before the first step" in found.evidence[2].sentence
    assert found.onset_step == 0


def test_sick_died_in_a_burst():
    lr = (0.1,) * 10 + (3.0,) * 10 + (0.1,) * 80
    found = CONDITION.examine(
        run(inside=seen((0.0, 0.8, 0.8, 0.8, 0.8)), steps=series(lr=lr), epochs=(point(0.3, 1.9),))
    )
    assert (found.severity, found.onset_step) == ("warning", 100)
    assert "for 40 steps the rate was 30 times" in found.evidence[2].sentence


def test_sick_learnt_by_heart_by_the_few_that_live():
    apart = point(0.99, 0.02, val_accuracy=0.8, val_n=500)
    assert CONDITION.examine(run(inside=seen(0.9), epochs=(apart,))).severity == "warning"


def test_near_miss_a_dead_branch_that_nobody_misses():
    assert CONDITION.examine(run(inside=seen(1.0), epochs=(point(0.99, 0.02),))).severity == "info"


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_a_wide_layer_does_without_some():
    assert CONDITION.examine(run(inside=seen(0.3))).state == "absent"
    assert CONDITION.examine(run(inside=seen(0.7), epochs=(point(0.99, 0.02),))).severity == "info"
    assert CONDITION.examine(run(inside=seen(0.45))).severity == "info"


def test_near_miss_dead_for_a_while():
    assert CONDITION.examine(run(inside=seen((0.0, 0.9, 0.9, 0.1, 0.1)))).state == "absent"


def test_near_miss_activations_that_cannot_die():
    assert CONDITION.examine(run(inside=seen(1.0, kind="GELU"))).state == "absent"


def test_near_miss_small_maps_of_few_images_look_dead_from_the_start():
    assert CONDITION.examine(run(inside=seen(0.6))).severity == "info"
    assert CONDITION.examine(run(inside=seen((0.1, 0.6, 0.6, 0.6, 0.6)))).severity == "warning"


def test_unseen():
    assert CONDITION.examine(run(inside=inside(probe_step=(0, 100)))).state == "unseen"


def test_near_miss_enough_units_are_left_for_the_classes():
    wide = inside(activations=(activation(0, dead=(0.0, 0.7, 0.75, 0.75, 0.75), channels=96),))
    assert CONDITION.examine(run(inside=wide)).severity == "info"
    hardly_any = inside(activations=(activation(0, dead=(0.0, 0.9, 0.9, 0.9, 0.9), channels=960),))
    assert CONDITION.examine(run(inside=hardly_any)).severity == "warning"
