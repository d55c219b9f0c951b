"""Files written so that a reader sees the old bytes or the new ones, never a mixture.

temp file in the same folder -> flush -> fsync -> replace -> fsync(folder); a full disk and a missing permission become
errors that say what to do. Knows nothing about what the files mean.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from striate.core.errors import EnvironmentFailure

__all__ = [
    "CannotWrite",
    "DiskFull",
    "FolderGone",
    "advising",
    "check_writable_name",
    "fsync_folder",
    "write_atomic",
    "writing",
]


class DiskFull(EnvironmentFailure):
    """The disk has no room for a file that striate must write.

    Cause: the disk or the quota is full. Whatever was complete before stays as it was: files are written
    beside their final name and renamed only when whole.

    Cure: free some space, then `striate resume RUN` goes on from the last checkpoint; or choose another
    place with `--project DIR` (runs) or `--cache-dir DIR` (decoded pixels).
    """

    slug = "disk-full"


class CannotWrite(EnvironmentFailure):
    """A file or folder cannot be written.

    Cause: no permission, a read-only disk or one that answers with errors, a name that the disk does not take, a file
    where a folder should be, or a folder that does not exist.

    Cure: choose a place of your own: `striate train` takes `--project DIR` (runs) and `--cache-dir DIR` (decoded
    pixels). For `striate resume` and `striate report` make the run folder writable, or copy it to where you may write.
    """

    slug = "cannot-write"


class FolderGone(EnvironmentFailure):
    """A folder that striate writes to has disappeared.

    Cause: it was moved or deleted while the run was going, or the disk that holds it was taken away.

    Cure: put it back and `striate resume RUN`; if it is lost, train again, and keep the folder until the run has ended.
    """

    slug = "folder-gone"


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_GONE = frozenset({errno.ENOENT, errno.ESTALE})
# What a place or a name can be blamed for, and the words where the system's own ("File exists") would puzzle.
_REFUSED = {
    errno.EEXIST: "a file of that name is in the way",
    errno.ENOTDIR: "a file is where a folder should be",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.EIO, errno.EBUSY), ""),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENXIO, errno.EFBIG), ""),
}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say a failed write in striate's words: no room, no permission, no folder become errors with a cure."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                "no room left on the disk", where=path, next_step="free some space, then try again"
            ) from error
        if error.errno in _REFUSED:
            raise CannotWrite(
                "cannot write here",
                where=path,
                got=_REFUSED[error.errno] or error.strerror,
                next_step="make it writable, or choose a place that you may write to",
            ) from error
        if error.errno in _GONE:
            raise FolderGone(
                "the folder has gone",
                where=path,
                got=error.strerror,
                expected="a folder that stays where it is while striate writes to it",
                next_step="if it was moved, move it back and go on with `striate resume`",
            ) from error
        raise


@contextlib.contextmanager
def advising(*, no_room: str = "", refused: str = "") -> Iterator[None]:
    """Give what cannot be written inside a next step that fits the verb: only it knows which flag or command helps."""
    try:
        yield
    except DiskFull as error:
        error.next_step = no_room or error.next_step
        raise
    except CannotWrite as error:
        error.next_step = refused or error.next_step
        raise


def check_writable_name(path: Path) -> None:
    """Refuse early a path that a person gave for a file, where no file can be: no such folder, or itself a folder."""
    with writing(path):
        folder = _led_to(path).parent
        if not folder.exists():
            raise CannotWrite(
                "cannot write here",
                where=path,
                got=f"there is no folder {folder}",
                next_step="make the folder first, or give a path in one that exists",
            )
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; a no-op where folders cannot be opened (Windows)."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomic(path: Path, content: bytes | str, *, follow: bool = True) -> None:
    """Write `content` (text as UTF-8) so that `path` holds the old bytes or the new ones, whatever happens.

    temp file in the same folder -> flush -> fsync -> replace -> fsync(folder). A link stays one and what it leads to is
    written; a device or a pipe is written to as it is. With ``follow=False`` the file takes the place of any of
    them. Raises DiskFull, CannotWrite or FolderGone, and leaves neither a half file nor the temporary one.
    """
    payload = content.encode("utf-8") if isinstance(content, str) else content
    with writing(path):
        if follow and _is_stream(path):
            with path.open("wb", buffering=0) as stream:
                _write_whole(stream.fileno(), payload)
        else:
            _replace(_led_to(path) if follow else path, payload)


def _is_stream(path: Path) -> bool:
    """Whether something is there that a rename would destroy: a device, a pipe, a socket. Raises OSError for links in a circle."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _led_to(path: Path) -> Path:
    """Where a link leads in the end, there or not; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _write_whole(handle: int, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _replace(path: Path, payload: bytes) -> None:
    # Of a long name a part: the whole of it, with what is added, may be longer than the disk takes.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:50]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    fsync_folder(path.parent)


def _umask() -> int:
    """The process's umask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
