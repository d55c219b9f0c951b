"""Atomic writes: whole or not at all, on a disk that fills up and one that is full; links, pipes and odd places."""

import errno
import os
import stat
import threading

import pytest

from striate.core import atomic
from striate.core.atomic import CannotWrite, DiskFull, FolderGone, advising, check_writable_name, write_atomic


def test_writing_replaces_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_atomic(path, "old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull) as error:
        write_atomic(path, "new")
    assert str(error.value) == (
        "no room left on the disk [disk-full]\n"
        f"  where     {path}\n"
        "  next      free some space, then try again"
    )
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_a_full_disk_for_real(small_disk):
    write_atomic(small_disk / "run.json", "old")
    with pytest.raises(DiskFull):
        write_atomic(small_disk / "run.json", b"x" * 2_000_000)
    assert (small_disk / "run.json").read_text() == "old"
    assert [p.name for p in small_disk.iterdir()] == ["run.json"]


def test_other_os_errors_are_not_disguised(tmp_path):
    with pytest.raises(OSError, match="Too many open files"), atomic.writing(tmp_path):
        raise OSError(errno.EMFILE, "Too many open files")


@pytest.mark.parametrize(
    ("name", "got"),
    [
        ("x" * 300, "File name too long"),
        ("file/x", "a file is where a folder should be"),
        ("circle", "Too many levels of symbolic links"),
        ("folder", "Is a directory"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_with_the_reason(tmp_path, name, got):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(CannotWrite) as error:
        write_atomic(tmp_path / name, "new")
    assert str(error.value) == (
        "cannot write here [cannot-write]\n"
        f"  where     {tmp_path / name}\n"
        f"  got       {got}\n"
        "  next      make it writable, or choose a place that you may write to"
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["circle", "file", "folder"]


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotWrite, match="a file of that name is in the way"), atomic.writing(tmp_path):
        (tmp_path / "file").mkdir(exist_ok=True)


def test_a_name_as_long_as_the_disk_takes_can_be_written(tmp_path):
    write_atomic(tmp_path / ("é" * 127), "new")
    assert (tmp_path / ("é" * 127)).read_text() == "new"


def test_a_link_stays_one_and_its_target_is_written_whole(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far/table.csv").write_text("old")
    (tmp_path / "link").symlink_to("far/table.csv")
    (tmp_path / "dangling").symlink_to("far/not-yet.csv")
    write_atomic(tmp_path / "link", "new")
    write_atomic(tmp_path / "dangling", "also new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert {p.name: p.read_text() for p in (tmp_path / "far").iterdir()} == {
        "table.csv": "new",
        "not-yet.csv": "also new",
    }


def test_a_link_to_a_pipe_is_written_to_and_stays(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    read = []
    for name in ("pipe", "link"):
        reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
        reader.start()
        # More than a pipe holds at once: every byte must come through.
        write_atomic(tmp_path / name, b"x" * 200_000)
        reader.join(10)
        assert read.pop() == b"x" * 200_000
        assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "pipe"]


def test_what_does_not_follow_replaces_the_link_and_spares_its_target(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to("mine")
    write_atomic(tmp_path / "link", "new", follow=False)
    assert not (tmp_path / "link").is_symlink()
    assert [(tmp_path / n).read_text() for n in ("link", "mine")] == ["new", "mine"]


def test_a_place_is_refused_before_the_work_is_done(tmp_path):
    (tmp_path / "link").symlink_to("nodir/x.csv")
    for name, folder in (("nodir/x.csv", tmp_path / "nodir"), ("link", tmp_path / "nodir")):
        with pytest.raises(CannotWrite) as error:
            check_writable_name(tmp_path / name)
        assert str(error.value) == (
            "cannot write here [cannot-write]\n"
            f"  where     {tmp_path / name}\n"
            f"  got       there is no folder {folder}\n"
            "  next      make the folder first, or give a path in one that exists"
        )
    with pytest.raises(CannotWrite, match="Is a directory"):
        check_writable_name(tmp_path)
    check_writable_name(tmp_path / "new.csv")


@pytest.mark.parametrize(
    ("number", "kind", "next_step"),
    [
        (errno.ENOSPC, DiskFull, "make room"),
        (errno.EROFS, CannotWrite, "go elsewhere"),
        (errno.ENOENT, FolderGone, "if it was moved, move it back and go on with `striate resume`"),
    ],
)
def test_a_verb_gives_advice_of_its_own(tmp_path, number, kind, next_step):
    advice = advising(no_room="make room", refused="go elsewhere")
    with pytest.raises(kind) as error, advice, atomic.writing(tmp_path):
        raise OSError(number, "no")
    assert error.value.next_step == next_step
