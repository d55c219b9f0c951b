"""Pictures in the page: small ones to the pixel, large ones reduced, filters each in its own range."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from striate.report.material import FirstFilters, Picture, PictureStrip
from striate.report.pictures import STRIPS, filters_section, shown_pictures, shown_strips


def decoded(source: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1])))


def test_small_pictures_keep_every_pixel(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (shown,), lost = shown_pictures([Picture(tmp_path / "a.png", "7")])
    assert lost == 0
    assert shown.small
    assert np.array_equal(np.asarray(decoded(shown.source)), pixels)


def test_large_pictures_are_reduced(tmp_path):
    Image.new("RGB", (900, 300), "teal").save(tmp_path / "a.png")
    (shown,), _ = shown_pictures([Picture(tmp_path / "a.png", "x")])
    assert decoded(shown.source).size == (160, 53)
    assert not shown.small


def test_unreadable_and_surplus_ones_are_counted(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG no")
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    pictures = [Picture(tmp_path / "bad.png", "x"), Picture(tmp_path / "none.png", "x")]
    shown, lost = shown_pictures(pictures + [Picture(tmp_path / "a.png", "x")] * 30)
    assert (len(shown), lost) == (22, 10)


def test_strips_keep_their_pixels_and_their_gaps(tmp_path):
    row = np.random.default_rng(0).integers(0, 256, (28, 58, 4), dtype=np.uint8)
    row[:, :, 3], row[:, 28:30, 3] = 255, 0
    Image.fromarray(row).save(tmp_path / "a.png")
    Image.new("L", (1800, 224)).save(tmp_path / "large.png")
    shown, lost = shown_strips([PictureStrip(tmp_path / f"{n}.png", f"fl\x1b{n}") for n in ("a", "large")])
    assert lost == 0
    assert [(s.text, s.small) for s in shown] == [("fl␛a", True), ("fl␛large", False)]
    assert np.array_equal(np.asarray(decoded(shown[0].source))[:, 28:30, 3], row[:, 28:30, 3])
    assert decoded(shown[1].source).size == (643, 80)


def test_strips_that_cannot_be_shown_are_counted(tmp_path):
    Image.new("RGBA", (8, 8)).save(tmp_path / "a.png")
    good, bad = PictureStrip(tmp_path / "a.png", "x"), PictureStrip(tmp_path / "none.png", "x")
    shown, lost = shown_strips([bad, *[good] * (STRIPS + 3)])
    assert (len(shown), lost) == (STRIPS - 1, 5)


def test_filters_are_scaled_each_for_itself():
    weights = np.zeros((2, 3, 3, 3), np.float32)
    weights[0, 0, 0, 0], weights[1, 2, 2, 2] = 1e-3, -40.0
    section = filters_section(FirstFilters("conv1", weights))
    assert section is not None
    one, two = (np.asarray(decoded(s)) for s in section.sources)
    assert (one[0, 0, 0], one.sum()) == (255, 255)
    assert (two[2, 2, 2], two.min(), two.max()) == (0, 0, 255)
    assert "3 × 3 is too small" in section.caption


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channels_are_grey(channels):
    section = filters_section(
        FirstFilters("c", np.random.default_rng(0).normal(size=(4, channels, 7, 7)).astype(np.float32))
    )
    assert section is not None
    assert decoded(section.sources[0]).mode == "L"
    assert "too small" not in section.caption
    assert ("only the first of 4 input channels" in section.caption) == (channels == 4)


def test_no_section_where_there_is_nothing_to_see():
    assert filters_section(None) is None
    assert filters_section(FirstFilters("c", np.ones((8, 3, 1, 1), np.float32))) is None
    assert filters_section(FirstFilters("c", np.full((8, 3, 3, 3), np.nan, np.float32))) is None


def test_a_constant_filter_is_grey():
    section = filters_section(FirstFilters("c", np.ones((1, 3, 3, 3), np.float32)))
    assert section is not None
    assert set(np.asarray(decoded(section.sources[0])).ravel()) == {128}
