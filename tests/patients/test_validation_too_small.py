"""Val sets that are too small, and those that are not."""

from __future__ import annotations

import pytest

from striate.diagnosis.conditions.validation_too_small import CONDITION
from tests.histories import observed
from tests.patients.seen import case, setting


def seen(val: float, n: int, **more):
    return CONDITION.examine(
        case(epochs=observed([val] * 8, [val] * 8, val_n=n, **more), setting=setting(val_n=0))
    )


def test_sick():
    assert (seen(0.6, 50).state, seen(0.6, 50).severity) == ("present", "warning")


@pytest.mark.parametrize(("val", "n"), [(0.6, 2000), (0.99, 300)])
def test_healthy(val, n):
    assert seen(val, n).state == "absent"


@pytest.mark.parametrize("val", [0.6, 0.9])
def test_near_miss_worth_knowing_only(val):
    assert (seen(val, 300).state, seen(val, 300).severity) == ("present", "info")


def test_says_how_many_would_do():
    found = seen(0.6, 50)
    assert "About 1,030 would fix it to +- 3.0 points." in found.sentence
    assert found.evidence[1].value > 0.08


def test_unseen_where_nobody_said_how_many():
    assert seen(0.6, 50, without=("val_n",)).state == "unseen"
    assert CONDITION.examine(case()).state == "unseen"


@pytest.mark.parametrize(("n", "severity"), [(50, "warning"), (99, "warning"), (200, "info")])
def test_a_set_serves_for_worse_accuracies_too(n, severity):
    assert seen(0.96 if n < 200 else 0.9, n).severity == severity
