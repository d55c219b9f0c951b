"""Traces are kept, found again, and made anew when what made them has changed."""

from __future__ import annotations

import json

import pytest

from benchmarks.clinic import __main__ as command
from benchmarks.clinic import traces
from benchmarks.clinic.cases import Case
from benchmarks.clinic.running import Outcome
from tests.clinic.small import observed

CASE = Case("digits-tanh", "fault", "no-step", "gross", 0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("STRIATE_CLINIC", str(tmp_path))


@pytest.fixture
def runs(monkeypatch):
    made = []

    def run(plan, watched):
        made.append(plan)
        return Outcome(observed(), (0.5, 0.8), 0.9, 1.0)

    monkeypatch.setattr(traces, "run", run)
    return made


def test_a_trace_is_made_once(runs, capsys):
    for _ in range(2):
        traces.trace_all([CASE])
    assert len(runs) == 1
    found = traces.load(CASE)
    assert found is not None
    assert found.observation == observed()
    assert (found.truth, found.fresh) == ((0.5, 0.8), True)
    assert "1 of 1 are there" in capsys.readouterr().out


def test_another_observer_makes_it_anew_unless_it_is_to_be_kept(runs, monkeypatch):
    traces.trace_all([CASE])
    monkeypatch.setattr(traces, "observer_key", lambda: "another")
    assert traces.wanted([CASE], keep_old=True) == []
    assert traces.wanted([CASE], keep_old=False) == [CASE]
    found = traces.load(CASE)
    assert found is not None
    assert not found.fresh


def test_another_plant_makes_it_anew(runs, monkeypatch):
    traces.trace_all([CASE])
    monkeypatch.setattr(traces, "run_key", lambda case: "another")
    assert traces.wanted([CASE], keep_old=True) == [CASE]
    assert traces.load(CASE) is None


def test_a_broken_run_is_said_and_the_others_go_on(runs, monkeypatch, capsys):
    broken = Case("nobody", "fault", "no-step", "gross", 0)
    traces.in_turn([broken, CASE], traces.trace, jobs=1)
    out = capsys.readouterr().out
    assert "FAILED: KeyError" in out
    assert "2/2 digits-tanh" in out


def test_keys_differ_by_plant():
    other = Case("digits-tanh", "fault", "label-noise", "gross", 0)
    assert traces.run_key(CASE) != traces.run_key(other)
    assert traces.run_key(CASE) == traces.run_key(Case("discs-gn", "fault", "no-step", "gross", 3))


@pytest.mark.slow
def test_end_to_end(tmp_path, capsys):
    command.main(["smoke", "--only", "digits-tanh/fault/no-step"])
    out = capsys.readouterr().out
    assert "scored: 1 of 1 runs" in out
    found = json.loads((tmp_path / "score-smoke.json").read_text())
    assert found["striate"]["data"]["recall"]["n"] == 1
    assert found["striate"]["data"]["first"]["hits"] == 1


def test_the_smoke_set_is_small_and_needs_no_files():
    chosen = command.smoke()
    assert 25 <= len(chosen) <= 35
    assert {case.host for case in chosen} == set(command.SMOKE_HOSTS)
    assert {"fault", "control", "healthy"} == {case.kind for case in chosen}
