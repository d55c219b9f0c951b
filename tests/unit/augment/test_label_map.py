"""Label maps: read, written, followed, and refused in exact words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.augment.errors import LabelMapUnusable, NotAPermutation
from striate.augment.label_map import LabelMap, parse_label_map

CLASSES = ("6", "9", "4", "left-arrow", "right-arrow", "a b", "u", "l", "d", "r")
ORDERS = {"rot180": 2, "flip": 2, "rot90": 4, "crop": 0}


def read(text: str) -> LabelMap:
    return parse_label_map(text, CLASSES, ORDERS)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        (" ; ", ""),
        ("rot180: 6<->9", "rot180: 6<->9"),
        ("ROT180:9<->6,!4", "rot180: 6<->9, !4"),
        ("flip: left-arrow<->right-arrow", "flip: left-arrow<->right-arrow"),
        ('flip: "left-arrow" <-> right-arrow, ! a b', "flip: left-arrow<->right-arrow, !a b"),
        ("rot90: u->l->d->r->u", "rot90: u->l->d->r->u"),
        ("rot90: u->l->u", "rot90: u<->l"),
        ("crop: !6; rot180: !9;", "crop: !6; rot180: !9"),
    ],
)
def test_read_and_written(text: str, canonical: str) -> None:
    assert read(text).text == canonical
    assert read(read(text).text) == read(text)


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1), min_size=2, unique=True
)


@given(names=NAMES)
def test_any_two_class_names_can_be_swapped(names: list[str]) -> None:
    swapped = LabelMap(tuple(names), {"flip": _swap(len(names))})
    assert parse_label_map(swapped.text, names, {"flip": 2}) == swapped


def _swap(n: int):  # type: ignore[no-untyped-def]
    numbered = [str(i) for i in range(n)]
    return parse_label_map("flip: 0<->1", numbered, {"flip": 2}).rules["flip"]


def test_quarter_turns_follow_the_circle_step_by_step() -> None:
    rule = read("rot90: u->l->d->r->u").rule("rot90")
    u, left, d, r = (CLASSES.index(name) for name in "uldr")
    labels = np.array([u, u, u, u, left, 0])
    assert rule.after(labels, np.array([0, 1, 2, 3, 3, 2])).tolist() == [u, left, d, r, u, 0]


def test_without_a_rule_nothing_changes() -> None:
    rule = read("rot180: 6<->9").rule("flip")
    assert not rule.swaps
    assert rule.may(np.arange(len(CLASSES))).all()
    assert rule.after(np.arange(3), np.ones(3, dtype=int)).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rot180: 6->9", "a label has no way back"),
        ("rot180: 6<->6", "a class is swapped with itself"),
        ("rot180: 6<->9, 6<->4", "a class is named twice"),
        ("rot180: 6<->9, !6", "a class is named twice"),
        ("flip: u->l->d->u", "flip done twice is undone, and these labels would not be back"),
        ("rot90: u->l->d->u", "rot90 done four times is undone, and these labels would not be back"),
        ("rot90: u->l->u->d->u", "a class is named twice"),
    ],
)
def test_not_a_permutation(text: str, said: str) -> None:
    with pytest.raises(NotAPermutation) as refusal:
        read(text)
    assert refusal.value.what == said


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        ("rot180: 6<->8", "the label map names a class that the data does not have", None),
        (
            "flip: leftarrow<->right-arrow",
            "the label map names a class that the data does not have",
            "left-arrow",
        ),
        (
            "rot18: 6<->9",
            "the label map speaks of a transform that the policy does not have",
            "did you mean rot180?",
        ),
        ("hue: !6", "the label map speaks of a transform that the policy does not have", "--augment ...+hue"),
        ("crop: 6<->9", "nobody can say which class crop makes of another", None),
        ("rot180: !6; rot180: !9", "a transform has two rules", None),
        ("rot180 6<->9", "this label map cannot be read", None),
        ("rot180:", "this label map cannot be read", None),
        ("rot180: 6<>9", "this label map cannot be read", None),
        ("rot180: 6", "this label map cannot be read", None),
        ("rot180: 6<->9<->4", "a label has no way back", None),
        ("rot180: 6<->9,", "this label map cannot be read", None),
        (': 6<->9"', "this label map cannot be read", None),
        ("rot180: !", "this label map cannot be read", None),
        ("rot180: !!6", "this label map cannot be read", "in double quotes"),
    ],
)
def test_unusable(text: str, said: str, advice: str | None) -> None:
    with pytest.raises((LabelMapUnusable, NotAPermutation)) as refusal:
        read(text)
    assert refusal.value.what.startswith(said)
    if advice is not None:
        assert advice in (refusal.value.next_step or "")


def test_a_refusal_in_full() -> None:
    with pytest.raises(LabelMapUnusable) as refusal:
        read("rot180: 6<->nine")
    assert str(refusal.value) == (
        "the label map names a class that the data does not have [label-map-unusable]\n"
        "  got       nine\n"
        "  expected  6, 9, 4, left-arrow, right-arrow, a b, u, l, d, r"
    )
