"""The bad-image corpus: files as cameras, downloads, tools and mistakes leave them, each with what must become of it.

`write_corpus` makes them with Pillow and by hand; nothing in it comes from elsewhere.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.data.listing import Listing

__all__ = ["Case", "encode", "photo", "plain_listing", "png", "tree_hashes", "write_corpus"]


@dataclass(frozen=True)
class Case:
    """One file and its fate: `reason` of refusal ('' for a sample), and kinds of notices it must get."""

    path: str
    reason: str = ""
    kinds: tuple[str, ...] = ()


def photo(seed: int, height: int = 24, width: int = 32, channels: int = 3) -> NDArray[np.uint8]:
    """A smooth picture with some noise, unlike any of another seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [
        127 + 100 * np.sin(x * rng.uniform(0.1, 0.4) + y * rng.uniform(0.1, 0.4) + c) for c in range(channels)
    ]
    noisy = np.stack(waves, axis=-1) + rng.normal(0, 8, (height, width, channels))
    return noisy.clip(0, 255).astype(np.uint8)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(
    width: int, height: int, bits: int, colour: int, rows: bytes, interlace: int = 0, extra: bytes = b""
) -> bytes:
    """A PNG by hand: what Pillow does not write. `rows` are the filtered scan lines; `extra` goes before them."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace)
    parts = chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def chunk(name: bytes, body: bytes) -> bytes:
    """Length, name, body, CRC."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def interlaced(pixels: NDArray[np.uint8]) -> bytes:
    """Adam7: seven passes over every 8 x 8 block."""
    passes = (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    )
    rows = b"".join(
        b"\0" + row.tobytes() for y, x, dy, dx in passes for row in pixels[y::dy, x::dx] if row.shape[0]
    )
    height, width = pixels.shape[:2]
    return png(width, height, 8, 2, rows, interlace=1)


