"""Sick, healthy and near-miss runs for D4."""

from __future__ import annotations

from striate.core.data_observation import DataSeen
from striate.diagnosis.conditions.class_imbalance import CONDITION
from tests.patients.looking import confusion, curve, data, split
from tests.patients.seen import case

TAIL = (1000, 600, 400, 300, 200, 150, 100, 60, 40, 20)


def judged(counts: tuple[int, ...] = TAIL, right: tuple[float, ...] = (), **more: object):
    """D4's opinion; `right` is val's recall by class, 100 images each."""
    rows = tuple(
        tuple(round(100 * r) if k == c else round(100 - 100 * r) * (k == (c + 1) % 10) for k in range(10))
        for c, r in enumerate(right)
    )
    return CONDITION.examine(
        case(
            data=data(train=split("train", counts=counts, n=sum(counts), expected=0), val_confusion=rows),
            **more,
        )
    )


def test_sick_rare_classes_pay():
    found = judged(right=(0.95,) * 6 + (0.4,) * 4)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.where.classes == ("6", "7", "8", "9")
    assert found.evidence[0].low is not None


def test_sick_by_recalls():
    epochs = curve(val_recall=(0.95,) * 6 + (0.4,) * 4)
    assert judged(epochs=epochs).state == "present"


def test_sick_train_lacks_a_class():
    found = judged(counts=(220,) * 9 + (0,))
    assert (found.state, found.headline) == ("present", "A class is missing from train.")
    assert found.where.classes == ("9",)


def test_sick_val_lacks_a_class():
    seen = data(val=split("val", counts=(111,) * 9 + (0,)))
    assert CONDITION.examine(case(data=seen)).headline == "A class is missing from val."


def test_healthy():
    assert judged(counts=(200,) * 10, right=(0.9,) * 10).state == "absent"
    assert CONDITION.examine(case(data=DataSeen())).state == "unseen"


def test_near_miss_imbalance_without_harm():
    assert judged(right=(0.95,) * 6 + (0.85,) * 4).state == "absent"
    assert judged(counts=(500,) * 9 + (100,), right=(0.9,) * 9 + (0.3,)).state == "absent"


def test_near_miss_two_rare_images_of_val():
    rows = [list(row) for row in confusion(0.9)]
    for c in range(6, 10):
        rows[c] = [0] * 10
    rows[9][9], rows[9][0] = 0, 2
    seen = data(train=split("train", counts=TAIL), val_confusion=rows)
    assert CONDITION.examine(case(data=seen)).state == "unseen"


def test_near_miss_small_val_lacks_a_class_by_chance():
    small = data(val=split("val", n=45, expected=45, counts=(5,) * 9 + (0,)))
    assert CONDITION.examine(case(data=small)).state == "absent"


def test_near_miss_a_pass_that_did_not_end():
    part = data(val=split("val", n=500, expected=1000, counts=(100,) * 5 + (0,) * 5))
    assert CONDITION.examine(case(data=part)).state == "absent"
