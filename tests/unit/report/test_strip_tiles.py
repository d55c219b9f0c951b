"""Pictures of strips as data URIs, and what share of which class they show."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from striate.report.strip_tiles import picture, share_words, tiles
from tests.audits import Pictures


def test_a_small_picture_keeps_every_pixel():
    pixels = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 3), dtype=np.uint8)
    found = tiles(Pictures("x", pixels, np.eye(2, dtype=np.float32)), ("a", "b"))
    assert [(t.width, t.height, t.small, t.label) for t in found] == [(7, 9, True, "a"), (7, 9, True, "b")]
    content = base64.b64decode(found[1].source.removeprefix("data:image/png;base64,"))
    assert (np.asarray(Image.open(io.BytesIO(content))) == pixels[1]).all()


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (4, "RGB")])
def test_channels(channels, mode):
    assert picture(np.zeros((4, 5, channels), np.uint8)).mode == mode


@pytest.mark.parametrize(
    ("target", "words"),
    [((0, 1, 0), "b\u241bx"), ((0.3, 0.7, 0), "b\u241bx 70 %, a 30 %"), ((0.998, 0.002, 0), "a")],
)
def test_shares(target, words):
    assert share_words(np.array(target, np.float32), ("a", "b\x1bx", "c")) == words
