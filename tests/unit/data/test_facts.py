"""The packed row and the struct that fills it are one layout; codes fit their bytes."""

from __future__ import annotations

import numpy as np

from striate.data.facts import FACTS, FLAGS, FORMATS, MODES, PACKED, REASONS


def test_the_struct_fills_the_row() -> None:
    assert PACKED.size == FACTS.itemsize
    row = np.frombuffer(PACKED.pack(1, 2, 3, 4, 5, 65535, 2**32 - 1, 7, bytes(range(16))), FACTS)[0]
    values = [
        row[name]
        for name in ("reason", "format", "mode", "orientation", "flags", "frames", "width", "height")
    ]
    assert values == [1, 2, 3, 4, 5, 65535, 2**32 - 1, 7]
    assert row["digest"].tobytes() == bytes(range(16))


def test_codes_are_unique_and_fit_a_byte() -> None:
    for names in (FORMATS, MODES, REASONS):
        assert len(set(names)) == len(names) < 256
        assert names[0] == ""
    assert sum(FLAGS.values()) == 2 ** len(FLAGS) - 1 < 256
