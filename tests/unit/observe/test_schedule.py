"""When to look."""

from __future__ import annotations

from striate.observe.schedule import due


def test_dense_then_sparse():
    looks = [step for step in range(1, 301) if due(step)]
    assert looks == [1, 2, 4, 8, 16, 32, 64, 100, 150, 200, 250, 300]
