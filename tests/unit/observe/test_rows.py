"""A growing column holds what was put, in one block of its own."""

from __future__ import annotations

import pytest
import torch

from striate.observe.rows import Rows


def test_rows_are_those_put_in_order() -> None:
    rows, parts = Rows(), [torch.arange(700 * i, 700 * (i + 1)).reshape(-1, 2) for i in range(9)]
    for part in parts:
        rows.put(part)
        assert torch.equal(rows.taken()[-350:], part)
    assert torch.equal(rows.taken(), torch.cat(parts))


def test_rows_are_a_copy() -> None:
    rows, values = Rows(), torch.tensor([1.0, 2.0])
    rows.put(values)
    values.zero_()
    assert rows.taken().tolist() == [1.0, 2.0]


def test_clear_forgets() -> None:
    rows = Rows()
    rows.put(torch.tensor([1]))
    rows.clear()
    rows.put(torch.tensor([2]))
    assert rows.taken().tolist() == [2]


def test_nothing_put_and_another_shape_are_errors() -> None:
    rows = Rows()
    with pytest.raises(ValueError, match="no rows were put"):
        rows.taken()
    rows.put(torch.zeros(2, 3))
    with pytest.raises(RuntimeError):
        rows.put(torch.zeros(2, 4))
