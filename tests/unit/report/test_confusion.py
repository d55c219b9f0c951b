"""The heat map and its sentences agree with the matrix."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from striate.core import metrics
from striate.report.confusion import confused_pairs, confusion_section
from tests.unit.report.fabricate import scores


def perfect(k: int):
    labels = np.arange(3 * k) % k
    return metrics.score("val", np.eye(k)[labels], labels, [f"c{i}" for i in range(k)])


def test_pairs_are_the_largest_off_the_diagonal():
    score = scores("test", ("a", "b", "c", "d"), 400, 0.8)
    counts = np.array(score.confusion)
    np.fill_diagonal(counts, 0)
    pairs = confused_pairs(score, 3)
    assert [times for *_, times in pairs] == sorted(counts.ravel(), reverse=True)[:3]
    assert all(counts[i, j] == times for i, j, times in pairs)


def test_every_count_is_in_the_map():
    score = scores("test", ("a", "b", "c", "d"), 400, 0.8)
    picture = ET.fromstring(f"<g>{confusion_section(score).picture}</g>")[0]
    counts = [int(e.text) for e in picture.iter("text") if "count" in (e.get("class") or "")]
    assert counts == [v for row in score.confusion for v in row if v]


def test_a_perfect_score_has_no_confusions():
    section = confusion_section(perfect(3))
    assert section.pairs == ()
    assert section.mistakes == "0 mistakes"


def test_many_classes_show_those_of_the_commonest_confusions():
    score = scores("test", tuple(f"c{i}" for i in range(100)), 5000, 0.7)
    section = confusion_section(score)
    assert "16 classes of the commonest confusions, of 100" in section.left_out
    pairs = confused_pairs(score, 4)
    for i, j, _ in pairs:
        assert f"<title>c{i}</title>" in section.picture or f">c{i}<" in section.picture
        assert f">c{j}<" in section.picture


def test_many_classes_without_a_mistake():
    assert confusion_section(perfect(40)).pairs == ()
