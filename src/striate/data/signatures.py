"""What a file is by its first bytes, for saying why it is not read.

Knows nothing about decoding; the names are for people.
"""

from __future__ import annotations

__all__ = ["ends_early", "truncated_header", "what_it_is"]

_READ = (
    (b"\xff\xd8", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
"""Formats that are read. WebP is told by bytes 8 to 12; PPM by `P1` to `P6`."""

_OTHER = (
    (b"8BPS", "a Photoshop document", True),
    (b"\x00\x00\x01\x00", "an icon file", True),
    (b"\xff\x0a", "a JPEG XL image", True),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image", True),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image", True),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image", True),
    (b"SIMPLE  =", "a FITS image", True),
    (b"%PDF", "a PDF document", False),
    (b"PK\x03\x04", "a ZIP archive or an office document", False),
    (b"\x1f\x8b", "a gzip archive", False),
    (b"version https://git-lfs", "a Git LFS pointer: the image itself was not fetched", False),
)

_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
    b"avif": "AVIF",
    b"avis": "AVIF",
}


def truncated_header(data: bytes) -> str:
    """The format that `data` begins as, of those that are read; empty where it begins as none of them."""
    for signature, name in _READ:
        if data.startswith(signature):
            return name
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def ends_early(data: bytes) -> bool:
    """Whether a JPEG lacks its end marker, or a RIFF file (WebP) is shorter than it says; asked of broken files."""
    if data.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in data[-64:]  # some cameras pad behind it
    return data[:4] == b"RIFF" and len(data) < int.from_bytes(data[4:8], "little") + 8


def what_it_is(data: bytes) -> tuple[str, bool]:
    """A few words on what `data` seems to be, and whether it is a picture of a kind that is not read."""
    if data[4:8] == b"ftyp":
        brand = _BRANDS.get(data[8:12])
        return (
            (f"{brand} images are not read; convert them to JPEG or PNG", True)
            if brand
            else ("a video", False)
        )
    for signature, words, picture in _OTHER:
        if data.startswith(signature):
            return (f"{words}; convert it to JPEG or PNG", True) if picture else (words, False)
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml")) and b"<svg" in start:
        return "an SVG drawing; convert it to PNG", True
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page, as a failed download leaves it", False
    if not data.strip(b"\x00"):
        return "nothing but zero bytes, as a failed copy leaves it", False
    if _is_text(data[:512]):
        return "text", False
    return "its bytes are no image format that is known here", False


def _is_text(start: bytes) -> bool:
    return all(byte >= 32 or byte in (9, 10, 13) for byte in start)
