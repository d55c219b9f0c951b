"""Sick, healthy and near-miss runs for N1."""

from __future__ import annotations

import pytest

from striate.core.observation_records import Declared
from striate.diagnosis.conditions.batch_norm_mismatch import CONDITION
from tests.patients.moving import inside, norm, point, run

OFF = (norm(0), norm(1, shift=0.45, ratio=0.5, momentum=1e-4))


def seen(*evals, norms=OFF, losses=(2.3, 5.0, 5.0, 5.0, 5.0)):
    return inside(norms=norms, eval_mode_accuracy=evals, eval_mode_loss=losses)


LOST = (0.1, 0.2, 0.2, 0.2, 0.2)


def test_sick_statistics_that_hardly_follow():
    found = CONDITION.examine(run(inside=seen(*LOST)))
    assert (found.state, found.severity, found.where.layers) == ("present", "warning", ("bn1",))
    assert found.remedies is not None
    assert any("momentum of batch norm to 0.1" in r.change for r in found.remedies)
    assert "loses 55.0 points" in found.sentence


def test_healthy():
    assert CONDITION.examine(run(inside=inside(norms=(norm(0),)))).state == "absent"
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_only_while_statistics_warm_up():
    assert CONDITION.examine(run(inside=seen(0.1, 0.1, 0.2, 0.4, 0.74))).state == "absent"


def test_near_miss_statistics_fit_and_weights_move_fast():
    found = CONDITION.examine(run(inside=seen(*LOST, norms=(norm(0), norm(1)))))
    assert (found.state, "lag behind" in found.why) == ("absent", True)


def test_near_miss_three_points():
    assert (
        CONDITION.examine(
            run(inside=seen(0.1, 0.47, 0.57, 0.67, 0.72, losses=(2.3, 1.6, 1.1, 0.9, 0.8)))
        ).state
        == "absent"
    )


def test_near_miss_frozen_on_purpose():
    frozen = run(inside=seen(*LOST), declared=Declared(batch_norm_frozen=True))
    assert CONDITION.examine(frozen).state == "absent"


def test_near_miss_one_probe_that_was_unlucky():
    assert CONDITION.examine(run(inside=seen(0.1, 0.48, 0.59, 0.69, 0.4))).state == "absent"


EARLY = {"probe_step": (0, 1), "train_mode_accuracy": (0.1, 0.2), "eval_mode_accuracy": (0.1, 0.1)}
APART = point(0.2, train_accuracy=0.7, train_n=2000)


def test_sick_by_momentum_where_probes_were_early_only():
    found = CONDITION.examine(run(inside=inside(norms=OFF, **EARLY), epochs=(APART,)))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[0].value == pytest.approx((1 - 1e-4) ** 400)


def test_near_miss_slow_statistics_that_do_no_harm():
    alike = point(0.68, train_accuracy=0.7, train_n=2000)
    assert CONDITION.examine(run(inside=inside(norms=OFF, **EARLY), epochs=(alike,))).state == "absent"


def test_near_miss_a_gap_that_settled_statistics_do_not_explain():
    assert CONDITION.examine(run(inside=inside(norms=(norm(0),), **EARLY), epochs=(APART,))).state == "unseen"


def test_unseen():
    assert CONDITION.examine(run(inside=None)).state == "unseen"


def slow(*gaps: float, momentum: float = 0.003):
    """No probe late in the run; train as trained above val by so much at each evaluation."""
    early = inside(norms=(norm(0, momentum=momentum),)).model_copy(update={"probe_step": (0, 1, 2, 3, 4)})
    points = tuple(
        point(
            0.5,
            1.0,
            epoch=float(i + 1),
            clean_accuracy=None,
            train_accuracy=0.7,
            val_accuracy=0.7 - g,
            val_n=600,
        )
        for i, g in enumerate(gaps)
    )
    return CONDITION.examine(run(inside=early, epochs=points))


def test_sick_statistics_that_followed_too_slowly_for_most_of_the_run():
    found = slow(0.1, 0.2, 0.3, 0.3, 0.3, 0.05)
    assert (found.state, found.severity) == ("present", "warning")
    assert "4 of 6 evaluations" in found.sentence


def test_near_miss_slow_statistics_that_nobody_felt():
    assert slow(0.1, 0.2, 0.05, 0.0, 0.0, 0.0).state == "absent"
    assert slow(0.1, 0.2, 0.3, 0.3, 0.3, 0.05, momentum=0.1).state == "unseen"
