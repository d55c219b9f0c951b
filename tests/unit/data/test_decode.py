"""From a path or bytes to pixels, by one way only; what a path may be besides a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.decode import decode, decode_bytes, digest, read_file
from striate.data.facts import MAX_BYTES, Facts, RefusedFile
from striate.data.pixel_errors import UnreadableImage
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import encode, photo

SAME = Preprocess((24, 32))


def test_a_path_a_string_and_bytes_give_the_same(tmp_path: Path) -> None:
    data = encode(Image.fromarray(photo(1)), "JPEG")
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    made = [decode(source, SAME).pixels for source in (path, str(path), data)]
    assert np.array_equal(made[0], made[1])
    assert np.array_equal(made[0], made[2])
    assert made[0].dtype == np.uint8
    assert made[0].shape == (24, 32, 3)


def test_a_lossless_picture_keeps_every_bit() -> None:
    pixels, facts = decode(encode(Image.fromarray(photo(1)), "PNG"), SAME)
    assert np.array_equal(pixels, photo(1))
    assert facts == Facts("PNG", "RGB", 32, 24)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(24, 32), (16, 16), (50, 20)])
@pytest.mark.parametrize("grey", [True, False])
def test_the_fast_way_gives_the_bits_of_pillows(size: tuple[int, int], channels: int, grey: bool) -> None:
    from striate.data import pillow_reader

    preprocess = Preprocess(size, channels)
    data = encode(Image.fromarray(photo(1)[:, :, 0] if grey else photo(1)), "JPEG")
    oracle, facts = pillow_reader.read(data, preprocess.background)
    made = decode_bytes(data, preprocess)
    assert np.array_equal(made.pixels, preprocess.pixels(oracle))
    assert made.facts == facts


def sparse(path: Path, size: int) -> None:
    path.touch()
    os.truncate(path, size)


def test_equal_bytes_have_equal_digests() -> None:
    assert digest(b"a") == digest(b"a") != digest(b"b")
    assert len(digest(b"")) == 16


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda p: None, "missing: no such file, or a link that leads nowhere"),
        (lambda p: p.mkdir(), "not-a-file: a folder, not a file"),
        (lambda p: os.mkfifo(p), "not-a-file: a named pipe, not a file"),
        (lambda p: p.symlink_to("/dev/null"), "not-a-file: a device, not a file"),
        (lambda p: p.symlink_to(p), "read-failed: Too many levels of symbolic links"),
        (lambda p: p.write_bytes(b""), "zero-bytes: the file is empty"),
        (lambda p: sparse(p, MAX_BYTES + 1), f"huge: {MAX_BYTES + 1:,} bytes, more than {MAX_BYTES:,}"),
    ],
)
def test_what_is_not_a_readable_file_is_refused(tmp_path: Path, make, text: str) -> None:
    path = tmp_path / "x.jpg"
    make(path)
    with pytest.raises(RefusedFile) as caught:
        read_file(str(path))
    assert str(caught.value) == text


def test_an_impossible_path_is_refused() -> None:
    with pytest.raises(RefusedFile, match=r"^missing: not a possible path$"):
        read_file("a\0b")
    with pytest.raises(RefusedFile, match=r"^read-failed: File name too long$"):
        read_file("x" * 300)


def test_a_file_longer_than_one_read_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.read
    monkeypatch.setattr(os, "read", lambda handle, n: real(handle, min(n, 1000)))
    (tmp_path / "x").write_bytes(os.urandom(4321))
    assert read_file(str(tmp_path / "x")) == (tmp_path / "x").read_bytes()


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "x.jpg").write_bytes(b"text")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("pipe.jpg", "x.jpg", "gone.jpg", "."):
        with pytest.raises(UnreadableImage):
            decode(tmp_path / name, SAME)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_thin_image_is_cropped_to_its_middle() -> None:
    pixels = np.zeros((20000, 1, 3), np.uint8)
    pixels[9995:10005] = 90
    assert (decode(encode(Image.fromarray(pixels), "PNG"), Preprocess((8, 8))).pixels == 90).all()


def test_a_jpeg_header_beyond_the_limit_is_refused_before_decoding() -> None:
    data = bytearray(encode(Image.fromarray(photo(1)), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\x4e\x20\x4e\x20"
    with pytest.raises(RefusedFile, match=r"^huge: 20000 x 20000 is more than 134,217,728 pixels$"):
        decode_bytes(bytes(data), SAME)


def test_the_error_of_one_image_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(b"<!doctype html><p>not found")
    with pytest.raises(UnreadableImage) as caught:
        decode(path, SAME)
    assert str(caught.value) == (
        "cannot read this image [unreadable-image]\n"
        f"  where     {path}\n"
        "  got       not-an-image: a web page, as a failed download leaves it\n"
        "  next      fetch or export it again, as JPEG or PNG"
    )
    with pytest.raises(UnreadableImage, match=r"zero-bytes: the file is empty"):
        decode(b"", SAME)
