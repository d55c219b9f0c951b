"""Every condition has its page, its paragraphs and its patients, and names only conditions that exist."""

from __future__ import annotations

import re
import types

import pytest

from scripts import condition_pages
from striate.diagnosis.condition import Condition, absent
from striate.diagnosis.conditions import all_conditions
from tests.house.tree import TESTS
from tests.house.verdict import none_breaks

CONDITIONS = all_conditions()
NAMES = {c.name for c in CONDITIONS}


def patients(condition: Condition) -> str:
    """The names of the tests of a condition's patients; empty where it has none."""
    path = TESTS / "patients" / f"test_{condition.name.replace('-', '_')}.py"
    return " ".join(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))) if path.exists() else ""


def test_the_pages_are_those_that_would_be_written() -> None:
    wanted = condition_pages.pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in condition_pages.PAGES.glob("*.md")}
    none_breaks("a condition without its page: `make docs`", set(wanted) - set(there))
    none_breaks("a page without its condition: `make docs`", set(there) - set(wanted))
    none_breaks("a stale page: `make docs`", (name for name in wanted if wanted[name] != there[name]))


def test_each_says_all_that_a_page_needs() -> None:
    def complaint(condition: Condition) -> str:
        try:
            condition_pages.paragraphs(condition)
        except ValueError as error:
            return str(error)
        return "" if condition.remedies else f"{condition.name}: no remedy"

    none_breaks("a condition that does not say enough", filter(None, map(complaint, CONDITIONS)))


def test_names_are_those_of_modules_and_of_conditions_that_exist() -> None:
    modules = {condition_pages._module(c).rpartition(".")[2].replace("_", "-") for c in CONDITIONS}
    none_breaks("a condition that is not named as its module", modules ^ NAMES)
    none_breaks(
        "explains or rivals names no condition",
        (f"{c.name}: {name}" for c in CONDITIONS for name in (*c.explains, *c.rivals) if name not in NAMES),
    )
    none_breaks(
        "a condition that is its own rival",
        (c.name for c in CONDITIONS if c.name in (*c.explains, *c.rivals)),
    )


def test_each_has_a_sick_a_healthy_and_a_near_miss_patient() -> None:
    none_breaks(
        "a condition without a patient in tests/patients",
        (
            f"{c.name}: {word}"
            for c in CONDITIONS
            for word in ("sick", "healthy", "near_miss")
            if word not in patients(c)
        ),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("It is odd.\n\nMeans: something.", "lacks Hurts, Rule, Origin, False alarms, Changes its mind"),
        ("It is odd.\n\nMeans: one.\n\nMeans: two.", "has Means: twice"),
    ],
    ids=["missing", "twice"],
)
def test_a_docstring_that_lacks_a_paragraph_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    name = "striate.diagnosis.conditions.made_up"
    monkeypatch.setitem(condition_pages.sys.modules, name, types.ModuleType(name, text))
    with pytest.raises(ValueError, match=complaint):
        condition_pages.paragraphs(Condition("X", "made-up", "Made up", "data", lambda _: absent(""), ()))