def tree_hashes(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of everything below: to see that nothing was touched."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = Path(folder, name)
            state = path.lstat()
            content = (
                path.read_bytes()
                if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
                else b""
            )
            found[str(path.relative_to(root))] = (state.st_mode, content)
    return found


Maker = Callable[[int], tuple[str, bytes, str, tuple[str, ...]]]
"""variant -> extension, bytes, reason, kinds"""


def _truncated(kind: str, extension: str) -> Maker:
    def make(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
        data = encode(Image.fromarray(photo(v, 64, 64)), kind)
        return extension, data[: max(12, int(len(data) * (v + 1) / 9))], "truncated", ()

    return make


def _not_an_image(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    contents = (
        b"just some text\n" * 20,
        b"<!DOCTYPE html><html>404</html>",
        b"%PDF-1.7 ...",
        b"PK\x03\x04" + bytes(60),
        bytes(2000),
        bytes(np.random.default_rng(v).integers(128, 255, 999, dtype=np.uint8)),
        b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
        b"\x1f\x8bSIMPLE  =                    T",
    )
    return "jpg", contents[v], "not-an-image", ()


def _wrong_extension(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    kinds = ("PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG", "JPEG")
    data = encode(Image.fromarray(photo(v)), kinds[v])
    return ("jpg", "jpg", "jpg", "jpg", "png", "png", "png", "gif")[v], data, "", ("wrong-extension",)


def _rotated(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    exif = Image.Exif()
    exif[0x0112] = v + 1
    data = encode(Image.fromarray(photo(v)), "JPEG", exif=exif, quality=90)
    return "jpg", data, "", ("exif-rotated",) if v else ()


def _sixteen_bit(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    values = (np.random.default_rng(v).integers(0, 65536, (20, 20))).astype(np.uint16)
    if v % 4 == 3:
        rows = b"".join(
            b"\0" + row.astype(">u2").tobytes() for row in np.repeat(values[:, :, None], 3, axis=2)
        )
        return "png", png(20, 20, 16, 2, rows), "", ("16-bit",)
    kind, extension = (("PNG", "png"), ("TIFF", "tif"), ("PPM", "pgm"))[v % 4]
    return extension, encode(Image.fromarray(values), kind), "", ("16-bit",)


def _alpha(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    pixels = np.concatenate([photo(v), np.full((24, 32, 1), 255, np.uint8)], axis=2)
    pixels[:12, :, 3] = (0, 10, 128, 254)[v % 4]
    image = Image.fromarray(pixels)
    if v >= 6:
        image = image.convert("LA")
    if v == 4:
        image = Image.fromarray(photo(v)).quantize(16)
        return "png", encode(image, "PNG", transparency=bytes([0, 128] + [255] * 14)), "", ("alpha",)
    kind, extension = (("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif"))[v % 3]
    return extension, encode(image, kind), "", ("alpha",)


def _cmyk(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    image = Image.fromarray(photo(v)).convert("CMYK")
    kind, extension = (("JPEG", "jpg"), ("TIFF", "tif"))[v % 2]
    return extension, encode(image, kind), "", ("cmyk",)


def _animation(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    frames = [Image.fromarray(photo(100 * v + i)) for i in range(3)]
    kind, extension = (("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif"))[v % 4]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    if v == 5:  # Pillow writes the MPO of a stereo camera too
        data, extension = encode(frames[0], "MPO", save_all=True, append_images=frames[1:]), "jpg"
    return extension, data, "", ("animation",)


def _huge(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    side = 20000 + v
    if v % 4 == 0:
        return "png", png(side, side, 8, 2, bytes(100)), "huge", ()
    if v % 4 == 1:
        return (
            "bmp",
            b"BM"
            + struct.pack("<IHHI", 99, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0),
            "huge",
            (),
        )
    if v % 4 == 2:
        return (
            "gif",
            b"GIF89a"
            + struct.pack("<HHBBB", side, side, 0, 0, 0)
            + b"\x2c"
            + struct.pack("<HHHHB", 0, 0, side, side, 0)
            + b"\x08\x01\x00\x00;",
            "huge",
            (),
        )
    data = bytearray(encode(Image.fromarray(photo(v)), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return "jpg", bytes(data), "huge", ()


def _thin(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    shape = (1, 20000) if v % 2 else (20000, 1)
    kind, extension = (("PNG", "png"), ("JPEG", "jpg"), ("BMP", "bmp"), ("GIF", "gif"))[v // 2]
    return extension, encode(Image.fromarray(photo(v, *shape)), kind), "", ("elongated",)


def _tiny(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    kind, extension = (("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp"))[v % 4]
    return extension, encode(Image.fromarray(photo(v, 1, 1)), kind), "", ("tiny",)


def _grey(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    image = Image.fromarray(photo(v)[:, :, 0])
    kind, extension = (("PNG", "png"), ("JPEG", "jpg"), ("TIFF", "tif"), ("PPM", "pgm"))[v % 4]
    if v == 4:
        image = image.convert("1")
    return extension, encode(image, kind), "", ("grey-in-colour-set",)


def _depth_32(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    values = photo(v)[:, :, 0].astype(np.float32 if v % 2 else np.int32) * 1000
    return "tif", encode(Image.fromarray(values), "TIFF"), "32-bit", ()


def _fine_jpeg(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    options = (
        {"progressive": True},
        {"subsampling": "4:4:4"},
        {"icc_profile": bytes(500)},
        {"comment": b"hello"},
        {"optimize": True},
        {"quality": 1},
        {"restart_marker_blocks": 1},
        {"keep_rgb": True},
    )
    return "jpg", encode(Image.fromarray(photo(v, 37, 41)), "JPEG", **options[v]), "", ()


def _damaged(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    data = bytearray(encode(Image.fromarray(photo(v, 64, 64)), "JPEG"))
    middle = data.index(b"\xff\xda") + 200 + 10 * v
    del data[middle : middle + 300]
    return "jpg", bytes(data), "", ("damaged",)


def _unsupported(v: int) -> tuple[str, bytes, str, tuple[str, ...]]:
    contents = (
        b"\0\0\0\x18ftypheic" + bytes(50),
        b"\0\0\0\x1cftypavif" + bytes(50),
        b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50),
        b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50),
        b"8BPS\0\x01" + bytes(50),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\x01\0\x01\0" + bytes(50),
        b"SIMPLE  =                    T" + bytes(80),
    )
    return "jpg", contents[v], "unsupported-format", ()


KINDS: dict[str, Maker] = {
    "cut-jpeg": _truncated("JPEG", "jpg"),
    "cut-png": _truncated("PNG", "png"),
    "cut-webp": _truncated("WEBP", "webp"),
    "cut-gif": _truncated("GIF", "gif"),
    "cut-bmp": _truncated("BMP", "bmp"),
    "empty": lambda v: (("jpg", "png", "gif", "bmp", "webp", "tif", "ppm", "jpeg")[v], b"", "zero-bytes", ()),
    "foreign": _not_an_image,
    "misnamed": _wrong_extension,
    "rotated": _rotated,
    "sixteen": _sixteen_bit,
    "alpha": _alpha,
    "cmyk": _cmyk,
    "moving": _animation,
    "huge": _huge,
    "thin": _thin,
    "tiny": _tiny,
    "grey": _grey,
    "deep": _depth_32,
    "jpeg": _fine_jpeg,
    "damaged": _damaged,
    "interlaced": lambda v: ("png", interlaced(photo(v, 19 + v, 23)), "", ()),
    "unread": _unsupported,
}
VARIANTS = 8


def write_corpus(root: Path) -> list[Case]:
    """All of it below `root`, in two classes; some 220 entries of 31 kinds."""
    cases = []
    for number, (kind, make) in enumerate(KINDS.items()):
        for v in range(VARIANTS):
            extension, data, reason, kinds = make(v)
            path = f"{'ab'[number % 2]}/{kind}-{v}.{extension}"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
            cases.append(Case(path, reason, kinds))
    return cases + _names(root) + _no_files(root)


def _names(root: Path) -> list[Case]:
    """Plain pictures whose names are not."""
    names = [
        "new\nline.jpg",
        "\u202egpj.exe.jpg",
        "日本語 ünïcode.jpg",
        "x" * 251 + ".jpg",
        "<script>.jpg",
        "-rf.jpg",
        "' \"$(x).jpg",
    ]
    if os.name == "posix":
        names.append(os.fsdecode(b"latin-\xe9.jpg"))
    for i, name in enumerate(names):
        (root / "a" / name).write_bytes(encode(Image.fromarray(photo(1000 + i)), "JPEG"))
    return [Case(f"a/{name}") for name in names]


def _no_files(root: Path) -> list[Case]:
    """What carries an image's name and is no file; and two names for one file."""
    here = root / "b"
    (here / "folder.jpg").mkdir()
    (here / "nowhere.jpg").symlink_to(here / "gone.jpg")
    (here / "loop.jpg").symlink_to(here / "loop.jpg")
    (here / "zero.jpg").symlink_to("/dev/zero")
    os.mkfifo(here / "pipe.jpg")
    # A socket's name is limited to about a hundred bytes, so it is bound by a relative one.
    before = Path.cwd()
    os.chdir(here)
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind("socket.jpg")
    finally:
        os.chdir(before)
    (here / "first.jpg").write_bytes(encode(Image.fromarray(photo(2000)), "JPEG"))
    (here / "second.jpg").hardlink_to(here / "first.jpg")
    cases = [
        Case("b/folder.jpg", "not-a-file"),
        Case("b/nowhere.jpg", "missing"),
        Case("b/loop.jpg", "read-failed"),
        Case("b/zero.jpg", "not-a-file"),
        Case("b/pipe.jpg", "not-a-file"),
        Case("b/socket.jpg", "not-a-file"),
        Case("b/first.jpg"),
        Case("b/second.jpg", "", ("duplicate",)),
    ]
    if os.geteuid() != 0:
        locked = here / "locked.jpg"
        locked.write_bytes(encode(Image.fromarray(photo(2001)), "JPEG"))
        locked.chmod(0)
        cases.append(Case("b/locked.jpg", "no-permission"))
    return cases


def plain_listing(root: Path, paths: list[str]) -> Listing:
    """A listing by hand: the first folder of a path is its class, no splits."""
    classes = tuple(sorted({path.split("/")[0] for path in paths}))
    return Listing(
        name="set",
        source=str(root),
        kind="folder",
        classes=classes,
        labels=np.array([classes.index(path.split("/")[0]) for path in paths], np.int64),
        split=np.full(len(paths), -1, np.int8),
        paths=tuple(paths),
        root=root,
    )
