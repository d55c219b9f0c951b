"""Windows against indexing by hand, and the words for a window that is none."""

from __future__ import annotations

import numpy as np
import pytest

from striate.conv.errors import ArgumentOutOfRange, WindowTooLarge
from striate.conv.windows import Window, add_windows, windows

WINDOW = Window.of((2, 3), stride=(2, 1), padding=((1, 0), (2, 1)), dilation=(3, 2))
X = np.arange(2.0 * 3 * 8 * 5).reshape(2, 3, 8, 5) + 1


def test_a_window_sees_what_its_formula_says() -> None:
    seen = windows(X, WINDOW, fill=-7.0)
    assert seen.shape == (2, 3, 3, 4, 2, 3) == (2, 3, *WINDOW.positions((8, 5)), *WINDOW.kernel)
    for n, c, i, j, u, v in np.ndindex(seen.shape):
        h, w = i * 2 + u * 3 - 1, j * 1 + v * 2 - 2
        inside = 0 <= h < 8 and 0 <= w < 5
        assert seen[n, c, i, j, u, v] == (X[n, c, h, w] if inside else -7.0)


def test_adding_counts_how_many_windows_lie_on_a_pixel() -> None:
    seen = windows(X, WINDOW)
    count = np.zeros((8, 5))
    for i, j, u, v in np.ndindex(3, 4, 2, 3):
        h, w = i * 2 + u * 3 - 1, j * 1 + v * 2 - 2
        if 0 <= h < 8 and 0 <= w < 5:
            count[h, w] += 1
    added = add_windows(np.ones(seen.shape), WINDOW, (8, 5))
    np.testing.assert_array_equal(added, np.broadcast_to(count, (2, 3, 8, 5)))


def test_a_view_does_not_write_into_the_map() -> None:
    with pytest.raises(ValueError, match="read-only"):
        windows(X, WINDOW)[0, 0, 0, 0, 0, 0] = 1.0


def test_a_batch_of_none_has_windows_of_none() -> None:
    assert windows(X[:0], WINDOW).shape == (0, 3, 3, 4, 2, 3)
    assert add_windows(np.zeros((0, 3, 3, 4, 2, 3)), WINDOW, (8, 5)).shape == (0, 3, 8, 5)


def test_padding_has_two_or_four_sides() -> None:
    assert Window.of(1, padding=(1, 2)).padding == ((1, 1), (2, 2))
    with pytest.raises(ArgumentOutOfRange) as refused:
        Window.of(1, padding=(1, 2, 3, 4))  # type: ignore[arg-type]
    assert str(refused.value) == (
        "padding does not fit [argument-out-of-range]\n"
        "  got       (1, 2, 3, 4)\n"
        "  expected  one whole number, (rows, columns), or ((above, below), (left, right))"
    )


def test_each_axis_has_its_own_numbers() -> None:
    window = Window.of((1, 9), dilation=(5, 1))
    assert window.extent == (1, 9)
    with pytest.raises(WindowTooLarge):
        windows(X, window)
