"""Long tables are read as short ones are, or left to the careful reader."""

from __future__ import annotations

import pytest

from striate.diagnosis.logs.plain_table import plain_columns

ROWS = 25_000


@pytest.mark.parametrize(("separator", "point"), [(",", "."), (";", ","), ("\t", ".")])
def test_numbers_and_holes(separator: str, point: str) -> None:
    lines = [f"{i}{separator}0{point}25{separator}{i % 2 or ''}" for i in range(ROWS)]
    columns = plain_columns(lines, separator, ["epoch", "loss", "val_loss"])
    assert columns is not None
    assert columns["epoch"].values.tolist() == list(range(ROWS))
    assert set(columns["loss"].values.tolist()) == {0.25}
    assert columns["loss"].resolution == pytest.approx(0.005)
    assert columns["val_loss"].given.tolist() == [i % 2 == 1 for i in range(ROWS)]


@pytest.mark.parametrize("odd", ["1,2,3", "1", "1,red", "epoch,loss"], ids=["long", "short", "text", "names"])
def test_a_row_that_is_not_plain_leaves_all_to_the_careful_reader(odd: str) -> None:
    assert plain_columns([*["1,2"] * ROWS, odd], ",", ["epoch", "loss"]) is None
    assert plain_columns(["1,2"] * ROWS, ",", ["epoch", "loss"]) is not None


def test_a_column_of_words_may_name_the_split() -> None:
    assert plain_columns(["train,1,2"] * ROWS, ",", ["phase", "epoch", "loss"]) is None


def test_short_tables_are_read_with_care() -> None:
    assert plain_columns(["1,2"] * 10, ",", ["epoch", "loss"]) is None
