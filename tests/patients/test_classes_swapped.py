"""Sick, healthy and near-miss runs for D2."""

from __future__ import annotations

from striate.diagnosis.conditions.classes_swapped import CONDITION
from tests.patients.looking import confusion, curve, data
from tests.patients.seen import case, setting

PAIR = {3: 5, 5: 3}
EVERY = {c: (c + 3) % 10 for c in range(10)}


def judged(val: object, train: object = (), **more: object):
    """D2's opinion of two confusion matrices."""
    return CONDITION.examine(case(data=data(val_confusion=val, train_confusion=train), **more))


def test_sick_one_pair():
    names = tuple("abcdefghij")
    found = judged(confusion(moved=PAIR), confusion(), setting=setting(class_names=names))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.where.classes == ("d", "f")
    assert "d as f, f as d" in found.sentence


def test_sick_another_class_map():
    found = judged(confusion(moved=EVERY), confusion())
    assert (found.severity, len(found.where.classes)) == ("critical", 10)
    assert found.evidence[0].value is not None
    assert found.evidence[0].value > 0.8


def test_sick_train_is_only_known_to_fit():
    assert judged(confusion(moved=PAIR), epochs=curve()).state == "present"
    assert judged(confusion(moved=PAIR), epochs=curve((0.1, 0.2))).state == "absent"


def test_healthy():
    assert judged(confusion(), confusion()).state == "absent"
    assert judged(()).state == "unseen"


def test_near_miss_pair_that_train_confuses_as_well():
    # As when the labels of both are exchanged, or the pair looks alike.
    assert judged(confusion(moved=PAIR), confusion(moved=PAIR)).state == "absent"
    alike = [list(row) for row in confusion()]
    for a, b in ((3, 5), (5, 3)):
        alike[a][a], alike[a][b] = 42, 50
    assert judged(alike, confusion()).state == "absent"


def test_near_miss_pair_that_train_confuses_half_as_often():
    train = [list(row) for row in confusion()]
    for a, b in ((3, 5), (5, 3)):
        train[a] = [0] * 10
        train[a][a], train[a][b] = 52, 48
    assert judged(confusion(moved=PAIR), train).state == "absent"


def test_near_miss_a_network_near_chance():
    assert judged(confusion(0.14, moved=EVERY), confusion(0.2)).state == "absent"


def test_near_miss_two_classes_fall_into_one():
    rows = [list(row) for row in confusion()]
    rows[3] = [0] * 10
    rows[3][5] = 100
    assert judged(rows, confusion()).state == "absent"


def test_near_miss_a_handful_of_images():
    assert judged(confusion(0.75, n=4, moved=PAIR), confusion()).state == "absent"


def test_near_miss_images_that_a_network_cannot_read_end_in_few_classes():
    # As when val is darkened: whatever it is, it is taken for 4, 3 or 5.
    unread = [[0] * 10 for _ in range(10)]
    for c, row in enumerate(unread):
        row[4 if c % 2 else 3], row[5] = 60, 40
    assert judged(unread, confusion()).state == "absent"


def test_near_miss_half_of_a_cycle():
    moved = [list(row) for row in confusion()]
    moved[0], moved[1], moved[2] = [0] * 10, [0] * 10, [0] * 10
    moved[0][2], moved[0][4], moved[1][3], moved[1][5] = 52, 48, 60, 40
    moved[2][4], moved[2][2], moved[3] = 70, 30, [0] * 10
    moved[3][3], moved[3][5] = 55, 45
    assert judged(moved, confusion()).state == "absent"
