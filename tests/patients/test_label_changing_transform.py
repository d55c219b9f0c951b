"""Sick, healthy and near-miss runs for U1."""

from __future__ import annotations

from striate.core.data_observation import FlipSeen
from striate.diagnosis.conditions.label_changing_transform import CONDITION
from tests.patients.looking import confusion, data
from tests.patients.seen import case

BOTH = ((6, 9, 50, 40), (9, 6, 50, 38), (1, 7, 50, 2))
ONE = ((6, 9, 50, 40),)


def judged(
    flows: tuple[tuple[int, int, int, int], ...], used: float | None = 0.5, confused: int | None = None
):
    """U1's opinion of half turns; `confused` of 100 images of 6 and 9 are taken for each other in train."""
    rows = [list(row) for row in confusion(1.0)] if confused is not None else []
    for a, b in ((6, 9), (9, 6)):
        if rows and confused is not None:
            rows[a][a], rows[a][b] = 100 - confused, confused
    flips = (FlipSeen(transform="rot180", used=used, flows=flows),)
    return CONDITION.examine(case(data=data(flips=flips, train_confusion=rows)))


def test_sick_a_pair_that_is_exchanged():
    found = judged(BOTH)
    assert (found.state, found.severity) == ("present", "warning")
    assert (found.where.classes, found.where.transforms) == (("6", "9"), ("rot180",))
    assert judged(BOTH, confused=20).severity == "warning"


def test_sick_one_way_and_train_confuses_them():
    assert judged(ONE, confused=10).state == "present"


def test_healthy():
    assert judged(((1, 7, 50, 2),)).state == "absent"
    assert judged(BOTH, used=None).state == "unseen"
    assert CONDITION.examine(case(data=data())).state == "unseen"


def test_near_miss_not_used():
    assert judged(BOTH, used=0.0).state == "absent"


def test_near_miss_one_way_only():
    found = judged(ONE)
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_all_fall_into_one_class():
    assert judged(tuple((c, 8, 50, 30) for c in range(5))).state == "absent"


def test_near_miss_harmless_to_train():
    assert judged(BOTH, confused=1).severity == "info"


def test_near_miss_too_few_images():
    assert judged(((6, 9, 10, 8), (9, 6, 10, 8))).state == "absent"
    assert judged(((6, 9, 20, 5), (9, 6, 20, 5))).state == "absent"
