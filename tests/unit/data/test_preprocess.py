"""One object for the geometry: exact round trip, each way of resizing, refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from striate.data.preprocess import Preprocess, crop_box, padded_size
from tests.unit.data.bad_images import photo

sizes = st.tuples(st.integers(1, 16384), st.integers(1, 16384))
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(
    sizes,
    st.sampled_from([1, 3]),
    st.sampled_from(["crop", "squash", "pad"]),
    st.tuples(*[st.integers(0, 255)] * 3),
    st.data(),
)
def test_a_dict_of_json_gives_an_equal_object_back(size, channels, resize, background, data) -> None:
    mean = data.draw(st.tuples(*[numbers] * channels))
    std = data.draw(st.tuples(*[st.floats(1e-300, 1e300)] * channels))
    made = Preprocess(size, channels, resize, background=background).with_statistics(mean, std)
    assert Preprocess.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"img_size": (0, 4)}, "img_size must be two whole numbers (H, W) in 1..16384, got (0, 4)"),
        ({"img_size": (4, 20000)}, "img_size must be two whole numbers (H, W) in 1..16384, got (4, 20000)"),
        ({"img_size": (4.0, 4)}, "img_size must be two whole numbers (H, W) in 1..16384, got (4.0, 4)"),
        ({"img_size": (True, 4)}, "img_size must be two whole numbers (H, W) in 1..16384, got (True, 4)"),
        ({"channels": 2}, "channels must be 1 or 3, got 2"),
        ({"resize": "zoom"}, "resize must be one of crop, squash, pad, got 'zoom'"),
        ({"filter": "nearest"}, "filter must be bilinear, got 'nearest'"),
        ({"background": (0, 0, 256)}, "background must be three whole numbers in 0..255, got (0, 0, 256)"),
        ({"mean": (0.5,), "std": (1.0,)}, "mean and std must have 3 values each, got (0.5,) and (1.0,)"),
        (
            {"mean": (0.0, 0.0, 0.0), "std": (1.0, 0.0, 1.0)},
            "mean must be finite and std positive, got (0.0, 0.0, 0.0) and (1.0, 0.0, 1.0)",
        ),
    ],
)
def test_what_no_image_could_be_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the exact text follows
        Preprocess.from_dict({**Preprocess((4, 4)).to_dict(), **change})
    assert str(caught.value) == message


def test_unknown_and_missing_settings_are_named() -> None:
    values = Preprocess((4, 4)).to_dict()
    with pytest.raises(ValueError, match=r"^unknown preprocessing setting: crop$"):
        Preprocess.from_dict({**values, "crop": 1})
    del values["std"]
    with pytest.raises(ValueError, match=r"^missing preprocessing setting: std$"):
        Preprocess.from_dict(values)
    with pytest.raises(ValueError, match=r"^preprocessing settings of the wrong type: "):
        Preprocess.from_dict({**Preprocess((4, 4)).to_dict(), "img_size": 4})


def test_statistics_do_not_change_the_pixels_and_so_not_the_key() -> None:
    plain = Preprocess((4, 4))
    assert plain.geometry_key() == plain.with_statistics((0.5,) * 3, (0.1,) * 3).geometry_key()
    others = [Preprocess((4, 5)), Preprocess((4, 4), 1), Preprocess((4, 4), resize="pad")]
    others.append(Preprocess((4, 4), background=(0, 0, 0)))
    assert len({plain.geometry_key(), *(other.geometry_key() for other in others)}) == 5


def test_an_image_of_the_right_size_keeps_every_bit() -> None:
    pixels = photo(1)
    for resize in ("crop", "squash", "pad"):
        made = Preprocess((24, 32), resize=resize).pixels(Image.fromarray(pixels))
        assert np.array_equal(made, pixels)


@given(sizes, sizes)
def test_a_crop_lies_inside_and_has_the_targets_shape(size: tuple[int, int], target: tuple[int, int]) -> None:
    left, top, right, bottom = crop_box(size, target)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert (right - left) * target[1] == pytest.approx((bottom - top) * target[0], rel=1e-9)
    assert right - left == pytest.approx(size[0]) or bottom - top == pytest.approx(size[1])


@given(sizes, sizes)
def test_a_padded_image_fits_and_touches_a_side(size: tuple[int, int], target: tuple[int, int]) -> None:
    inner = padded_size(size, target)
    assert all(1 <= a <= b for a, b in zip(inner, target, strict=True))
    assert inner[0] == target[0] or inner[1] == target[1]


def test_crop_takes_the_middle_and_loses_the_ends() -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 200
    made = Preprocess((10, 10)).pixels(Image.fromarray(pixels))
    assert (made == 200).all()


def test_squash_keeps_the_ends() -> None:
    pixels = np.zeros((10, 40, 3), np.uint8)
    pixels[:, 20:] = 200
    made = Preprocess((10, 10), resize="squash").pixels(Image.fromarray(pixels))
    assert (made[:, :4] == 0).all()
    assert (made[:, 6:] == 200).all()


def test_pad_keeps_all_of_it_between_background() -> None:
    made = Preprocess((10, 10), resize="pad", background=(1, 2, 3)).pixels(
        Image.fromarray(np.full((10, 20, 3), 200, np.uint8))
    )
    assert (made[:2] == (1, 2, 3)).all()
    assert (made[-2:] == (1, 2, 3)).all()
    assert (made[3:7] == 200).all()


def test_padding_of_a_grey_image_is_the_backgrounds_luma() -> None:
    grey = Preprocess((10, 10), channels=1, resize="pad", background=(255, 0, 0))
    made = grey.pixels(Image.fromarray(np.full((10, 20), 200, np.uint8)))
    assert made.shape == (10, 10, 1)
    assert made[0, 0, 0] == 76  # 0.299 * 255


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255
    made = Preprocess((8, 8), channels=1).pixels(Image.fromarray(stripes))
    assert np.ptp(made) < 20, "an aliased resize would show stripes"
    assert made.mean() == pytest.approx(127.5, abs=2)


def test_grey_becomes_three_equal_channels_and_colour_one_of_luma() -> None:
    grey = Preprocess((4, 4)).pixels(Image.fromarray(np.full((4, 4), 9, np.uint8)))
    assert grey.shape == (4, 4, 3)
    assert (grey == 9).all()
    colour = np.full((4, 4, 3), (255, 0, 0), np.uint8)
    assert (Preprocess((4, 4), 1).pixels(Image.fromarray(colour)) == 76).all()
