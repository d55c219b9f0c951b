"""Figures from scripted judges: what counts as recall, as a false alarm, as named."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks.clinic import harm as proof
from benchmarks.clinic import score as scoring
from benchmarks.clinic import tables
from benchmarks.clinic.cases import Case
from benchmarks.clinic.harm import Harm, paired_p, pairs_of
from benchmarks.clinic.judging import JUDGES, Said
from benchmarks.clinic.levels import LEVELS, shown
from benchmarks.clinic.score import figures, judged
from benchmarks.clinic.traces import Trace
from tests.clinic.small import observed, trace_of

HEALTHY = Case("digits-tanh", "healthy", "", "", 0)
CONTROL = Case("digits-tanh", "control", "dropout", "", 0)
HIGH = Case("digits-tanh", "fault", "rate-high", "gross", 0)
THIN = Case("digits-tanh", "fault", "thin", "mild", 0)
EXTRA = Case("digits-tanh", "fault", "blank", "gross", 0)


def told(said: dict[Case, tuple[str, ...]], roles: dict[Case, str], level: str = "data"):
    traces = [trace_of(case) for case in roles]
    answers = iter([Said(alarms=said.get(case, ()), causes=len(said.get(case, ()))) for case in roles])
    return judged(traces, roles, lambda _seen: next(answers), level)  # type: ignore[arg-type]


def test_figures():
    roles = {HEALTHY: "healthy", CONTROL: "healthy", HIGH: "harmful", THIN: "harmful", EXTRA: "harmful"}
    said = {
        CONTROL: ("overfitting", "dead-relu"),
        HIGH: ("learning-rate-too-high",),
        THIN: ("overfitting", "underfitting"),
        EXTRA: ("corrupt-images",),
    }
    found = figures(told(said, roles))
    assert (found["recall"]["hits"], found["recall"]["n"]) == (2, 2)  # what is beyond the core is apart
    assert found["first"]["hits"] == 1
    assert found["among three"]["hits"] == 2
    assert found["false alarms per healthy run"] == 1.0
    assert found["healthy runs with an alarm"]["share"] == 0.5
    assert found["first, macro"] == 0.5
    assert found["by condition"]["underfitting"]["first"]["hits"] == 0
    assert found["beyond the core"]["first"]["hits"] == 1
    assert found["other causes named per harmful run"] == 1.0
    assert found["first"]["low"] < 0.5 < found["first"]["high"]


def test_non_finite_is_right_where_it_came_to_that():
    judge = lambda _seen: Said(alarms=("non-finite",))
    for finite in (True, False):
        trace = replace(trace_of(HIGH), finite=finite)
        assert judged([trace], {HIGH: "harmful"}, judge, "data")[0].first_right is not finite


def test_what_does_no_harm_is_no_fault_and_no_healthy_run():
    found = figures(told({THIN: ("underfitting",)}, {THIN: "harmless", HEALTHY: "healthy"}))
    assert found["recall"]["n"] == 0
    assert math.isnan(found["recall"]["share"])
    assert found["hard negatives with an alarm"]["share"] == 1.0
    assert found["healthy runs with an alarm"]["share"] == 0.0


def test_from_curves_more_answers_are_right():
    said = {HIGH: ("underfitting",)}
    assert not told(said, {HIGH: "harmful"})[0].first_right
    assert told(said, {HIGH: "harmful"}, "curves")[0].first_right


@pytest.mark.parametrize(
    ("candidates", "right"),
    [
        (("overfitting", "learning-rate-too-high"), True),
        (("a", "b", "c", "learning-rate-too-high"), False),
        (("overfitting",), False),
        ((), False),
    ],
    ids=["in", "too many", "not in", "none"],
)
def test_sets_of_three(candidates, right):
    judge = lambda _seen: Said(alarms=(), candidates=candidates)
    assert judged([trace_of(HIGH)], {HIGH: "harmful"}, judge, "data")[0].in_set is right


def test_lists_of_what_went_wrong():
    roles = {HEALTHY: "healthy", HIGH: "harmful", THIN: "harmful"}
    runs = told({HEALTHY: ("overfitting",), HIGH: ("dead-relu",)}, roles)
    assert scoring.false_alarms(runs) == [(HEALTHY.label, ("overfitting",))]
    assert scoring.confusions(runs) == [
        ("learning-rate-too-high", "dead-relu", 1),
        ("underfitting", "nothing", 1),
    ]
    assert [label for label, _, _ in scoring.misses(runs)] == [HIGH.label, THIN.label]


def test_tables_print_every_judge_and_level(monkeypatch):
    monkeypatch.setattr(scoring, "harm", lambda _case: harm_of())
    found = scoring.score([trace_of(HEALTHY), trace_of(HIGH)], LEVELS, JUDGES)
    lines = tables.overview(found)
    assert len(lines) == 1 + len(JUDGES) * len(LEVELS)
    assert any("learning-rate-too-high" in line for line in tables.by_condition(found["striate"]["data"]))
    assert tables.wrongs(found["UMLAUT"]["data"])


def test_an_odd_run_that_does_worse_than_its_host_is_not_healthy():
    worse = Trace(CONTROL, (0.7, 0.76), 0.9, 1.0, observed(), True, True)
    assert scoring.roles_of([trace_of(HEALTHY), trace_of(CONTROL)]) == {
        HEALTHY: "healthy",
        CONTROL: "healthy",
    }
    assert scoring.roles_of([trace_of(HEALTHY), worse]) == {HEALTHY: "healthy", CONTROL: "worse"}


def test_levels_take_away():
    seen = observed()
    curves, config = shown(seen, "curves"), shown(seen, "config")
    assert (curves.level, config.level) == ("curves", "config")
    assert curves.epochs[-1].val_accuracy == 0.8
    assert curves.epochs[-1].lr is None
    assert shown(seen, "data") is seen
    with pytest.raises(ValueError, match="level"):
        shown(seen, "all")


def harm_of(**more) -> Harm:
    usual = {"pairs": 5, "healthy": 0.9, "sick": 0.8, "p": 0.01, "by_definition": False}
    return Harm("digits-tanh", "thin", "mild", **usual | more)


@pytest.mark.parametrize(
    ("more", "harmful"),
    [
        ({}, True),
        ({"sick": 0.88}, False),
        ({"p": 0.2}, False),
        ({"sick": 0.9, "by_definition": True}, True),
        ({"p": math.nan, "pairs": 1}, True),
    ],
    ids=["proven", "too little", "by chance", "by definition", "one pair"],
)
def test_harm(more, harmful):
    assert harm_of(**more).harmful is harmful


def test_no_more_pairs_are_run_of_what_does_nothing(monkeypatch):
    known = {(case.kind, case.name, case.seed): 0.9 for pair in pairs_of([THIN]) for case in pair}
    known |= {("fault", "rate-high", seed): 0.1 for seed in range(5)}
    made = {key: value for key, value in known.items() if key[2] == 0}
    monkeypatch.setattr(proof, "accuracy", lambda case: made.get((case.kind, case.name, case.seed)))

    def run(todo, do, jobs):
        made.update({key: known[key] for key in ((c.kind, c.name, c.seed) for c in todo)})

    monkeypatch.setattr(proof, "in_turn", run)
    proof.harm_all([THIN, HIGH])
    assert proof.harm(THIN).pairs == 2
    assert proof.harm(THIN).futile
    assert proof.harm(HIGH).pairs == 5
    assert proof.harm(HIGH).harmful
    assert not proof.harm(THIN).harmful


def test_paired_p():
    assert paired_p([0.1, 0.1, 0.1]) == 0.0
    assert paired_p([0.0, 0.0]) == 1.0
    assert math.isnan(paired_p([0.1]))
    # t = 2 / (sqrt(2.5) / sqrt(5)) = 2.828 at 4 degrees of freedom
    assert paired_p([0.0, 1.0, 2.0, 3.0, 4.0]) == pytest.approx(0.0474, abs=1e-3)


def test_pairs_are_of_one_seed_and_spare_what_is_a_fault_by_definition():
    pairs = pairs_of([HEALTHY, THIN, Case("digits-tanh", "fault", "no-step", "gross", 0)])
    assert len(pairs) == 5
    assert all(sick.seed == twin.seed and twin.kind == "healthy" for sick, twin in pairs)
