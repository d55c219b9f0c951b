"""`striate diagnose` in words, as JSON and as a page; its exit codes; what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from striate.cli import diagnose as module
from striate.core.diagnosis_records import Diagnosis
from striate.verbs import diagnose as verb
from striate.verbs.diagnose import Examined
from tests.diagnoses import diagnosis, finding, healthy, observation, sick

INFO = diagnosis(finding(severity="info"))
WARNING = diagnosis(finding())


@pytest.fixture
def shown(monkeypatch):
    """``shown(diagnosis)``: what every target is judged to be."""

    def put(found: Diagnosis) -> None:
        monkeypatch.setattr(verb, "examined", lambda path: Examined(path, observation(), found))

    return put


def test_in_words_as_wide_as_the_terminal(cli, shown, monkeypatch):
    shown(WARNING)
    for columns, widest in ((40, 40), (80, 80), (120, 100), (20, 40)):
        monkeypatch.setenv("COLUMNS", str(columns))
        ended = cli("diagnose", "run")
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith(
            "Overfitting.\nSeen: the curves and the settings.\n\nWarning: Overfitting "
        )
        assert max(map(len, ended.out.splitlines())) <= widest


def test_several_targets_are_named(cli, shown):
    shown(healthy())
    out = cli("diagnose", "a", "b\x1b").out
    assert out.startswith("a\nHealthy.\n")
    assert "\n\nb␛\nHealthy.\n" in out


def test_json_of_one_and_of_several(cli, shown):
    shown(sick())
    assert Diagnosis.from_json(cli("diagnose", "a", "--json").out) == sick()
    several = json.loads(cli("diagnose", "a", "b", "--json").out)
    assert [one["target"] for one in several] == ["a", "b"]
    assert Diagnosis.model_validate(several[1]["diagnosis"]) == sick()


@pytest.mark.parametrize(
    ("found", "least", "code"),
    [
        (healthy(), "info", 0),
        (INFO, "info", 1),
        (INFO, "warning", 0),
        (WARNING, "info", 1),
        (WARNING, "warning", 1),
        (WARNING, "critical", 0),
        (sick(), "critical", 1),
        (diagnosis(verdict="unknown problem"), "warning", 1),
        (diagnosis(verdict="unknown problem"), "critical", 0),
        (diagnosis(verdict="unclear"), "info", 0),
    ],
    ids=str,
)
def test_the_exit_code(cli, shown, found, least, code):
    shown(found)
    assert cli("diagnose", "run", "--fail-on", least).code == code
    assert cli("diagnose", "run").code == 0


def test_one_bad_target_of_several_is_enough(cli, monkeypatch):
    found = {"good": healthy(), "bad": WARNING}
    monkeypatch.setattr(verb, "examined", lambda path: Examined(path, observation(), found[path]))
    assert cli("diagnose", "bad", "good", "--fail-on", "warning").code == module.FOUND


def test_all_names_what_could_not_be_judged(cli, shown):
    shown(sick())
    assert "memory growth: memory was not read" in cli("diagnose", "run", "--all").out
    assert "memory growth" not in cli("diagnose", "run").out


def test_a_page(cli, shown, tmp_path: Path):
    shown(sick())
    page = tmp_path / "page.html"
    assert cli("diagnose", "run", "--html", str(page)).out.endswith(f"\n\n{page}\n")
    assert "<h1><bdi>run</bdi></h1>" in page.read_text()
    ended = cli("diagnose", "a", "b", "--html", str(page))
    assert ended.code == 2
    assert "--html takes one target" in ended.err


@pytest.mark.parametrize("words", [[], ["run", "--fail-on", "error"], ["nowhere.csv"], ["run", "--html"]])
def test_mistakes_are_refused_on_one_screen(cli, words):
    ended = cli("diagnose", *words)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert "Traceback" not in ended.err
