"""The reference decoder: any allowed file as an upright 8-bit image, by Pillow.

One declared behaviour each: EXIF orientation is applied; 16-bit grey is scaled v / 257 (never clipped), 16-bit colour
is its high byte; 32-bit values are refused, for nothing in the file says what is black and what is white; palettes,
colour keys and alpha are composited on the background; ink colours are converted without a profile; of an animation
the first frame counts; colour profiles are ignored. Whatever a decoder raises on hostile bytes leaves here as a
RefusedFile. Knows nothing about paths or sizes wanted.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from typing import IO

import numpy as np

# Registers the formats that may be opened. Pillow would otherwise import every plugin it has to find one of them.
from PIL import (  # noqa: F401
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from striate.data.facts import FORMATS, MAX_PIXELS, Facts, Flag, RefusedFile
from striate.data.jpeg import JpegDamaged, strict_pixels
from striate.data.signatures import ends_early, truncated_header, what_it_is

__all__ = ["header", "plain", "read"]

_OPENED = tuple(
    name for name in FORMATS if name not in ("", "MPO")
)  # an MPO is opened as the JPEG it begins as
_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4 A: tag 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_CONVERTED = {
    "1": "L",
    "P": "RGB",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "HSV": "RGB",
    "RGBX": "RGB",
    "LA": "L",
    "RGBA": "RGB",
}

# Pillow logs what it is about to raise; without a handler Python would print that to the terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def read(data: bytes, background: tuple[int, int, int]) -> tuple[Image.Image, Facts]:
    """The image in `data`, mode L or RGB, and its facts. Raises RefusedFile and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(data, background)
        except RefusedFile:
            raise
        except Image.DecompressionBombError as error:
            raise RefusedFile("huge", f"more than {MAX_PIXELS:,} pixels") from error
        except UnidentifiedImageError as error:
            raise _unidentified(data) from error
        except Exception as error:
            raise _undecodable(error, data) from error


