"""Sizes along one axis against torch over a grid, and the refusals."""

from __future__ import annotations

import warnings
from itertools import product

import pytest
import torch

from striate.conv import effective_kernel, output_size, same_padding
from striate.conv.errors import ArgumentOutOfRange, WindowTooLarge
from striate.conv.geometry import ends

GRID = list(product(range(1, 10), range(1, 5), range(1, 4), range(4), range(1, 4)))


def test_the_output_size_is_torchs_over_a_grid() -> None:
    fits = 0
    for size, k, s, p, d in GRID:
        window = {"stride": s, "padding": p, "dilation": d}
        if size + 2 * p < d * (k - 1) + 1:
            with pytest.raises(WindowTooLarge):
                output_size(size, k, **window)
            continue
        y = torch.nn.functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k), **window)
        assert output_size(size, k, **window) == y.shape[2]
        fits += 1
    assert fits > 1000


def test_the_short_formula_of_lessons_forgets_padding_and_dilation() -> None:
    short = (32 - 3) // 1 + 1
    assert output_size(32, 3) == short
    assert output_size(32, 3, padding=1) == 32 != short
    assert output_size(32, 3, dilation=2) == 28 != short


@pytest.mark.parametrize(("k", "d"), list(product(range(1, 6), range(1, 4))))
def test_the_effective_kernel_is_what_a_dilated_kernel_reaches(k: int, d: int) -> None:
    x = torch.zeros(1, 1, 32, requires_grad=True)
    torch.nn.functional.conv1d(x, torch.ones(1, 1, k), dilation=d)[0, 0, 0].backward()
    seen = x.grad[0, 0].nonzero()
    assert effective_kernel(k, d) == int(seen[-1] - seen[0]) + 1


@pytest.mark.parametrize(("k", "d"), list(product(range(1, 8), range(1, 4))))
def test_same_padding_keeps_the_size_and_is_torchs(k: int, d: int) -> None:
    padding = same_padding(k, d)
    assert output_size(30, k, padding=padding, dilation=d) == 30
    x, w = torch.randn(1, 1, 30), torch.randn(1, 1, k)
    explicit = torch.nn.functional.conv1d(torch.nn.functional.pad(x, padding), w, dilation=d)
    with warnings.catch_warnings():
        # torch says once that an uneven padding copies its input.
        warnings.filterwarnings("ignore", message=".*even kernel")
        named = torch.nn.functional.conv1d(x, w, padding="same", dilation=d)
    torch.testing.assert_close(explicit, named)


def test_an_even_kernel_has_no_symmetric_same_padding() -> None:
    assert same_padding(4) == (1, 2)
    assert all(output_size(10, 4, padding=p) != 10 for p in range(5))


@pytest.mark.parametrize("s", [1, 2, 3])
def test_same_padding_with_a_stride_gives_the_ceiling(s: int) -> None:
    assert output_size(10, 3, stride=s, padding=same_padding(3)) == -(-10 // s)


def test_a_window_that_fits_nowhere_is_refused_with_the_sum() -> None:
    with pytest.raises(WindowTooLarge) as refused:
        output_size(2, 3, padding=(1, 0), dilation=2)
    assert str(refused.value) == (
        "the window fits nowhere [window-too-large]\n"
        "  got       2 pixels and 1 + 0 of padding\n"
        "  expected  5 pixels or more: the effective kernel 2*(3 - 1) + 1"
    )


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"size": -1}, "size"),
        ({"kernel": 0}, "kernel"),
        ({"stride": 0}, "stride"),
        ({"padding": -1}, "padding"),
        ({"padding": (0, 1.5)}, "padding"),
        ({"dilation": 0}, "dilation"),
    ],
)
def test_a_number_out_of_range_is_named(wrong: dict[str, object], name: str) -> None:
    with pytest.raises(ArgumentOutOfRange, match=f"^{name} does not fit"):
        output_size(**{"size": 8, "kernel": 3, **wrong})  # type: ignore[arg-type]


def test_ends_are_two() -> None:
    with pytest.raises(ArgumentOutOfRange) as refused:
        ends((1, 2, 3))
    assert str(refused.value) == (
        "padding does not fit [argument-out-of-range]\n"
        "  got       (1, 2, 3)\n"
        "  expected  one whole number, or (before, after)"
    )
