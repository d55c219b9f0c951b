"""Files written so that a reader sees the old bytes or the new ones, never a mixture.

temp file in the same folder -> flush -> fsync -> replace -> fsync(folder); a full disk and a missing permission become
errors that say what to do. Knows nothing about what the files mean.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from striate.core.errors import EnvironmentFailure

__all__ = ["CannotWrite", "DiskFull", "FolderGone", "fsync_folder", "write_atomic", "writing"]


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

    Cause: no permission, a read-only disk, or one that answers with errors.

    Cure: choose a place of your own with `--project DIR` (runs) or `--cache-dir DIR` (decoded pixels).
    """

    slug = "cannot-write"


class FolderGone(EnvironmentFailure):
    """A folder that striate writes to has disappeared.

    Cause: it was moved or deleted while the run was going, or the disk that holds it was taken away.

    Cure: put it back and `striate resume RUN`; if it is lost, train again, and keep the folder until the run has ended.
    """

    slug = "folder-gone"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say a failed write in striate's words: no room, no permission, no folder become errors with a cure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                "no room left on the disk",
                where=path,
                next_step="free some space, then go on with `striate resume`;\nor write elsewhere with --project",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EIO):
            raise CannotWrite(
                "cannot write here",
                where=path,
                got=error.strerror,
                next_step="choose a folder that you may write to with --project",
            ) from error
        if error.errno in (errno.ENOENT, errno.ESTALE):
            raise FolderGone(
                "the folder has gone",
                where=path,
                got=error.strerror,
                expected="a folder that stays where it is while striate writes to it",
                next_step="if it was moved, move it back and go on with `striate resume`",
            ) from error
        raise


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; a no-op where folders cannot be opened (Windows)."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write `content` (text as UTF-8) so that `path` holds the old bytes or the new ones, whatever happens.

    temp file in the same folder -> flush -> fsync -> replace -> fsync(folder). Raises DiskFull or
    CannotWrite, and leaves neither a half file nor the temporary one.
    """
    payload = content.encode("utf-8") if isinstance(content, str) else content
    with writing(path):
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
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
