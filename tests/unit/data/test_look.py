"""What is chosen when nobody says: sizes and channels from headers alone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from striate.data.look import Look, choose_channels, choose_img_size, look
from tests.unit.data.bad_images import encode, photo, plain_listing


def sizes(*pairs: tuple[int, int]) -> Look:
    return Look(pairs, ("RGB",) * len(pairs))


@pytest.mark.parametrize(
    ("seen", "chosen"),
    [
        (sizes((32, 32), (32, 32)), (32, 32)),
        (sizes((8, 8)), (8, 8)),
        (sizes((28, 96), (28, 96)), (28, 96)),
        (sizes((128, 128), (128, 128)), (128, 128)),
        (sizes((129, 129), (129, 129)), (128, 128)),
        (sizes((128, 200), (128, 200)), (128, 128)),
        (sizes((375, 500), (500, 375), (333, 500)), (224, 224)),
        (sizes((100, 90), (95, 300), (99, 100)), (64, 64)),
        (sizes((10, 10), (12, 12)), (10, 10)),
        (sizes((31, 40), (33, 40)), (31, 31)),
        (sizes((33, 40), (34, 40)), (32, 32)),
        (sizes((16, 16), (16, 16), (64, 64)), (16, 16)),
        (sizes((28, 96), (28, 96), (500, 500)), (28, 96)),
        (sizes((28, 96), (28, 96), (500, 500), (40, 40)), (28, 28)),
        (sizes((300, 300), (300, 300), (16, 16)), (224, 224)),
        (sizes(), (32, 32)),
    ],
)
def test_the_image_size_follows_its_rule(seen: Look, chosen: tuple[int, int]) -> None:
    assert choose_img_size(seen) == chosen


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=9))
def test_half_of_the_images_are_never_enlarged(pairs: list[tuple[int, int]]) -> None:
    height, width = choose_img_size(sizes(*pairs))
    assert 2 * sum(h >= height and w >= width for h, w in pairs) >= len(pairs)


@pytest.mark.parametrize(
    ("modes", "channels"),
    [(("L", "L"), 1), (("1", "LA", "I;16"), 1), (("L", "RGB"), 3), (("P",), 3), (("CMYK",), 3), ((), 3)],
)
def test_only_a_set_that_is_all_grey_is_grey(modes: tuple[str, ...], channels: int) -> None:
    assert choose_channels(Look(((1, 1),) * len(modes), modes)) == channels


def test_a_look_passes_over_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a/0.jpg").write_bytes(encode(Image.fromarray(photo(1)), "JPEG", exif=exif))
    (tmp_path / "a/1.jpg").write_bytes(b"text")
    os.mkfifo(tmp_path / "a/2.jpg")
    (tmp_path / "a/3.png").write_bytes(encode(Image.fromarray(photo(1)[:, :, 0]), "PNG"))
    listing = plain_listing(tmp_path, [f"a/{i}" for i in ("0.jpg", "1.jpg", "2.jpg", "3.png", "4.png")])
    assert look(listing) == Look(((32, 24), (24, 32)), ("RGB", "L"))


def test_a_sample_is_spread_over_the_classes(tmp_path: Path) -> None:
    paths = []
    for k, name in enumerate("abcd"):
        (tmp_path / name).mkdir()
        for i in range(25):
            (tmp_path / f"{name}/{i:02}.bmp").write_bytes(
                encode(Image.fromarray(photo(1, 10 + k, 10)), "BMP")
            )
            paths.append(f"{name}/{i:02}.bmp")
    seen = look(plain_listing(tmp_path, paths), sample=8)
    assert len(seen.sizes) == 8
    assert {height for height, _ in seen.sizes} == {10, 11, 12, 13}


def test_only_headers_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    data = encode(Image.fromarray(photo(1, 200, 300)), "PNG")
    (tmp_path / "a/0.png").write_bytes(data[:100])
    assert look(plain_listing(tmp_path, ["a/0.png"])).sizes == ((200, 300),)


def test_arrays_say_their_size_themselves() -> None:
    import dataclasses

    listing = plain_listing(Path(), ["a/0", "b/0"])
    listing = dataclasses.replace(listing, root=None, arrays=np.zeros((2, 8, 9, 1), np.uint8))
    assert look(listing) == Look(((8, 9),), ("L",))


@pytest.mark.parametrize(
    ("sizes", "at_most", "size"),
    [
        ([(32, 32)] * 3, 64, (32, 32)),
        ([(300, 500)] * 3, 64, (64, 64)),
        ([(100, 50)] * 3, 64, (64, 32)),
        ([(1, 128)] * 3, 64, (1, 64)),
        ([(300, 500)] * 3, None, (224, 224)),
    ],
)
def test_a_size_that_is_read_off_can_be_bounded(sizes, at_most, size):
    assert choose_img_size(Look(tuple(sizes), ("RGB",) * 3), at_most) == size
