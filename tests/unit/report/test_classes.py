"""The table of classes: worst first, the middle left out when there are many."""

from __future__ import annotations

import math

import numpy as np

from striate.core import metrics
from striate.report.classes import classes_section
from tests.unit.report.fabricate import CIFAR, scores


def test_worst_first():
    score = scores("test", CIFAR, 1000, 0.9)
    rows = classes_section(score).rows
    recall = {c.name: c.recall for c in score.classes}
    shown = [recall[row.name] for row in rows]
    assert shown == sorted(recall.values())


def test_a_rare_weak_class_stands_above_a_common_strong_one():
    labels = np.array([0] * 90 + [1] * 10 + [2] * 10)
    logits = np.eye(3)[[0] * 85 + [1] * 5 + [1] * 5 + [0] * 5 + [2] * 5 + [1] * 5]
    rows = classes_section(metrics.score("val", logits, labels, ("common", "rare", "also rare"))).rows
    assert [row.name for row in rows] == ["rare", "also rare", "common"]


def test_more_than_thirty_show_the_worst_fifteen_and_the_best_five():
    score = scores("test", tuple(f"c{i}" for i in range(50)), 5000, 0.8)
    section = classes_section(score)
    recall = {c.name: c.recall for c in score.classes}
    ordered = sorted(recall.values())
    assert [recall[r.name] for r in section.rows] == ordered[:15] + ordered[-5:]
    assert (section.gap_after, section.left_out) == (15, 30)


def test_most_taken_for_is_the_largest_of_its_row():
    score = scores("test", CIFAR, 1000, 0.9)
    for row in classes_section(score).rows:
        i = CIFAR.index(row.name)
        wrong = [v for j, v in enumerate(score.confusion[i]) if j != i]
        assert row.taken_times == max(wrong)
        if row.taken_times:
            assert score.confusion[i][CIFAR.index(row.taken_for)] == row.taken_times


def test_a_class_without_images_comes_last_with_a_dash():
    score = scores("test", CIFAR, 1000, 0.9)
    unseen = score.classes[3].model_copy(update={"n": 0, "correct": 0, "recall": math.nan})
    score = score.model_copy(update={"classes": (*score.classes[:3], unseen, *score.classes[4:])})
    last = classes_section(score).rows[-1]
    assert (last.name, last.recall, last.interval, last.bar) == ("cat", "–", "no images", "")


def test_bars_begin_at_a_round_share_below_all():
    section = classes_section(scores("test", CIFAR, 1000, 0.9))
    assert section.axis == "60 to 100 %"
