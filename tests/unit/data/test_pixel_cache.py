"""Decoded once: found again, never taken for another, mended when damaged, shared by two, safe against a kill."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.core.atomic import CannotWrite, DiskFull
from striate.data import pixel_cache, pixel_entry
from striate.data.listing import Listing
from striate.data.pixel_cache import cache_key, cached_pixels
from striate.data.pixels import PixelSet
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import encode, photo, plain_listing
from tests.unit.data.watching import Watching

PREPROCESS = Preprocess((8, 8))
GIB = 1 << 30


@pytest.fixture
def pictures(tmp_path: Path) -> Listing:
    """Twelve PNGs, the third and the last of them broken."""
    root = tmp_path / "in"
    (root / "a").mkdir(parents=True)
    for i in range(12):
        data = encode(Image.fromarray(photo(i, 8, 8)), "PNG")
        (root / f"a/{i:02}.png").write_bytes(data[:50] if i in (2, 11) else data)
    return plain_listing(root, [f"a/{i:02}.png" for i in range(12)])


def pixels_of(
    listing: Listing, cache: Path, budget: int = GIB, **options: object
) -> tuple[PixelSet, Watching]:
    watching = Watching()
    found = cached_pixels(
        listing, PREPROCESS, cache, memory_budget=budget, workers=0, progress=watching, **options
    )
    return found, watching


def check(found: PixelSet) -> None:
    assert found.rows.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert np.array_equal(found.pixels, np.stack([photo(i, 8, 8) for i in found.rows.tolist()]))
    assert not found.pixels.flags.writeable
    assert set(found.scan.details) == {2, 11}


def test_a_second_time_nothing_is_decoded_and_all_is_found(pictures: Listing, tmp_path: Path) -> None:
    first, watching = pixels_of(pictures, tmp_path / "cache")
    assert watching.tasks == [("Reading images", 12, 12)]
    second, watching = pixels_of(pictures, tmp_path / "cache")
    assert watching.tasks == []
    assert watching.said == []
    for found in (first, second):
        check(found)
    assert first.scan.facts.tobytes() == second.scan.facts.tobytes()
    assert first.scan.details == second.scan.details


def test_beyond_the_budget_equal_pixels_are_mapped(pictures: Listing, tmp_path: Path) -> None:
    for _ in range(2):
        mapped, _ = pixels_of(pictures, tmp_path / "cache", budget=100)
        assert isinstance(mapped.pixels, np.memmap)
        check(mapped)
    loaded, _ = pixels_of(pictures, tmp_path / "cache")
    assert not isinstance(loaded.pixels, np.memmap)
    check(loaded)


def test_gaps_are_closed_in_blocks(
    pictures: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_entry, "BLOCK_BYTES", 400)  # two rows of 192 bytes
    for budget in (GIB, 100):
        check(pixels_of(pictures, tmp_path / "cache", budget)[0])


@pytest.mark.parametrize("broken", [range(12), range(0), [0], [11], [0, 1, 2], [9, 10, 11], range(0, 12, 2)])
def test_any_set_of_gaps_is_closed(tmp_path: Path, broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixel_entry, "BLOCK_BYTES", 600)
    (tmp_path / "in/a").mkdir(parents=True)
    for i in range(12):
        data = b"text" if i in broken else encode(Image.fromarray(photo(i, 8, 8)), "PNG")
        (tmp_path / f"in/a/{i:02}.png").write_bytes(data)
    listing = plain_listing(tmp_path / "in", [f"a/{i:02}.png" for i in range(12)])
    found, _ = pixels_of(listing, tmp_path / "cache")
    good = [i for i in range(12) if i not in broken]
    assert found.rows.tolist() == good
    assert found.pixels.shape == (len(good), 8, 8, 3)
    assert all(np.array_equal(row, photo(i, 8, 8)) for i, row in zip(good, found.pixels, strict=True))


def changes(listing: Listing) -> dict[str, Listing]:
    root = listing.root
    assert root is not None
    again = encode(Image.fromarray(photo(99, 8, 8)), "PNG")

    def rewritten() -> None:
        path = root / "a/00.png"
        before = path.stat()
        path.write_bytes(again[: before.st_size].ljust(before.st_size, b"\0"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    edits = {
        "same size and time": rewritten,
        "touched": lambda: os.utime(root / "a/01.png"),
        "gone": lambda: (root / "a/03.png").unlink(),
        "mended": lambda: (root / "a/02.png").write_bytes(again),
        "permission": lambda: (root / "a/04.png").chmod(0o400),
    }
    found = {}
    for name, edit in edits.items():
        time.sleep(0.02)  # file times move in steps of some milliseconds
        edit()
        found[name] = cache_key(listing, PREPROCESS)
    return found


def test_the_key_changes_with_any_file_and_with_the_geometry(pictures: Listing) -> None:
    assert pictures.root is not None
    plain = cache_key(pictures, PREPROCESS)
    assert cache_key(pictures, PREPROCESS) == plain
    keys = [plain, *changes(pictures).values()]
    keys.append(cache_key(pictures, Preprocess((8, 9))))
    fewer = dataclasses.replace(pictures, paths=pictures.paths[:-1])
    keys.append(cache_key(fewer, PREPROCESS))
    pictures.root.rename(pictures.root.with_name("moved"))
    moved = dataclasses.replace(pictures, root=pictures.root.with_name("moved"))
    keys.append(cache_key(moved, PREPROCESS))
    assert len(set(keys)) == len(keys)


def test_statistics_and_labels_do_not_change_the_key(pictures: Listing) -> None:
    measured = PREPROCESS.with_statistics((0.5,) * 3, (0.5,) * 3)
    assert cache_key(pictures, measured) == cache_key(pictures, PREPROCESS)
    relabelled = dataclasses.replace(pictures, labels=pictures.labels + 1, classes=("x", "y"))
    assert cache_key(relabelled, PREPROCESS) == cache_key(pictures, PREPROCESS)


def entry_of(cache: Path) -> Path:
    (manifest,) = (cache / "pixels").glob("*/manifest.json")
    return manifest.parent


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


DAMAGE = {
    "pixels flipped": lambda e: flip(e / "pixels.bin", 77),
    "pixels cut": lambda e: os.truncate(e / "pixels.bin", 100),
    "pixels longer": lambda e: os.truncate(e / "pixels.bin", 10**4),
    "pixels gone": lambda e: (e / "pixels.bin").unlink(),
    "facts flipped": lambda e: flip(e / "facts.npy", 200),
    "details cut": lambda e: (e / "details.json").write_text("{"),
    "manifest cut": lambda e: os.truncate(e / "manifest.json", 20),
    "manifest gone": lambda e: (e / "manifest.json").unlink(),
    "manifest no object": lambda e: (e / "manifest.json").write_text("[]"),
    "manifest of another format": lambda e: (e / "manifest.json").write_text(
        json.dumps({**json.loads((e / "manifest.json").read_text()), "format": 99})
    ),
    "manifest of fewer blocks": lambda e: (e / "manifest.json").write_text(
        json.dumps({**json.loads((e / "manifest.json").read_text()), "blocks": []})
    ),
}


@pytest.mark.parametrize("budget", [GIB, 100], ids=["loaded", "mapped"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_noticed_said_and_built_again(
    pictures: Listing, tmp_path: Path, damage: str, budget: int
) -> None:
    pixels_of(pictures, tmp_path / "cache")
    entry = entry_of(tmp_path / "cache")
    DAMAGE[damage](entry)
    found, watching = pixels_of(pictures, tmp_path / "cache", budget)
    check(found)
    assert watching.tasks == [("Reading images", 12, 12)]
    assert len(watching.said) == 1
    assert watching.said[0].startswith(f"the cached pixels in {entry} are not whole (")
    assert pixels_of(pictures, tmp_path / "cache", budget)[1].said == []


def test_a_crash_that_may_pass_is_not_believed_a_second_time(
    pictures: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pixel_cache.scan_files

    def unlucky(*args, **options):
        scan = real(*args, **options)
        scan.facts["reason"][5] = pixel_entry.PASSING[1]
        return scan

    with monkeypatch.context() as patch:
        patch.setattr(pixel_cache, "scan_files", unlucky)
        assert 5 not in pixels_of(pictures, tmp_path / "cache")[0].rows
    found, watching = pixels_of(pictures, tmp_path / "cache")
    check(found)
    assert watching.said[0].endswith("(some files could not be read the last time); decoding again")


@pytest.mark.parametrize("budget", [GIB, 100], ids=["loaded", "mapped"])
def test_without_a_usable_cache_a_temporary_file_serves(
    pictures: Listing, tmp_path: Path, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    found, watching = pixels_of(pictures, tmp_path / "cache", budget)
    check(found)
    assert watching.said == [
        f"the cache {tmp_path / 'cache'} cannot be used (Not a directory); decoding into a temporary file instead"
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


def full(path: Path, size: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def test_a_full_disk_is_an_error_that_leaves_nothing_behind(
    pictures: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_entry, "_reserve", full)
    with pytest.raises(DiskFull) as caught:
        pixels_of(pictures, tmp_path / "cache")
    assert str(caught.value) == (
        "no room for the decoded pixels [disk-full]\n"
        f"  where     {tmp_path / 'cache'}\n"
        "  next      free some space, or put the cache elsewhere with --cache-dir DIR"
    )
    assert [path for path in (tmp_path / "cache/pixels").iterdir() if path.is_dir()] == []


def test_nowhere_to_write_is_an_error(
    pictures: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, size: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(pixel_entry, "_reserve", refused)
    with pytest.raises(
        CannotWrite, match=r"^cannot write decoded pixels, neither into the cache nor into a temporary"
    ):
        pixels_of(pictures, tmp_path / "cache")


def test_a_real_small_disk_is_noticed_before_decoding(tmp_path: Path) -> None:
    """On a file system with a limit of its own, where this user may make one; the mapping is of a sparse set."""
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)]).returncode
    ):
        pytest.skip("mounting a small disk takes privileges")
    try:
        (tmp_path / "in/a").mkdir(parents=True)
        (tmp_path / "in/a/0.png").write_bytes(encode(Image.fromarray(photo(0, 8, 8)), "PNG"))
        listing = plain_listing(tmp_path / "in", ["a/0.png"])
        with pytest.raises(DiskFull):
            cached_pixels(listing, Preprocess((1000, 1000)), tmp_path / "cache", memory_budget=GIB, workers=0)
        assert not list((tmp_path / "cache/pixels").glob("*/*"))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


BUILDER = """
import sys
from pathlib import Path
from striate.data.pixel_cache import cached_pixels
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import plain_listing
from tests.unit.data.watching import Watching
class Loud(Watching):
    def say(self, text): print(text, flush=True)
