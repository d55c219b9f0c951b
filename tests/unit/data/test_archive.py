"""Archives unpacked once: whole or not at all, by one process at a time, after any kill, nothing outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from striate.core.atomic import CannotWrite, DiskFull
from striate.core.progress import SilentProgress, Task, Unit
from striate.data.archive import archive_stem, extract
from striate.data.errors import CannotRead, UnknownSource, UnsafeArchive

SOURCE = Path(__file__).resolve().parents[3] / "src"


def pack(folder: Path, path: Path, n: int = 6, size: int = 100) -> Path:
    """A .tar.gz of two class folders with `n` files in all."""
    for i in range(n):
        image = folder / "set" / f"class{i % 2}" / f"{i}.jpg"
        image.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(bytes([i % 256]) * size)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder / "set", "set")
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return pack(tmp_path / "made", tmp_path / "photos.tar.gz")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Watching(SilentProgress):
    def __init__(self) -> None:
        self.said: list[str] = []
        self.units = 0
        self.total: int | None = None

    def say(self, text: str) -> None:
        self.said.append(text)

    def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> Task:
        self.said.append(f"{label} ({of})")
        self.total = total
        watcher = self

        class Counting(type(super().task(label))):  # type: ignore[misc]
            def advance(self, n: int = 1) -> None:
                watcher.units += n

        return Counting()


def test_content_and_place(photos: Path, tmp_path: Path) -> None:
    watching = Watching()
    folder = extract(photos, tmp_path / "cache", watching)
    assert tree(folder) == tree(tmp_path / "made")
    assert folder.parent.parent == tmp_path / "cache" / "archives"
    assert folder.parent.name.startswith("photos-")
    assert json.loads((folder.parent / "archive.json").read_text()) == {"files": 6, "bytes": 600}
    assert watching.said == ["Unpacking photos.tar.gz (bytes)"]
    assert watching.total == photos.stat().st_size
    assert 0 < watching.units <= watching.total


def test_the_second_time_nothing_is_unpacked(photos: Path, tmp_path: Path) -> None:
    folder = extract(photos, tmp_path / "cache")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    watching = Watching()
    assert extract(photos, tmp_path / "cache", watching) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert watching.said == []


def test_a_changed_archive_is_another(photos: Path, tmp_path: Path) -> None:
    first = extract(photos, tmp_path / "cache")
    pack(tmp_path / "other", photos, n=4)
    second = extract(photos, tmp_path / "cache")
    assert second != first
    assert len(tree(second)) == 4


@pytest.mark.parametrize("damage", ["lost", "cut", "marker", "extra"])
def test_what_was_touched_in_the_cache_is_unpacked_again(photos: Path, tmp_path: Path, damage: str) -> None:
    folder = extract(photos, tmp_path / "cache")
    if damage == "lost":
        (folder / "set/class0/0.jpg").unlink()
    elif damage == "cut":
        (folder / "set/class0/0.jpg").write_bytes(b"")
    elif damage == "extra":
        (folder / "set/class0/new.jpg").write_bytes(b"")
    else:
        (folder.parent / "archive.json").write_text("{")
    assert extract(photos, tmp_path / "cache") == folder
    assert tree(folder) == tree(tmp_path / "made")


def test_files_are_plain_whatever_the_archive_says(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        info = tarfile.TarInfo("a/run.jpg")
        info.mode, info.uid, info.mtime = 0o6777, 0, 0
        tar.addfile(info)
    path = extract(tmp_path / "x.tar", tmp_path / "cache") / "a/run.jpg"
    assert path.stat().st_mode & 0o7111 == 0
    assert path.stat().st_mtime > 0


def hostile(path: Path, *names: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
    return path


ATTACKS: list[tuple[tuple[str, ...], bytes, str]] = [
    (("ok.jpg", "../../escaped"), tarfile.REGTYPE, ""),
    (("/escaped",), tarfile.REGTYPE, ""),
    (("a/../../escaped",), tarfile.REGTYPE, ""),
    (("..\\escaped",), tarfile.REGTYPE, ""),
    (("link",), tarfile.SYMTYPE, "../.."),
    (("link",), tarfile.LNKTYPE, "../../escaped"),
    (("null",), tarfile.CHRTYPE, ""),
    (("pipe",), tarfile.FIFOTYPE, ""),
    (("same", "same"), tarfile.REGTYPE, ""),
    (("same", "./same"), tarfile.REGTYPE, ""),
    (("file", "file/below"), tarfile.REGTYPE, ""),
    (("dir/below", "dir"), tarfile.REGTYPE, ""),
    (("/".join(["d" * 200] * 30),), tarfile.REGTYPE, ""),
    (("n" * 300,), tarfile.REGTYPE, ""),
]


@pytest.mark.parametrize(("names", "kind", "target"), ATTACKS)
def test_attacks_leave_nothing_anywhere(
    tmp_path: Path, names: tuple[str, ...], kind: bytes, target: str
) -> None:
    path = hostile(tmp_path / "x.tar.gz", *names, kind=kind, target=target)
    with pytest.raises(UnsafeArchive):
        extract(path, tmp_path / "cache")
    left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.suffix != ".lock"}
    assert left == {"x.tar.gz", "cache", "cache/archives"}


def test_a_chain_of_links_is_refused_at_its_first(tmp_path: Path) -> None:
    """CVE-2025-4517: folders and links nested until the path outgrows what the standard library resolves."""
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        place = ""
        for step in "abcdefghijklmnop":
            folder = tarfile.TarInfo(f"{place}{'d' * 240}")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
            link = tarfile.TarInfo(f"{place}{step}")
            link.type, link.linkname = tarfile.SYMTYPE, "d" * 240
            tar.addfile(link)
            place += f"{step}/"
    with pytest.raises(UnsafeArchive, match="a symbolic link"):
        extract(tmp_path / "x.tar", tmp_path / "cache")


def test_the_same_path_twice_in_words(tmp_path: Path) -> None:
    path = hostile(tmp_path / "x.tar.gz", "a/1.jpg", "a/1.jpg")
    with pytest.raises(UnsafeArchive) as error:
        extract(path, tmp_path / "cache")
    assert str(error.value) == (
        "the archive holds the same path twice [unsafe-archive]\n"
        f"  where     {path}\n"
        "  got       a/1.jpg\n"
        "  expected  folders and regular files, nothing else\n"
        "  next      if you trust it, unpack it yourself and give the folder"
    )


UNPACK = "import sys; from pathlib import Path; from striate.data.archive import extract; extract(*map(Path, sys.argv[1:]))"


def unpacking(archive: Path, cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", UNPACK, archive, cache], env=os.environ | {"PYTHONPATH": str(SOURCE)}
    )


def unpacked(cache: Path) -> int:
    """Images there so far; folders may come and go meanwhile."""
    return sum(len(files) for _, _, files in os.walk(cache))


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.002)


@pytest.mark.parametrize("done", [1, 40, 250])
def test_a_kill_leaves_nothing_that_is_taken_for_whole(tmp_path: Path, done: int) -> None:
    archive, cache = pack(tmp_path / "made", tmp_path / "x.tar.gz", n=400, size=10), tmp_path / "cache"
    process = unpacking(archive, cache)
    until(lambda: unpacked(cache) > done or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert [path.suffix for path in (cache / "archives").iterdir() if path.is_dir()] == [".partial"]
    folder = extract(archive, cache)
    assert tree(folder) == tree(tmp_path / "made")
    assert not list((cache / "archives").glob("*.partial"))


def test_leftovers_of_other_archives_go_unless_they_are_being_written(photos: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "cache" / "archives"
    for name in ("dead-0", "alive-1"):
        (shelf / f"{name}.partial" / "files").mkdir(parents=True)
    with FileLock(shelf / "alive-1.lock"):
        extract(photos, tmp_path / "cache")
        assert [path.name for path in shelf.glob("*.partial")] == ["alive-1.partial"]
    extract(photos, tmp_path / "cache")
    assert not list(shelf.glob("*.partial"))


def test_two_processes_end_with_one_copy(tmp_path: Path) -> None:
    archive, cache = pack(tmp_path / "made", tmp_path / "x.tar.gz", n=300, size=10), tmp_path / "cache"
    processes = [unpacking(archive, cache) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len([path for path in (cache / "archives").iterdir() if path.is_dir()]) == 1
    assert tree(extract(archive, cache)) == tree(tmp_path / "made")


def test_waiting_for_another_process_is_said(photos: Path, tmp_path: Path) -> None:
    folder = extract(photos, tmp_path / "cache")
    shutil.rmtree(folder.parent)
    watching = Watching()
    lock = FileLock(folder.parent.with_name(f"{folder.parent.name}.lock"), thread_local=False)
    lock.acquire()
    waiting = threading.Thread(target=extract, args=(photos, tmp_path / "cache", watching))
    waiting.start()
    until(lambda: watching.said)
    assert watching.said == ["another process is unpacking this archive: waiting for it"]
    lock.release()
    waiting.join()
    assert tree(folder) == tree(tmp_path / "made")


@pytest.fixture
def small_disk(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A tmpfs of one megabyte; skips where mounting is not allowed."""
    target = tmp_path / "disk"
    target.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", target], capture_output=True
    ).returncode:
        pytest.skip("mounting a small disk needs root")
    yield target
    subprocess.run(["umount", target], check=True)


