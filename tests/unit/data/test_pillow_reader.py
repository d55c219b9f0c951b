"""One declared behaviour each for orientation, depth, transparency, ink colours and animation."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from striate.data.facts import Flag, RefusedFile
from striate.data.pillow_reader import header, read
from striate.data.preprocess import Preprocess, crop_box
from tests.unit.data.bad_images import chunk, encode, interlaced, photo, png

WHITE = (255, 255, 255)


def array(data: bytes, background: tuple[int, int, int] = WHITE) -> np.ndarray:
    return np.asarray(read(data, background)[0])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_agrees_with_pillows_own_oracle(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"tiffinfo": {0x0112: orientation}} if kind == "TIFF" else {"exif": exif}
    data = encode(Image.fromarray(photo(orientation)), kind, **options)
    oracle = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    image, facts = read(data, WHITE)
    assert np.array_equal(np.asarray(image), np.asarray(oracle))
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == oracle.size
    if kind != "PNG":
        assert header(io.BytesIO(data)) == (oracle.size, "RGB")


def test_orientation_that_stands_only_in_xmp_is_applied() -> None:
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = encode(Image.fromarray(photo(1)), "JPEG", xmp=xmp)
    assert read(data, WHITE)[0].size == (24, 32)


def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    data = encode(Image.fromarray(photo(1)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20))
    assert read(data, WHITE)[1].orientation == 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_a_16_bit_ramp_keeps_its_256_levels(kind: str) -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    image, facts = read(encode(Image.fromarray(ramp), kind), WHITE)
    made = np.asarray(image)
    assert image.mode == "L"
    assert np.array_equal(made, np.rint(ramp / 257).astype(np.uint8))
    assert len(np.unique(made)) == 256
    assert facts.flags == Flag.SIXTEEN_BIT
    assert facts.detail == "values up to 65,535 of 65,535"


def test_16_bit_big_endian_tiff_reads_as_its_values() -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    image = Image.frombytes("I;16B", (256, 256), ramp.astype(">u2").tobytes())
    assert np.array_equal(array(encode(image, "TIFF")), np.rint(ramp / 257).astype(np.uint8))


def test_a_dark_16_bit_picture_says_how_dark() -> None:
    _, facts = read(encode(Image.fromarray(np.full((4, 4), 4095, np.uint16)), "PNG"), WHITE)
    assert facts.detail == "values up to 4,095 of 65,535"


def test_16_bit_colour_is_its_high_byte() -> None:
    values = np.random.default_rng(0).integers(0, 65536, (6, 5, 3)).astype(np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    image, facts = read(png(5, 6, 16, 2, rows), WHITE)
    assert np.array_equal(np.asarray(image), (values >> 8).astype(np.uint8))
    assert facts.flags == Flag.SIXTEEN_BIT


def test_a_16_bit_colour_key_is_transparent() -> None:
    values = np.array([[0, 65535], [1000, 65535]], np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    data = png(2, 2, 16, 0, rows, extra=chunk(b"tRNS", b"\x03\xe8"))
    assert array(data, (9, 8, 7)).tolist() == [[[0] * 3, [255] * 3], [[9, 8, 7], [255] * 3]]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_32_bit_values_are_refused_by_name(dtype: type) -> None:
    data = encode(Image.fromarray(np.ones((4, 4), dtype)), "TIFF")
    with pytest.raises(RefusedFile) as caught:
        read(data, WHITE)
    kind = "integers" if dtype is np.int32 else "floating-point numbers"
    assert str(caught.value) == f"32-bit: pixels are 32-bit {kind}; which of them is white is not in the file"


def test_alpha_is_composited_on_the_background_and_hidden_colours_stay_hidden() -> None:
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[..., :3] = (200, 0, 0)
    pixels[0, :, 3] = (0, 128, 255)
    pixels[1, :, 3] = 255
    image, facts = read(encode(Image.fromarray(pixels), "PNG"), (0, 100, 0))
    assert np.asarray(image)[0].tolist() == [[0, 100, 0], [100, 50, 0], [200, 0, 0]]
    assert facts.flags == Flag.TRANSPARENT


def test_an_opaque_alpha_channel_is_not_worth_telling() -> None:
    opaque = np.concatenate([photo(1), np.full((24, 32, 1), 255, np.uint8)], axis=2)
    image, facts = read(encode(Image.fromarray(opaque), "PNG"), WHITE)
    assert facts.flags == 0
    assert np.array_equal(np.asarray(image), photo(1))


def test_a_transparent_palette_entry_becomes_background() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 0])
    image.putpixel((1, 0), 1)
    assert array(encode(image, "PNG", transparency=0), (1, 2, 3)).tolist() == [[[1, 2, 3], [200, 100, 0]]]
    assert array(encode(image, "GIF", transparency=0), (1, 2, 3)).tolist() == [[[1, 2, 3], [200, 100, 0]]]


def test_grey_with_alpha_on_a_grey_background_stays_grey() -> None:
    image = Image.merge("LA", (Image.new("L", (1, 1), 100), Image.new("L", (1, 1), 0)))
    made = read(encode(image, "PNG"), (77, 77, 77))[0]
    assert Preprocess((1, 1), channels=1).pixels(made).tolist() == [[[77]]]


def test_cmyk_is_not_inverted() -> None:
    for kind in ("JPEG", "TIFF"):
        image, facts = read(encode(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), kind), WHITE)
        assert np.asarray(image).min() > 250, "no ink is white"
        assert facts.flags == Flag.CMYK


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
def test_of_several_pictures_the_first_is_used(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    image, facts = read(encode(frames[0], kind, save_all=True, append_images=frames[1:]), WHITE)
    assert np.abs(np.asarray(image).astype(int) - (255, 0, 0)).max() < 5
    assert facts.frames == 3
    assert facts.format == kind


def test_an_interlaced_png_reads_as_its_pixels() -> None:
    assert np.array_equal(array(interlaced(photo(1))), photo(1))


def test_one_bit_pixels_are_black_and_white() -> None:
    assert array(encode(Image.fromarray(np.array([[True, False]])), "PNG")).tolist() == [[255, 0]]


def test_lab_colours_are_refused_by_name() -> None:
    with pytest.raises(RefusedFile, match=r"^unsupported-mode: pixels of mode LAB are not read$"):
        read(encode(Image.new("LAB", (4, 4)), "TIFF"), WHITE)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hello world, this is text", "not-an-image: text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "truncated: begins as PNG and ends, or goes wrong, in its header"),
        (
            b"\0\0\0\x18ftypheic" + bytes(9),
            "unsupported-format: HEIC images are not read; convert them to JPEG or PNG",
        ),
        (bytes(40), "not-an-image: nothing but zero bytes, as a failed copy leaves it"),
    ],
)
def test_what_is_no_image_is_told_by_what_it_is(data: bytes, text: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        read(data, WHITE)
    assert str(caught.value) == text


def test_a_header_that_promises_too_much_is_refused_before_decoding() -> None:
    with pytest.raises(RefusedFile, match=r"^huge: 12000 x 12000 is more than 134,217,728 pixels$"):
        read(png(12000, 12000, 8, 2, b""), WHITE)
    with pytest.raises(RefusedFile, match=r"^huge: more than 134,217,728 pixels$"):
        read(png(20000, 20000, 8, 2, b""), WHITE)


def test_the_users_warning_and_logging_settings_are_left_alone() -> None:
    before = list(warnings.filters)
    for data in (encode(Image.fromarray(photo(1)), "PNG"), b"nonsense"):
        with contextlib.suppress(RefusedFile):
            read(data, WHITE)
    assert warnings.filters == before
    assert logging.getLogger("PIL").level == logging.NOTSET


def test_the_crop_of_a_large_picture_equals_pillows_on_the_whole() -> None:
    image = Image.fromarray(photo(5, 90, 160))
    made = Preprocess((32, 32)).pixels(image)
    oracle = image.resize((32, 32), Image.Resampling.BILINEAR, box=crop_box((160, 90), (32, 32)))
    assert np.array_equal(made, np.asarray(oracle))
