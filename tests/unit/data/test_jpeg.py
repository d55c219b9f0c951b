"""The fast decoder: taken for plain files only, equal to Pillow's bit for bit, stricter about damage."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.jpeg import JpegDamaged, plain_header, strict_pixels
from tests.unit.data.bad_images import encode, photo


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"quality": 5}, {"quality": 100}, {"keep_rgb": True}]
)
@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (33, 31), (64, 48)])
def test_pixels_equal_pillows_bit_for_bit(subsampling: str, options: dict, shape: tuple[int, int]) -> None:
    if "keep_rgb" in options:  # colour kept as it is has no chroma to subsample
        subsampling = "4:4:4"
    data = encode(Image.fromarray(photo(1, *shape)), "JPEG", subsampling=subsampling, **options)
    assert np.array_equal(
        strict_pixels(data, grey=False), np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    )
    grey = encode(
        Image.fromarray(photo(1, *shape)[:, :, 0]),
        "JPEG",
        **{k: v for k, v in options.items() if k != "keep_rgb"},
    )
    assert np.array_equal(strict_pixels(grey, grey=True)[:, :, 0], np.asarray(Image.open(io.BytesIO(grey))))


def test_pixels_equal_pillows_on_real_photographs(shared_data: Callable[[str], Path]) -> None:
    import tarfile

    with tarfile.open(shared_data("hymenoptera.tar")) as archive:
        members = [m for m in archive if m.name.endswith(".jpg")][::20]
        for member in members:
            data = archive.extractfile(member).read()  # type: ignore[union-attr]
            oracle = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            assert np.array_equal(strict_pixels(data, grey=False), oracle), member.name
    assert len(members) > 10


def test_a_plain_header_is_read_by_hand() -> None:
    assert plain_header(encode(Image.fromarray(photo(1, 20, 30)), "JPEG")) == (30, 20, 3)
    assert plain_header(encode(Image.fromarray(photo(1, 20, 30)[:, :, 0]), "JPEG", progressive=True)) == (
        30,
        20,
        1,
    )


@pytest.mark.parametrize(
    "options",
    [
        {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"},
        {"icc_profile": b"x" * 99},
        {"keep_rgb": True},
        {"xmp": b"<x/>"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_header_that_needs_interpreting_is_left_to_pillow(options: dict[str, object]) -> None:
    assert plain_header(encode(Image.fromarray(photo(1)), "JPEG", **options)) is None


def test_other_files_have_no_plain_header() -> None:
    assert plain_header(b"") is None
    assert plain_header(b"\xff\xd8\xff\xe0") is None
    assert plain_header(encode(Image.fromarray(photo(1)), "PNG")) is None
    assert plain_header(encode(Image.fromarray(photo(1)).convert("CMYK"), "JPEG")) is None
    data = encode(Image.fromarray(photo(1)), "JPEG")
    frame = data.index(b"\xff\xc0")
    for cut in range(len(data)):
        assert plain_header(data[:cut]) in (None, (32, 24, 3))
    no_height = data[: frame + 5] + b"\0\0" + data[frame + 7 :]
    assert plain_header(no_height) is None
    twelve_bit = data[: frame + 4] + b"\x0c" + data[frame + 5 :]
    assert plain_header(twelve_bit) is None


def test_every_truncation_is_noticed() -> None:
    data = encode(Image.fromarray(photo(1)), "JPEG")
    for cut in range(1, len(data)):
        with pytest.raises(JpegDamaged):
            strict_pixels(data[:cut], grey=False)


def test_damage_that_pillow_paints_over_is_noticed() -> None:
    data = bytearray(encode(Image.fromarray(photo(1, 64, 64)), "JPEG"))
    at = data.index(b"\xff\xda") + 300
    del data[at : at + 200]
    Image.open(io.BytesIO(data)).load()
    with pytest.raises(JpegDamaged):
        strict_pixels(bytes(data), grey=False)
