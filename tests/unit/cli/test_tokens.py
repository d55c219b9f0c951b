"""Words of other tools' habits rewritten to one spelling, and paths left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.cli.errors import UnknownFlag
from striate.cli.flags import RECIPE_SPELLING
from striate.cli.tokens import Spelling, did_you_mean, one_spelling

SPELLING = Spelling(
    known={
        "data": "data",
        "epochs": "epochs",
        "max_epochs": "epochs",
        "batch_size": "batch_size",
        "b": "batch_size",
        "imgsz": "img_size",
        "img_size": "img_size",
        "weights": "weights",
        "skip": "skip",
    },
    switches=frozenset({"skip"}),
)


def spelled(*words: str, there: tuple[str, ...] = ()) -> list[str]:
    return one_spelling(list(words), SPELLING, exists=lambda word: word in there)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--epochs", "3"], ["--epochs=3"]),
        (["--epochs=3"], ["--epochs=3"]),
        (["--max_epochs", "3"], ["--epochs=3"]),
        (["--max-epochs=3"], ["--epochs=3"]),
        (["epochs=3"], ["--epochs=3"]),
        (["max-epochs=3"], ["--epochs=3"]),
        (["--batch_size", "4"], ["--batch-size=4"]),
        (["-b", "4"], ["--batch-size=4"]),
        (["-b4"], ["--batch-size=4"]),
        (["-b=4"], ["--batch-size=4"]),
        (["photos", "imgsz=64", "epochs=2"], ["photos", "--img-size=64", "--epochs=2"]),
        (["data=photos"], ["--data=photos"]),
        (["--epochs", "-1"], ["--epochs=-1"]),
        (["--epochs", "--skip"], ["--epochs", "--skip"]),
        (["--epochs"], ["--epochs"]),
        (["--skip", "photos"], ["--skip", "photos"]),
        (["--skip", "False", "photos"], ["--skip=false", "photos"]),
        (["--skip=TRUE"], ["--skip=true"]),
        (["skip=False"], ["--skip=false"]),
        (["--no_skip"], ["--no-skip"]),
        (["--no-skip"], ["--no-skip"]),
        (["--unknown_flag", "3"], ["--unknown-flag", "3"]),
        (["--weights", "a=b.pth"], ["--weights=a=b.pth"]),
        (["--", "epochs=3", "-b"], ["--", "epochs=3", "-b"]),
        (["-h"], ["-h"]),
        (["-"], ["-"]),
    ],
)
def test_spellings(words: list[str], wanted: list[str]) -> None:
    assert spelled(*words) == wanted


@pytest.mark.parametrize("path", ["some/a=b", "./epochs=3", "/data/lr=0.1/photos", "=x", "3=x"])
def test_what_cannot_be_a_setting_is_a_path(path: str) -> None:
    assert spelled(path) == [path]


def test_a_path_that_exists_wins_over_a_setting() -> None:
    assert spelled("epochs=3", there=("epochs=3",)) == ["epochs=3"]
    assert spelled("run=3", there=("run=3",)) == ["run=3"]


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownFlag) as caught:
        spelled("epoch=3")
    assert str(caught.value) == (
        "no such setting [unknown-flag]\n"
        "  got       epoch=3\n"
        "  expected  a setting, or a path that exists\n"
        "  next      did you mean --epochs?"
    )


def test_verbs_without_a_recipe_know_no_keys() -> None:
    assert one_spelling(["run=1", "--batch_size", "3"], Spelling()) == ["run=1", "--batch-size", "3"]


def test_a_suggestion_names_the_flag_and_not_its_synonym() -> None:
    assert did_you_mean("max_epoch", SPELLING.known) == "did you mean --epochs?"
    assert did_you_mean("zzzzz", SPELLING.known) is None


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12)))
def test_any_words_pass_or_are_refused(words: list[str]) -> None:
    """Whatever is typed: no other exception, and nothing after ``--`` changes."""
    try:
        out = one_spelling(["--", *words], RECIPE_SPELLING)
        assert out == ["--", *words]
        one_spelling(words, RECIPE_SPELLING, exists=lambda word: False)
    except UnknownFlag:
        pass
