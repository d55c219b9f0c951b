"""Verdicts on made-up pairs of runs: hurt, helped and just not, in pairs and not, and what is said about them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.core.answers import Answers
from striate.core.comparison_records import Comparison
from striate.core.differences import independent_difference, paired_difference
from striate.diagnosis.comparing import compare_arms, setting_differences
from tests.two_runs import CLASSES, answers, arm


def marks(right: int, n: int = 100) -> list[bool]:
    return [i < right for i in range(n)]


def compared(a: dict, b: dict, split: str = "test", **options) -> Comparison:
    one, other = answers(a), answers(b, **options)
    return compare_arms(
        arm("plain", {split: one}, augment="none"), arm("flipped", {split: other}, augment="flip"), split
    )


BEFORE = {"ant": marks(95), "bee": marks(90), "cat": marks(70)}
AFTER = {"ant": marks(70), "bee": marks(91), "cat": marks(98)}


def test_a_loss_behind_a_gain_on_average_is_found():
    found = compared(BEFORE, AFTER)
    assert [(c.name, c.verdict) for c in found.classes] == [
        ("ant", "hurt"),
        ("bee", "not shown"),
        ("cat", "helped"),
    ]
    assert ([c.name for c in found.hurt], [c.name for c in found.helped]) == (["ant"], ["cat"])
    ant = found.classes[0]
    assert (ant.n_a, ant.n_b, ant.recall_a, ant.recall_b) == (100, 100, 0.95, 0.70)
    assert found.headline == "No difference is shown on average, but B hurts 1 of 3 classes: ant"
    assert (found.a.correct, found.b.correct, found.a.n) == (255, 259, 300)


def test_pairs_are_counted_and_the_level_is_that_of_all_classes_together():
    found = compared(BEFORE, AFTER)
    ant = next(c for c in found.classes if c.name == "ant")
    # 70 right in both, 25 in A alone, none in B alone, 5 in neither.
    assert ant.difference == paired_difference(70, 25, 0, 5, level=1 - 0.05 / 3)
    assert found.level == pytest.approx(1 - 0.05 / 3)
    assert found.difference == paired_difference(230, 25, 29, 16, level=0.95)
    assert found.paired


def test_the_order_of_the_rows_does_not_matter():
    one, other = answers(BEFORE), answers(AFTER)
    order = np.random.default_rng(0).permutation(len(other))
    turned = Answers(
        *(tuple(column[i] for i in order) for column in (other.paths, other.labels, other.predicted))
    )
    straight = compare_arms(arm("a", {"test": one}), arm("b", {"test": other}), "test")
    assert compare_arms(arm("a", {"test": one}), arm("b", {"test": turned}), "test") == straight


def test_other_images_are_compared_as_independent():
    found = compared(BEFORE, AFTER, prefix="other/")
    assert not found.paired
    ant = found.classes[0]
    assert ant.difference == independent_difference(95, 100, 70, 100, level=1 - 0.05 / 3)
    assert found.difference == independent_difference(255, 300, 259, 300)
    assert found.pairing == (
        "The test images are not the same (300 in A, 300 in B, 0 of them in both: the same data, split in another way), so "
        "they are compared as independent, which takes larger differences to show."
    )


def test_the_words_tell_other_data_from_another_split():
    one, other = answers(BEFORE), answers(AFTER, prefix="x")
    a = arm("a", {"val": one}, fingerprint="1" * 64)
    split = compare_arms(a, arm("b", {"val": other}, fingerprint="2" * 64), "val")
    assert "the same data, split in another way" in split.pairing
    moved = compare_arms(a, arm("b", {"val": other}, fingerprint="2" * 64, source="elsewhere"), "val")
    assert "0 of them in both: other data)" in moved.pairing
    same_images = compare_arms(a, arm("b", {"val": one}, fingerprint="2" * 64), "val")
    assert same_images.paired
    assert "another data fingerprint" in same_images.pairing


def test_images_that_cannot_be_told_apart_are_not_paired_unless_in_order():
    twice = Answers(("x", "x", "y"), ("ant", "ant", "bee"), ("ant", "bee", "bee"))
    turned = Answers(("y", "x", "x"), ("bee", "ant", "ant"), ("bee", "ant", "bee"))
    assert compare_arms(arm("a", {"test": twice}), arm("b", {"test": twice}), "test").paired
    assert not compare_arms(arm("a", {"test": twice}), arm("b", {"test": turned}), "test").paired


def test_the_same_run_twice_is_said():
    a = arm("plain", {"test": answers(BEFORE)})
    found = compare_arms(a, a, "test")
    assert found.same_run
    assert found.headline == "A and B are the same run, so nothing can differ"
    assert {c.difference.estimate for c in found.classes} == {0.0}
    assert not any("One run each" in s or "noise" in s for s in found.sentences)


def test_a_class_without_images_comes_last_and_costs_no_level():
    found = compared({"ant": marks(95), "cat": marks(70)}, {"ant": marks(70), "cat": marks(98)})
    assert [c.name for c in found.classes] == ["ant", "cat", "bee"]
    bee = found.classes[-1]
    assert (bee.n_a, bee.verdict) == (0, "not shown")
    assert math.isnan(bee.recall_a)
    assert math.isnan(bee.difference.estimate)
    assert found.level == pytest.approx(1 - 0.05 / 2)
    assert "Without an image in test of both runs, and so left out: bee." in found.sentences
    assert "1 of 2 classes" in found.headline


def test_what_is_shown_stands_before_what_only_looks_worse():
    found = compared({**BEFORE, "bee": marks(3, 3)}, {**AFTER, "bee": marks(1, 3)})
    assert [(c.name, c.verdict) for c in found.classes] == [
        ("ant", "hurt"), ("bee", "not shown"), ("cat", "helped"),
    ]  # fmt: skip
    assert found.classes[1].difference.estimate < found.classes[0].difference.estimate


def test_equal_settings_and_other_seeds_are_noise():
    given = {"test": answers(BEFORE)}
    seeds = compare_arms(arm("a", given, seed=0), arm("b", given, seed=1), "test")
    assert seeds.sentences[-1] == "Only the seed differs: what is seen is the noise between runs."
    nothing = compare_arms(arm("a", given, seed=0), arm("b", given, seed=0), "test")
    assert nothing.sentences[-1] == "No setting differs: what is seen is the noise between runs."


def test_settings_that_differ_in_the_order_of_the_recipe():
    found = setting_differences(
        {"lr": 0.1, "img_size": [32, 32], "seed": 0},
        {"lr": 0.1, "img_size": [64, 64], "new": None, "seed": 1},
    )
    assert [(s.name, s.a, s.b) for s in found] == [
        ("img_size", "32 × 32", "64 × 64"), ("seed", "0", "1"), ("new", "–", "None"),
    ]  # fmt: skip


def test_a_class_is_wrongly_called_hurt_or_helped_in_at_most_one_of_twenty_comparisons():
    """Two runs that are equally good: 10 classes of 60 images, right with 0.9 each and independently."""
    rng = np.random.default_rng(1)
    names = tuple("abcdefghij")
    called = 0
    for _ in range(200):
        a, b = ({name: (rng.random(60) < 0.9).tolist() for name in names} for _ in range(2))
        found = compare_arms(
            arm("a", {"test": answers(a, names)}, names), arm("b", {"test": answers(b, names)}, names), "test"
        )
        called += bool(found.hurt or found.helped)
    # 5 % of 200 are 10; 20 would be three standard deviations more.
    assert called <= 20


def test_the_record_comes_back_from_json():
    found = compared(BEFORE, AFTER)
    assert Comparison.from_json(found.to_json()) == found
    assert set(CLASSES) == {c.name for c in found.classes}
