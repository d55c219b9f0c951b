"""Two run folders compared: which split, which refusals, and that torch is not waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import striate
from striate.core.run_folder import NoSuchRun
from striate.training.errors import RunDamaged
from striate.verbs.compare import compare
from striate.verbs.errors import NotComparable, NotFinished
from tests.two_runs import answers, write_run


def marks(right: int, n: int = 60) -> list[bool]:
    return [i < right for i in range(n)]


BEFORE = {"ant": marks(58), "bee": marks(50), "cat": marks(40)}
AFTER = {"ant": marks(40), "bee": marks(52), "cat": marks(58)}


@pytest.fixture
def runs(tmp_path):
    """A run, and one with augmentation that hurts ants."""
    a = write_run(tmp_path / "plain", {"val": answers(BEFORE), "test": answers(BEFORE)}, augment="none")
    b = write_run(tmp_path / "flipped", {"val": answers(AFTER), "test": answers(AFTER)}, augment="flip")
    return a.path, b.path


def test_test_is_compared_where_both_have_it(runs):
    found = compare(*runs)
    assert (found.split, found.paired, found.a.name, found.b.name) == ("test", True, "plain", "flipped")
    assert [c.name for c in found.hurt] == ["ant"]
    assert [(s.name, s.a, s.b) for s in found.settings] == [("augment", "none", "flip")]
    assert len(found.a.val_accuracy) == 5


def test_else_val(runs, tmp_path):
    lone = write_run(tmp_path / "lone", {"val": answers(AFTER)})
    found = compare(runs[0], lone.path)
    assert found.split == "val"
    assert "also chose the epoch" in " ".join(found.sentences)


def test_the_door_takes_runs_and_files_in_them(runs):
    opened = striate.Run(runs[0])
    assert striate.compare(opened, runs[1] / "run.json") == compare(*runs)


def test_the_same_run_twice_is_no_error(runs):
    found = compare(runs[0], runs[0])
    assert found.same_run
    assert found.settings == ()


def test_runs_of_one_name_go_by_their_path(tmp_path, runs):
    twin = write_run(tmp_path / "elsewhere" / "plain", {"test": answers(AFTER)})
    found = compare(runs[0], twin.path)
    assert (found.a.name, found.b.name) == (str(runs[0]), str(twin.path))


def test_what_is_no_run(runs, tmp_path):
    with pytest.raises(NoSuchRun, match="no run here"):
        compare(runs[0], tmp_path / "nowhere")
    with pytest.raises(NoSuchRun, match=r"a folder without args\.yaml"):
        compare(tmp_path, runs[0])


@pytest.mark.parametrize(
    ("status", "words"), [("running", "still training"), ("interrupted", "interrupted"), ("failed", "failed")]
)
def test_an_unfinished_run(runs, tmp_path, status, words):
    half = write_run(tmp_path / "one half", {"val": answers(AFTER)}, status=status).path
    with pytest.raises(NotFinished) as caught:
        compare(runs[0], half)
    assert str(caught.value) == (
        "this run has not ended, so it has no answers to compare [not-finished]\n"
        f"  where     {half}\n"
        f"  got       {words} after 5 epochs of 5\n"
        f"  next      striate resume '{half}'"
    )


def test_damaged_answers(runs):
    (runs[1] / "predictions.csv").unlink()
    with pytest.raises(RunDamaged, match=r"predictions\.csv is missing"):
        compare(*runs)


def test_other_classes_get_the_nearest(runs, tmp_path):
    names = ("ants", "bee", "cat", "dog")
    other = write_run(
        tmp_path / "other", {"test": answers(dict.fromkeys(names, marks(50)), names)}, names
    ).path
    with pytest.raises(NotComparable) as caught:
        compare(runs[0], other)
    assert str(caught.value) == (
        "the two runs tell other classes apart [not-comparable]\n"
        f"  where     {other}\n"
        "  got       only in A: ant; only in B: ants, dog\n"
        "  expected  the same classes in both\n"
        "  next      is ants the class ant? One name for both, and train again"
    )


def test_many_other_classes_are_counted(runs, tmp_path):
    names = ("ant", "bee", "cat", *(f"x{i}" for i in range(9)))
    other = write_run(
        tmp_path / "other", {"test": answers(dict.fromkeys(names, marks(50)), names)}, names
    ).path
    with pytest.raises(NotComparable) as caught:
        compare(runs[0], other)
    assert caught.value.got == "only in B: x0, x1, x2, x3, x4 and 4 more"
    assert caught.value.next_step == "compare runs on the same data"


def test_no_split_in_common(tmp_path):
    a = write_run(tmp_path / "a", {"val": answers(BEFORE)}).path
    b = write_run(tmp_path / "b", {"test": answers(AFTER)}).path
    with pytest.raises(NotComparable) as caught:
        compare(a, b)
    assert caught.value.got == "A: val; B: test"
    assert caught.value.what == "there is no split that both runs were scored on"


def test_the_classes_may_stand_in_another_order(runs, tmp_path):
    names = ("cat", "ant", "bee")
    given = {name: AFTER[name] for name in names}
    turned = write_run(tmp_path / "turned", {"test": answers(given, names)}, names).path
    assert [(c.name, c.verdict) for c in compare(runs[0], turned).classes] == [
        (c.name, c.verdict) for c in compare(*runs).classes
    ]


def test_nothing_is_written_and_torch_is_not_waited_for(runs):
    before = {path: path.stat().st_mtime_ns for run in runs for path in run.rglob("*")}
    probe = "import striate, sys; striate.compare(*sys.argv[1:]); sys.exit('torch' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parent.parent)}
    assert (
        subprocess.run([sys.executable, "-c", probe, *map(str, runs)], env=env, check=False).returncode == 0
    )
    assert {path: path.stat().st_mtime_ns for run in runs for path in run.rglob("*")} == before
