"""predictions.csv read back, and each way in which it can be damaged, with its text."""

from __future__ import annotations

import pytest

from striate.core.run_folder import RunFolder
from striate.report.predictions import read_predictions
from striate.training.errors import RunDamaged
from striate.training.run_files import read_run
from tests.two_runs import CLASSES, answers, write_run

GIVEN = {
    "val": answers({"ant": [True, False], "bee": [True], "cat": [True]}),
    "test": answers({"ant": [True, True], "bee": [False], "cat": [True]}),
}


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return write_run(tmp_path / "run", GIVEN)


def read(folder: RunFolder):
    return read_predictions(folder, read_run(folder), CLASSES)


def refused(folder: RunFolder, change) -> RunDamaged:
    path = folder / "predictions.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RunDamaged) as caught:
        read(folder)
    return caught.value


def test_what_was_written_comes_back(folder):
    assert read(folder) == GIVEN
    assert read(folder)["test"].right == (True, True, False, True)


def test_a_split_that_was_not_scored_is_not_there(tmp_path):
    assert list(read(write_run(tmp_path / "run", {"val": GIVEN["val"]}))) == ["val"]


def test_more_columns_in_another_order_are_no_matter(folder):
    rows = [line.split(",") for line in (folder / "predictions.csv").read_text().splitlines()]
    (folder / "predictions.csv").write_text("\n".join(",".join([*reversed(row), "more"]) for row in rows))
    assert read(folder) == GIVEN


def test_a_missing_file(folder):
    (folder / "predictions.csv").unlink()
    with pytest.raises(RunDamaged) as caught:
        read(folder)
    assert str(caught.value) == (
        "predictions.csv is missing [run-damaged]\n"
        f"  where     {folder / 'predictions.csv'}\n"
        "  next      put it back from a copy, or train again: the command is in run.json"
    )


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda text: "", "no column path, split, label, predicted"),
        (lambda text: text.replace("predicted,", "said,", 1), "no column predicted"),
        (lambda text: text[: text.rindex(",0.9")], "line 9: 4 of 7 columns"),
        (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "3 rows of test where run.json has 4"),
        (lambda text: text + "cat/9.png,val,cat,cat,0.9,1,0.9\n", "5 rows of val where run.json has 4"),
        (lambda text: text.replace(",ant,", ",wasp,", 1), "line 2: a class that data.json does not have"),
        (lambda text: text.replace("0.9", '"0.9', 1), "line 9: 5 of 7 columns"),
    ],
)  # fmt: skip
def test_a_damaged_file_says_where(folder, change, got):
    error = refused(folder, change)
    assert (error.what, error.where, error.got) == (
        "predictions.csv cannot be read",
        str(folder / "predictions.csv"),
        got,
    )


def test_bytes_that_are_no_text(folder):
    (folder / "predictions.csv").write_bytes(b"path,split,label,predicted\n\xff\xfe,val,ant,ant\n")
    with pytest.raises(RunDamaged, match=r"predictions\.csv cannot be read"):
        read(folder)
