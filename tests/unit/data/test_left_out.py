"""What is left out is told, by reason, wherever it was found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.data.left_out import left_out
from striate.data.prepare import load, prepare
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import encode, photo
from tests.unit.data.watching import Watching


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    from PIL import Image

    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(10):
            data = encode(Image.fromarray(photo(i + 20 * (name == "a"), 16, 16)), "PNG")
            (tmp_path / "photos" / name / f"{i}.png").write_bytes(data)
    return tmp_path / "photos"


def seen(data: Any, tmp_path: Path) -> tuple[list[str], dict[str, int]]:
    watching = Watching()
    dataset = prepare(data, cache_dir=tmp_path / "cache", workers=0, progress=watching)
    return watching.said, left_out(dataset)


def test_nothing_left_out_is_nothing_said(photos: Path, tmp_path: Path) -> None:
    assert seen(photos, tmp_path) == ([], {})
    x = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    assert seen((x, np.arange(20) % 2), tmp_path) == ([], {})


def test_rows_that_point_nowhere_and_files_that_cannot_be_read(photos: Path, tmp_path: Path) -> None:
    rows = [f"photos/{c}/{i}.png,{c}\n" for c in "ab" for i in range(10)]
    table = tmp_path / "l.csv"
    table.write_text(
        "".join(["path,label\n", *rows, "nowhere.png,a\n", "gone.png,b\n", "photos/a/0.png,a\n"])
    )
    (photos / "b/3.png").write_bytes(b"")
    said = f"Skipped: 2 missing-file, 1 zero-bytes. `striate scan {table}` says which and why."
    assert seen(str(table), tmp_path) == ([said], {"missing-file": 2, "zero-bytes": 1})


def test_a_class_whose_name_is_no_text(photos: Path, tmp_path: Path) -> None:
    lost = Path(os.fsdecode(os.fsencode(photos) + b"/caf\xe9"))
    try:
        lost.mkdir()
    except OSError:
        pytest.skip("this disk takes no name that is not UTF-8")
    (photos / "a/0.png").rename(lost / "0.png")
    said = f"Skipped: 1 undecodable-name. `striate scan {photos}` says which and why."
    assert seen(photos, tmp_path) == ([said], {"undecodable-name": 1})
    notices = prepare(photos, cache_dir=tmp_path / "cache", workers=0).notices
    (told,) = [n.detail for n in notices if n.kind == "undecodable-name"]
    assert told == "its name is not valid UTF-8, so nothing in it was read"


def test_data_to_be_scored_is_told_about_too(photos: Path, tmp_path: Path) -> None:
    (photos / "a/0.png").write_bytes(b"")
    watching = Watching()
    load(photos, Preprocess(img_size=(16, 16)), cache_dir=tmp_path / "cache", workers=0, progress=watching)
    assert watching.said == [f"Skipped: 1 zero-bytes. `striate scan {photos}` says which and why."]