def test_a_full_disk_is_said_and_cleared(small_disk: Path, tmp_path: Path) -> None:
    archive = pack(tmp_path / "made", tmp_path / "x.tar.gz", n=40, size=50_000)
    with pytest.raises(DiskFull):
        extract(archive, small_disk)
    assert shutil.disk_usage(small_disk).used < 100_000
    assert extract(pack(tmp_path / "small", tmp_path / "y.tar.gz"), small_disk).is_dir()


def test_a_cache_that_is_a_file(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises((CannotWrite, FileExistsError)):
        extract(photos, tmp_path / "cache")


def test_other_files_are_no_archives(tmp_path: Path) -> None:
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    with pytest.raises(UnknownSource) as error:
        extract(tmp_path / "x.rar", tmp_path)
    assert str(error.value) == (
        "the file is no archive [unknown-source]\n"
        f"  where     {tmp_path / 'x.rar'}\n"
        "  expected  .tar, .tar.gz, .tar.bz2, .tar.xz, .zip"
    )


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CannotRead):
        extract(tmp_path / "x.tar", tmp_path)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("photos.tar.gz", "photos"),
        ("a.v2.tgz", "a.v2"),
        ("X.TAR", "X"),
        ("b c.zip", "b-c"),
        (".tar", "data"),
        ("x.tar.xz", "x"),
    ],
)
def test_stems(name: str, stem: str) -> None:
    assert archive_stem(Path(name)) == stem


@pytest.mark.slow
def test_sixty_thousand_images(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    folder = extract(shared_data("cifar10-jpeg.tar.gz"), tmp_path)
    assert json.loads((folder.parent / "archive.json").read_text())["files"] == 60_000
