"""The sheet: a row for each strip, whole pixels, any number and size of pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from striate.report.contact_sheet import GAP, LABEL, MARGIN, TILE, write_contact_sheet
from tests.audits import DIGITS, Pictures, digits, pictures


def strip(text: str, images: np.ndarray, targets: np.ndarray | None = None) -> Pictures:
    eye = np.eye(10, dtype=np.float32)[np.arange(len(images)) % 10]
    return Pictures(text, images, eye if targets is None else targets)


def test_small_pictures_are_enlarged_by_a_whole_number(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)
    path = write_contact_sheet([strip("as they are", pixels)], DIGITS, tmp_path)
    with Image.open(path) as sheet:
        assert sheet.size[0] == 2 * MARGIN + LABEL + 3 * TILE + 2 * GAP
        tile = np.asarray(sheet.convert("L"))[MARGIN + GAP :, MARGIN + LABEL :][:TILE, :TILE]
    assert (tile[::11, ::11][:8, :8] == pixels[0, :, :, 0]).all()
    assert (tile[10::11, 10::11][:8, :8] == pixels[0, :, :, 0]).all()


@pytest.mark.parametrize(
    ("n", "height", "width", "channels"), [(1, 1, 1, 1), (8, 300, 200, 3), (12, 28, 40, 4)]
)
def test_any_size(tmp_path, n, height, width, channels):
    pixels = np.zeros((n, height, width, channels), np.uint8)
    long = "all together: " + "+".join(f"translate{i}" for i in range(20)) + "+" + "x" * 200
    path = write_contact_sheet([strip("as they are", pixels), strip(long, pixels)], DIGITS, tmp_path)
    with Image.open(path) as sheet:
        assert sheet.size[1] > 2 * TILE


def test_classes_stand_below_where_they_change(tmp_path):
    pixels = np.zeros((2, 8, 8, 1), np.uint8)
    shares = np.zeros((2, 10), np.float32)
    shares[:, 3], shares[:, 5] = 0.6, 0.4
    heights = []
    for other in (strip("flip", pixels), strip("mixup", pixels, shares)):
        with Image.open(
            write_contact_sheet([strip("as they are", pixels), other], DIGITS, tmp_path)
        ) as sheet:
            heights.append(sheet.size[1])
    assert heights[1] > heights[0]


def test_hostile_names_are_drawn(tmp_path):
    names = ("\x1b[2J", "日本語", "x" * 300, "<b>", *DIGITS[4:])
    found = digits()
    assert write_contact_sheet(pictures(found), names, tmp_path).stat().st_size > 1000
