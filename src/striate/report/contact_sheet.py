"""sheet.png: the same images under each transform, a row each.

Small images are enlarged without smoothing, so that their pixels can be seen. Knows nothing about transforms.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from striate.core.atomic import write_atomic
from striate.core.wording import printable
from striate.report.strip_tiles import Pictured, picture, share_words

__all__ = ["write_contact_sheet"]

TILE, GAP, MARGIN = 88, 6, 16
LABEL = 200
"""Pixels for the text of a row, at its left."""
SIZE, SMALL = 14, 11
"""Heights of letters: of a row's text, of a class."""
LINE, CAPTION = 18, 16
PAPER, INK, SOFT, RULE = "#fdfdfc", "#1c1e21", "#5d636b", "#e0e0da"


def write_contact_sheet(strips: Sequence[Pictured], classes: Sequence[str], folder: Path) -> Path:
    """Write sheet.png: a row for each strip, its text at the left, classes below the first row and wherever they change.

    Equal strips give equal bytes under one version of Pillow. Raises DiskFull or CannotWrite.
    """
    content = io.BytesIO()
    _sheet(strips, classes).save(content, format="PNG", optimize=True)
    path = folder / "sheet.png"
    write_atomic(path, content.getvalue())
    return path


def _sheet(strips: Sequence[Pictured], classes: Sequence[str]) -> Image.Image:
    plain = strips[0]
    n = len(plain.images)
    font, small = _font(SIZE), _font(SMALL)
    rows = []
    for i, strip in enumerate(strips):
        new = i == 0 or not np.array_equal(strip.targets, plain.targets)
        lines = _lines(printable(strip.text), font)
        rows.append((strip, lines, new, max(TILE, LINE * len(lines)) + (CAPTION if new else 0) + 2 * GAP))
    width = 2 * MARGIN + LABEL + n * (TILE + GAP) - GAP
    sheet = Image.new("RGB", (width, 2 * MARGIN + sum(height for *_, height in rows)), PAPER)
    pen, y = ImageDraw.Draw(sheet), MARGIN
    for i, (strip, lines, new, height) in enumerate(rows):
        if i:
            pen.line((MARGIN, y, width - MARGIN, y), fill=RULE)
        for k, line in enumerate(lines):
            pen.text((MARGIN, y + GAP + k * LINE), line, font=font, fill=INK)
        for j, pixels in enumerate(strip.images):
            x = MARGIN + LABEL + j * (TILE + GAP)
            tile = _fitted(picture(pixels))
            sheet.paste(tile, (x + (TILE - tile.width) // 2, y + GAP + (TILE - tile.height) // 2))
            if new:
                words = _cut(share_words(strip.targets[j], classes), small)
                pen.text((x, y + GAP + TILE + 2), words, font=small, fill=SOFT)
        y += height
    return sheet


def _fitted(image: Image.Image) -> Image.Image:
    """Enlarged by the whole number that fits, so that all its pixels are of one size; reduced where it is too large."""
    largest = max(image.size)
    if largest > TILE:
        image.thumbnail((TILE, TILE), Image.Resampling.LANCZOS)
        return image
    times = max(1, TILE // largest)
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along: the same on every machine, and most alphabets."""
    import matplotlib as mpl

    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """A row's text broken at its plus signs and blanks, or anywhere where it has none."""
    lines = [""]
    for piece in text.replace("+", "+\n").replace(" ", " \n").split("\n"):
        if font.getlength(lines[-1] + piece) > LABEL - 2 * GAP and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return [_cut(line, font, LABEL - 2 * GAP) for line in lines]


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float = TILE) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
