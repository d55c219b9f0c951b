"""A diagnosis in words: what is said, what is left out, and that nothing in it commands a terminal."""

from __future__ import annotations

import pytest

from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.diagnosis_words import (
    candidates_words,
    evidence_words,
    nested,
    remedy_words,
    status_words,
    summary_lines,
    where_words,
)
from tests.diagnoses import diagnosis, finding, healthy, hostile, sick


def test_causes_with_what_they_explain_and_what_that_explains():
    groups = [(cause.condition, [f.condition for f in rest]) for cause, rest in nested(sick().findings)]
    assert groups == [("learning-rate-too-high", ["dead-relu", "underfitting"]), ("label-noise", [])]


def test_a_cause_that_is_not_there_or_a_circle_loses_no_finding():
    alone = finding(because_of="not-found")
    assert nested((alone,)) == ((alone, ()),)
    circle = (finding("a", because_of="b"), finding("b", because_of="a"))
    assert sorted(f.condition for cause, rest in nested(circle) for f in (cause, *rest)) == ["a", "b"]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("the gap is 21.0 points (17.2 to 24.9)", "the gap is 21.0 points (17.2 to 24.9)"),
        ("the gap is 21.0 points", "the gap is 21.0 points (95 % interval 17.2 to 24.9)"),
        ("21.0 % are wrong", "21.0 % are wrong (95 % interval 17.2 to 24.9)"),
        ("means differ by 0.21", "means differ by 0.21 (95 % interval 0.172 to 0.249)"),
    ],
)
def test_an_interval_is_said_once(sentence, said):
    assert evidence_words(Evidence(sentence=sentence, value=0.21, low=0.172, high=0.249)) == said
    assert evidence_words(Evidence(sentence=sentence)) == sentence


def test_where():
    assert where_words(Where()) == ""
    many = Where(layers=tuple(f"l{i}" for i in range(8)), classes=("cat",))
    assert where_words(many) == "layers l0, l1, l2, l3, l4, l5 and 2 more; class cat"


def test_status_and_remedy():
    assert status_words(finding()) == "established, 92 % sure, since epoch 6"
    assert status_words(finding(onset_epoch=None, onset_step=1340)).endswith("since step 1,340")
    assert remedy_words(Remedy(change="Stop.", cost="none", risk="too soon")) == (
        "Stop.",
        "cost: none; risk: too soon",
    )
    assert remedy_words(Remedy(change="Stop.")) == ("Stop.", "")


def test_one_candidate_is_no_choice():
    assert candidates_words(diagnosis(candidates=("overfitting",))) == ""
    assert candidates_words(sick()).startswith("One of: overfitting, label noise, covariate shift.")


def test_the_end_of_a_training_is_short():
    assert summary_lines(healthy()) == [
        "Healthy.",
        "Train as trained lies under val: normal with augmentation.",
    ]
    lines = summary_lines(sick())
    assert len([line for line in lines if line.startswith("Also: ")]) == 2
    assert lines[-1] == "1 more finding in the report."


def test_only_remarks_leave_the_headline_and_its_note():
    remark = diagnosis(finding(severity="info"), headline="Healthy, with a gap.", notes=("It is small.",))
    assert summary_lines(remark) == [
        "Healthy, with a gap.",
        "It is small.",
        "Also: overfitting: Clean train goes on rising while val does not follow.",
    ]


def test_names_cannot_command_a_terminal():
    assert not {"\x1b", "\u202e"} & set("".join(summary_lines(hostile())))
