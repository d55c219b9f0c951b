"""`striate val`: the figures with their intervals, worst classes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from striate.cli.val import score_text
from striate.core.records import Score
from tests.unit.cli.conftest import score_record

SCREEN = """\
val: accuracy 80.0 % (95 % interval 58.4 to 91.9 %), 16 of 20 images
loss 0.5123, calibration error 5.1 %, balanced accuracy 79.2 %, top-5 100 %

Classes, worst first
class  recall        interval  precision  images  most taken for
dog    75.0 %  50.0 to 95.0 %     75.0 %       8  cat (2)
cat    83.3 %  50.0 to 95.0 %     83.3 %      12  dog (2)
"""


def test_the_screen(cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str) -> None:
    calls = verb("val", score_record())
    ended = cli("eval", run_folder, "other", "--split", "test", "--weights", "last")
    assert (ended.code, ended.out, ended.err) == (0, SCREEN, "")
    calls[0].pop("progress")
    assert calls == [
        {"args": (run_folder, "other"), "own_data": None, "split": "test", "weights": "last", "tta": None}
    ]


def test_the_screen_says_over_which_views(
    cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str
) -> None:
    calls = verb("val", score_record())
    ended = cli("val", run_folder, "--tta", "shift+flip")
    assert (ended.code, ended.out, ended.err) == (
        0,
        SCREEN.replace("val: ", "val with flip+shift (6 views): ", 1),
        "",
    )
    assert calls[0]["tta"] == "shift+flip"
    assert cli("val", run_folder, "--tta", "flip", "--json").out == cli("val", run_folder, "--json").out


def test_views_that_do_not_exist(cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str) -> None:
    verb("val", score_record())
    ended = cli("val", run_folder, "--tta", "flpi")
    assert (ended.code, ended.err) == (
        2,
        "error: no such view [unknown-view]\n"
        "  got       flpi\n"
        "  expected  flip, vflip, rot180, rot90, shift; several joined by +\n"
        "  next      did you mean flip or vflip?\n",
    )


def test_the_new_place_of_the_own_data_reaches_the_verb(
    cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str
) -> None:
    calls = verb("val", score_record())
    assert cli("val", run_folder, "--data", "moved/photos").code == 0
    assert (calls[0]["args"], calls[0]["own_data"]) == ((run_folder, None), "moved/photos")


def test_json_is_the_whole_record(cli: Callable[..., Any], verb: Callable[..., Any], run_folder: str) -> None:
    verb("val", score_record())
    assert Score.from_json(cli("val", run_folder, "--json").out) == score_record()


def test_of_many_classes_the_worst_are_shown() -> None:
    score = score_record()
    many = tuple(score.classes[i % 2].model_copy(update={"name": f"c{i:02d}"}) for i in range(20))
    empty = score.classes[0].model_copy(update={"name": "none", "n": 0})
    wide = score.model_copy(update={"classes": (*many, empty), "confusion": ((0,) * 21,) * 21})
    text = score_text(wide)
    assert "The 8 worst of 20 classes" in text
    assert "none" not in text
    assert text.count("\n") == 12


def test_hostile_class_names_are_harmless() -> None:
    score = score_record()
    hostile = score.classes[0].model_copy(update={"name": "a\x1b[2J\nb"})
    text = score_text(score.model_copy(update={"classes": (hostile, score.classes[1])}))
    assert "\x1b" not in text
    assert len(text.splitlines()) == 7
