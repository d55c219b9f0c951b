"""The oldest entries go first, never one in use; leftovers of the dead go, those of the living stay."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from striate.data.cache_room import hold, make_room


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for age, name in enumerate(("newest", "middle", "oldest")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pixels.bin").write_bytes(bytes(1000))
        (tmp_path / name / "manifest.json").write_text("{}")
        os.utime(tmp_path / name / "manifest.json", (10**9 - age, 10**9 - age))
    return tmp_path


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        (3006, {"newest", "middle", "oldest"}),
        (3005, {"newest", "middle"}),
        (2000, {"newest"}),
        (0, set()),
        (-5000, set()),
    ],
)
def test_least_recently_used_entries_go_until_the_rest_fits(folder: Path, room: int, kept: set[str]) -> None:
    make_room(folder, "wanted", room)
    assert left(folder) == kept


def test_the_entry_that_is_wanted_stays(folder: Path) -> None:
    make_room(folder, "oldest", 0)
    assert left(folder) == {"oldest"}


def test_a_mapped_entry_stays_until_its_mapping_is_gone(folder: Path) -> None:
    mapping = np.memmap(folder / "oldest/pixels.bin", np.uint8, mode="r")
    hold(folder / "oldest/pixels.bin", mapping)
    rows = mapping.reshape(10, 100)[2:]
    gone = weakref.ref(mapping)
    del mapping
    make_room(folder, "wanted", 0)
    assert left(folder) == {"oldest"}
    del rows
    gc.collect()
    assert gone() is None
    make_room(folder, "wanted", 0)
    assert left(folder) == set()


def test_an_entry_that_someone_builds_or_opens_stays(folder: Path) -> None:
    with FileLock(folder / "oldest.lock"):
        make_room(folder, "wanted", 0)
    assert left(folder) == {"oldest"}


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(folder: Path) -> None:
    for name in ("dead.building-x1", "living.building-x2", "wanted.building-x3"):
        (folder / name).mkdir()
        (folder / name / "pixels.bin").write_bytes(bytes(10))
    with FileLock(folder / "living.lock"):
        make_room(folder, "wanted", 10**6)
    assert left(folder) == {"newest", "middle", "oldest", "living.building-x2", "wanted.building-x3"}
