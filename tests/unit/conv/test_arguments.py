"""What is taken as an array, a whole number, a pair or a share, and the words for what is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.conv import arguments
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8, np.uint64, bool])
def test_all_real_numbers_become_float64(dtype: type) -> None:
    assert arguments.array("x", np.ones((2, 3), dtype), "N C").dtype == np.float64


def test_float64_is_not_copied_and_a_tensor_is_an_array() -> None:
    x = np.ones((2, 3))
    assert arguments.array("x", x) is x
    assert arguments.array("x", torch.ones(2, 3), "N C").tolist() == [[1.0] * 3] * 2


def test_nan_and_infinity_are_numbers() -> None:
    assert np.isnan(arguments.array("x", [np.nan, np.inf])[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[1, 2], [3]], "x is no array [shapes-disagree]\n  got       rows of different length"),
        (["a"], "x holds no real numbers [shapes-disagree]\n  got       an array of <U1"),
        ([1j], "x holds no real numbers [shapes-disagree]\n  got       an array of complex128"),
        (None, "x holds no real numbers [shapes-disagree]\n  got       an array of object"),
        (
            [1.0],
            "x has the wrong number of axes [shapes-disagree]\n  got       shape (1,)\n  expected  (N, C)",
        ),
    ],
)
def test_what_is_no_array_of_these_axes_is_refused(value: object, text: str) -> None:
    with pytest.raises(ShapesDisagree) as refused:
        arguments.array("x", value, "N C")  # type: ignore[arg-type]
    assert str(refused.value) == text


def test_another_shape_is_refused_with_both() -> None:
    with pytest.raises(ShapesDisagree) as refused:
        arguments.require_shape("bias", np.zeros(3), (4,), "O")
    assert str(refused.value) == (
        "bias has the wrong shape [shapes-disagree]\n  got       (3,)\n  expected  (O) = (4,)"
    )
    with pytest.raises(ShapesDisagree) as refused:
        arguments.require_alike("mask", np.zeros(3), "x", (4,))
    assert str(refused.value) == (
        "mask is not shaped as x [shapes-disagree]\n  got       (3,)\n  expected  (4,), the shape of x"
    )


@pytest.mark.parametrize("value", [0, -1, 1.0, "2", None, True, np.True_, np.nan])
def test_what_is_no_whole_number_above_zero_is_refused(value: object) -> None:
    with pytest.raises(ArgumentOutOfRange) as refused:
        arguments.whole("stride", value, least=1)
    assert str(refused.value) == (
        "stride does not fit [argument-out-of-range]\n"
        f"  got       {value!r}\n"
        "  expected  a whole number, 1 or more"
    )


def test_numbers_of_numpy_are_numbers() -> None:
    assert arguments.whole("stride", np.int8(3), least=1) == 3
    assert arguments.share("rate", np.float32(0.5)) == 0.5
    assert arguments.positive("lr", 1) == 1.0


@pytest.mark.parametrize("value", [(1,), (1, 2, 3), ()])
def test_a_pair_is_two(value: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentOutOfRange) as refused:
        arguments.pair("kernel", value, least=1)
    assert str(refused.value) == (
        "kernel does not fit [argument-out-of-range]\n"
        f"  got       {value!r}\n"
        "  expected  one whole number, or (rows, columns)"
    )


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan, "0.5", None])
def test_what_is_no_share_is_refused(value: object) -> None:
    with pytest.raises(ArgumentOutOfRange, match=r"a number from 0 to 1$"):
        arguments.share("rate", value)


@pytest.mark.parametrize("value", [-0.1, 1.0, np.nan, "0.5", None])
def test_what_is_no_fraction_is_refused(value: object) -> None:
    with pytest.raises(ArgumentOutOfRange, match=r"a number from 0 to below 1$"):
        arguments.fraction("mu", value)


@pytest.mark.parametrize("value", [-0.1, np.inf, np.nan, "0.5", None])
def test_what_is_not_positive_is_refused(value: object) -> None:
    with pytest.raises(ArgumentOutOfRange, match=r"a finite number, 0 or more$"):
        arguments.positive("lr", value, zero=True)


def test_the_ends_of_the_ranges() -> None:
    assert (arguments.share("rate", 0), arguments.share("rate", 1)) == (0.0, 1.0)
    assert arguments.fraction("mu", 0) == 0.0
    assert arguments.positive("lr", 0, zero=True) == 0.0
    with pytest.raises(ArgumentOutOfRange, match=r"a finite number above 0$"):
        arguments.positive("epsilon", 0)
