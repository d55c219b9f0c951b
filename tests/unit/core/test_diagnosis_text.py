"""A diagnosis as lines: word for word, at three widths, with everything and without."""

from __future__ import annotations

import pytest

from striate.core.diagnosis_text import diagnosis_lines
from tests.diagnoses import diagnosis, finding, healthy, hostile, sick

ONE = """\
Overfitting.
Seen: the curves and the settings.

Warning: Overfitting (established, 92 % sure, since epoch 6)
  Clean train goes on rising while val does not follow.
  Evidence   the gap is 21.0 points (17.2 to 24.9)
             val loss is 38 % above its lowest (95 % interval 0.3 to 0.47)
  Ruled out  label noise: out-of-fold errors are 1 %
  Try        Augment the training images more strongly. (effect: a smaller gap;
             cost: a few more epochs; risk: a transform may change labels)
             Stop earlier: --patience 5. (cost: none)"""


def test_one_finding_word_for_word():
    assert "\n".join(diagnosis_lines(diagnosis(finding()), 80)) == ONE


def test_nothing_found():
    assert diagnosis_lines(healthy()) == [
        "Healthy.",
        "Seen: the curves and the settings.",
        "",
        "Note       Train as trained lies under val: normal with augmentation.",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("make", [healthy, sick, hostile])
def test_no_line_is_too_wide_and_nothing_is_lost(width, make):
    lines = diagnosis_lines(make(), width, everything=True)
    # A word that is longer than its column stays whole, to be copied.
    assert max(map(len, lines)) <= width or make is hostile
    wide = " ".join(" ".join(diagnosis_lines(make(), 1000, everything=True)).split())
    assert " ".join(" ".join(lines).split()) == wide


def test_what_is_explained_stands_indented_under_its_cause():
    lines = diagnosis_lines(sick())
    places = {line.strip().split(" (")[0]: line for line in lines if "% sure" in line}
    assert places["Critical: Learning rate too high"][0] == "C"
    assert places["Warning: Dead relu"].startswith("    Warning")
    assert places["Warning: Label noise"][0] == "W"
    assert list(places).index("Warning: Dead relu") < list(places).index("Warning: Label noise")
    assert "because of learning rate too high" in places["Warning: Dead relu"]


def test_what_could_not_be_judged_is_counted_or_named():
    assert diagnosis_lines(sick())[-1] == (
        "2 conditions could not be judged: too little was seen (--all names them)."
    )
    assert diagnosis_lines(sick(), everything=True)[-2:] == [
        "Not judged wrong mode: the loop was not watched",
        "           memory growth: memory was not read",
    ]


def test_printing_a_diagnosis_prints_these_lines():
    assert str(sick()) == "\n".join(diagnosis_lines(sick()))
    assert not {"\x1b", "\u202e"} & set(str(hostile()))