root, cache, n = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
watching = Loud()
listing = plain_listing(root, [f"a/{i:02}.png" for i in range(n)])
found = cached_pixels(listing, Preprocess((8, 8)), cache, memory_budget=1 << 30, workers=0, progress=watching)
print(len(watching.tasks), int(found.pixels.sum()))
"""

GATE = """
import hashlib, os, time
whole = hashlib.blake2b
def blake2b(data, **options):
    while not os.path.exists(os.environ["GATE"]): time.sleep(0.01)
    return whole(data, **options)
hashlib.blake2b = blake2b
"""


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Builders decode nothing until this file exists; planted through Python's own start-up hook."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(GATE)
    home = Path(__file__).resolve().parents[3]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'hook'}:{home / 'src'}:{home}")
    monkeypatch.setenv("GATE", str(tmp_path / "gate"))
    return tmp_path / "gate"


def builder(listing: Listing, cache: Path) -> subprocess.Popen[str]:
    """A process that has begun to build, or found another at it."""
    arguments = [sys.executable, "-c", BUILDER, str(listing.root), str(cache), str(len(listing))]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def wait_for_building(cache: Path) -> None:
    end = time.monotonic() + 60
    while not list((cache / "pixels").glob("*.building-*/pixels.bin")):
        assert time.monotonic() < end, "no building began"
        time.sleep(0.02)


def test_of_two_processes_at_once_one_decodes_and_both_get_the_pixels(
    pictures: Listing, tmp_path: Path, gate: Path
) -> None:
    total = sum(int(photo(i, 8, 8).sum()) for i in range(12) if i not in (2, 11))
    with builder(pictures, tmp_path / "cache") as first:
        wait_for_building(tmp_path / "cache")
        with builder(pictures, tmp_path / "cache") as second:
            assert second.stdout is not None
            waiting = second.stdout.readline()
            gate.touch()
            told = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert waiting == "another process is decoding the same images; waiting for it\n"
    assert told == [f"1 {total}\n", f"0 {total}\n"]


def test_after_a_kill_the_next_run_starts_clean(pictures: Listing, tmp_path: Path, gate: Path) -> None:
    with builder(pictures, tmp_path / "cache") as killed:
        wait_for_building(tmp_path / "cache")
        killed.send_signal(signal.SIGKILL)
    folder = tmp_path / "cache/pixels"
    assert len(list(folder.glob("*.building-*"))) == 1
    check(pixels_of(pictures, tmp_path / "cache")[0])
    assert list(folder.glob("*.building-*")) == []
    assert pixels_of(pictures, tmp_path / "cache")[1].tasks == []
