"""What a file is by its first bytes, in words."""

from __future__ import annotations

import pytest
from PIL import Image

from striate.data.signatures import ends_early, truncated_header, what_it_is
from tests.unit.data.bad_images import encode, photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_formats_that_are_read_are_known_by_their_beginning(kind: str) -> None:
    assert truncated_header(encode(Image.fromarray(photo(1)), kind)[:12]) == kind


def test_other_beginnings_are_none_of_them() -> None:
    assert truncated_header(b"RIFF1234WAVE") == ""
    assert truncated_header(b"") == ""


@pytest.mark.parametrize(
    ("data", "words", "picture"),
    [
        (b"\0\0\0\x18ftypavif", "AVIF images are not read; convert them to JPEG or PNG", True),
        (b"\0\0\0\x18ftypisom", "a video", False),
        (b"%PDF-1.4", "a PDF document", False),
        (b"\xef\xbb\xbf<html>", "a web page, as a failed download leaves it", False),
        (b"<?xml version='1.0'?><svg>", "an SVG drawing; convert it to PNG", True),
        (b"<?xml version='1.0'?><note>", "text", False),
        (b"\x01\x02\xff", "its bytes are no image format that is known here", False),
    ],
)
def test_files_are_named_for_people(data: bytes, words: str, picture: bool) -> None:
    assert what_it_is(data) == (words, picture)


def test_files_that_end_early_say_so() -> None:
    jpeg, webp = (encode(Image.fromarray(photo(1)), kind) for kind in ("JPEG", "WEBP"))
    assert not ends_early(jpeg + bytes(40))
    assert ends_early(jpeg[:-2])
    assert not ends_early(webp)
    assert ends_early(webp[:-1])
    assert not ends_early(b"\x89PNG")