def plain(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    """An image in memory by the rules for files: upright, mode L or RGB. Raises RefusedFile and nothing else."""
    try:
        sixteen = _sixteen_bit(image)
        image.load()
        upright = _eight_bit(image, background, sixteen)[0]
        # Asked last: loading turns a TIFF upright, and may be what finds the EXIF of a PNG.
        orientation = _orientation(image)
    except RefusedFile:
        raise
    except Exception as error:
        raise _undecodable(error, b"") from error
    return upright.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else upright


def header(file: IO[bytes]) -> tuple[tuple[int, int], str] | None:
    """Size as shown (W, H) and mode, from the header alone; None where there is no readable one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file, formats=_OPENED) as image:
                width, height = image.size
                # Asked for its EXIF, a PNG is decoded whole: it may stand behind the pixels. A TIFF says its upright size.
                turned = image.format not in ("PNG", "TIFF") and _orientation(image) >= 5
                return ((height, width) if turned else (width, height)), image.mode
        except Exception:  # noqa: BLE001 - as above; the scan will say what is wrong with the file
            return None


def _read(data: bytes, background: tuple[int, int, int]) -> tuple[Image.Image, Facts]:
    with Image.open(io.BytesIO(data), formats=_OPENED) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise RefusedFile("huge", f"{width} x {height} is more than {MAX_PIXELS:,} pixels")
        kind, mode = image.format or "", image.mode
        flags = Flag.SIXTEEN_BIT if _sixteen_bit(image) else 0
        # Loading turns a TIFF upright and forgets that it did; the EXIF of a PNG may stand behind the pixels.
        orientation = _orientation(image) if kind == "TIFF" else 0
        loaded, damaged = _loaded(image, data)
        orientation = orientation or _orientation(image)
        plain, more, detail = _eight_bit(loaded, background, sixteen=bool(flags))
        if plain is image:
            plain = image.copy()  # which counting the frames would change
        if orientation in _UPRIGHT and kind != "TIFF":
            plain = plain.transpose(_UPRIGHT[orientation])
        flags |= more | (Flag.DAMAGED if damaged else 0)
        frames = _frames(image)
        return plain, Facts(kind, mode, *plain.size, orientation, frames, flags, detail or damaged)


def _loaded(image: Image.Image, data: bytes) -> tuple[Image.Image, str]:
    """The decoded image, and what the strict JPEG decoder complained of, if it did and Pillow did not."""
    if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
        try:
            pixels = strict_pixels(data, grey=image.mode == "L")
        except JpegDamaged as error:
            image.load()
            return image, _tidy(error)
        return Image.fromarray(pixels[:, :, 0] if image.mode == "L" else pixels), ""
    image.load()
    return image, ""


def _orientation(image: Image.Image) -> int:
    """EXIF orientation; 1, upright, where there is none or it cannot be read."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a damaged EXIF block must not cost the picture
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def _sixteen_bit(image: Image.Image) -> bool:
    """Whether the file holds more than 8 bits per channel; asked before loading, which forgets it."""
    if image.mode.startswith("I;16"):
        return True
    arguments = image.tile[0].args if isinstance(image, ImageFile.ImageFile) and image.tile else ()
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    # Pillow's name for the raw pixels of the file; of a PPM, in some cases, the raster's largest value.
    return any(";16" in v if isinstance(v, str) else image.format == "PPM" and v > 255 for v in values)


def _eight_bit(
    image: Image.Image, background: tuple[int, int, int], sixteen: bool
) -> tuple[Image.Image, int, str]:
    """Mode L or RGB; flags; detail."""
    mode = image.mode
    if mode.startswith("I;16") or (mode == "I" and sixteen and image.format == "PPM"):
        return _scaled(image, background)
    if mode in ("I", "F"):
        kind = "integers" if mode == "I" else "floating-point numbers"
        raise RefusedFile("32-bit", f"pixels are 32-bit {kind}; which of them is white is not in the file")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        if layers.getchannel("A").getextrema() != (255, 255):
            page = Image.new("RGBA", image.size, (*background, 255))
            return Image.alpha_composite(page, layers).convert("RGB"), Flag.TRANSPARENT, ""
    if mode in ("L", "RGB"):
        return image, 0, ""
    if mode not in _CONVERTED:
        raise RefusedFile("unsupported-mode", f"pixels of mode {mode} are not read")
    return image.convert(_CONVERTED[mode]), Flag.CMYK if mode == "CMYK" else 0, ""


def _scaled(image: Image.Image, background: tuple[int, int, int]) -> tuple[Image.Image, int, str]:
    """16-bit grey to 8 bits: round(v / 257), so that 65535 becomes 255 and each of 256 levels has its share."""
    values = np.asarray(image).astype(np.uint32)
    peak = int(values.max())
    if peak > 65535:
        raise RefusedFile("32-bit", f"values up to {peak:,}; which of them is white is not in the file")
    grey = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    detail = f"values up to {peak:,} of 65,535"
    key = image.info.get("transparency")
    if isinstance(key, int) and (hidden := values == key).any():
        page = Image.new("RGB", image.size, background)
        page.paste(grey.convert("RGB"), mask=Image.fromarray((~hidden).astype(np.uint8) * 255))
        return page, Flag.SIXTEEN_BIT | Flag.TRANSPARENT, detail
    return grey, Flag.SIXTEEN_BIT, detail


def _frames(image: Image.Image) -> int:
    """Pictures in the file, asked last because counting moves on through it; 1 where it cannot be told."""
    try:
        return min(int(getattr(image, "n_frames", 1)), 65535)
    except Exception:  # noqa: BLE001 - damage behind the first frame does not touch it
        return 1


def _unidentified(data: bytes) -> RefusedFile:
    if cut := truncated_header(data):
        return RefusedFile("truncated", f"begins as {cut} and ends, or goes wrong, in its header")
    found, picture = what_it_is(data)
    return RefusedFile("unsupported-format" if picture else "not-an-image", found)


def _undecodable(error: Exception, data: bytes) -> RefusedFile:
    text = _tidy(error)
    cut = isinstance(error, EOFError) or "truncated" in text.lower() or ends_early(data)
    return RefusedFile("truncated" if cut else "broken", text or type(error).__name__)


def _tidy(error: Exception) -> str:
    """A decoder's message without addresses (they differ from run to run), on one short line."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^<>]* at 0x[0-9a-fA-F]+>", "the file", str(error)))
    return text[:160].strip()
