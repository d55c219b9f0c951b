"""A run's folder: names that users know, writes that survive a kill, one writer at a time.

    runs/train/photos/            the next run of the same name is photos-2
      args.yaml                   the recipe, resolved
      run.json                    RunRecord, rewritten after every epoch
      data.json  scan.csv  splits.csv  env.json  layers.json
      results.csv  per_class.csv  predictions.csv
      results.png  confusion_matrix.png  confusion_matrix_normalized.png  train_batch0.jpg
      images/                     what the report shows: mistakes, augmented samples
      weights/best.safetensors    weights/last.safetensors
      checkpoints/                exact state, two kept
      report.html

Every file is written to a temporary name beside it, flushed, then renamed: a reader sees the old bytes or the
new ones. Knows nothing about what the files mean, nor about torch.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from striate.core.errors import EnvironmentFailure, RunFolderError

__all__ = [
    "CannotWrite",
    "DiskFull",
    "NoSuchRun",
    "RunBusy",
    "RunFolder",
    "fsync_folder",
    "write_atomic",
    "writing",
]


class NoSuchRun(RunFolderError):
    """The path given is not a run folder.

    Cause: a typo, or the folder was made by another tool. A run folder holds an `args.yaml` and, once
    training has begun, a `run.json`.

    Cure: give the folder that the end of `striate train` printed, such as `runs/train/photos`.
    """

    slug = "no-such-run"


class RunBusy(RunFolderError):
    """Another process is writing to this run folder.

    Cause: the run is still training, in another terminal or in the background; two writers would mix
    their results.

    Cure: wait for it or end it, then try again. The lock goes with the process that holds it, so a
    killed run never stays locked.
    """

    slug = "run-busy"


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

    Cause: no permission, or a read-only disk.

    Cure: choose a place of your own with `--project DIR` (runs) or `--cache-dir DIR` (decoded pixels).
    """

    slug = "cannot-write"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say a failed write in striate's words: disk full and permission become errors with a cure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                "no room left on the disk",
                where=path,
                next_step="free some space, then go on with `striate resume`;\nor write elsewhere with --project",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR):
            raise CannotWrite(
                "cannot write here",
                where=path,
                got=error.strerror,
                next_step="choose a folder that you may write to with --project",
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


_FOLDERS = ("weights", "checkpoints", "images")
_FILES = (
    *("args.yaml", "run.json", "data.json", "env.json", "layers.json", "report.html", "train_batch0.jpg"),
    *("scan.csv", "splits.csv", "results.csv", "per_class.csv", "predictions.csv"),
    *("results.png", "confusion_matrix.png", "confusion_matrix_normalized.png"),
)


class RunFolder:
    """One run's folder. `create` makes a new one, `open` takes an existing one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @classmethod
    def create(cls, project: Path, name: str, exist_ok: bool = False) -> RunFolder:
        """`project/name`, or the first free of `name-2`, `name-3`, ...; with `exist_ok` the name as it is."""
        with writing(project / name):
            project.mkdir(parents=True, exist_ok=True)
            number = 1
            while True:
                path = project / (name if number == 1 else f"{name}-{number}")
                try:
                    # mkdir is the test: two processes that start together never share a folder.
                    path.mkdir(exist_ok=exist_ok)
                    break
                except FileExistsError:
                    number += 1
            for inner in _FOLDERS:
                (path / inner).mkdir(exist_ok=True)
        return cls(path)

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """The run at `path`; a file inside a run (weights/best.safetensors) names its run too."""
        given = Path(path)
        candidates = (given, given.parent, given.parent.parent) if given.is_file() else (given,)
        for candidate in candidates:
            if (candidate / "args.yaml").is_file():
                return cls(candidate)
        raise NoSuchRun(
            "no run here",
            where=given,
            got="the path does not exist" if not given.exists() else "a folder without args.yaml",
            expected="a run folder such as runs/train/photos",
            next_step=_newest_runs(),
        )

    def clear(self) -> None:
        """Remove what an earlier run wrote here, and nothing else: the next run begins from nothing."""
        with writing(self.path):
            for name in _FILES:
                (self.path / name).unlink(missing_ok=True)
            for inner in _FOLDERS:
                shutil.rmtree(self.path / inner, ignore_errors=True)
                (self.path / inner).mkdir()

    def write_text(self, name: str, text: str) -> Path:
        """Write one file of the run atomically; returns its path."""
        path = self.path / name
        write_atomic(path, text)
        return path

    def write_json(self, name: str, value: Any) -> Path:
        """Write plain data as strict JSON (non-finite numbers are refused: records encode them as strings)."""
        return self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")

    def read_json(self, name: str) -> Any:
        """Read what `write_json` wrote."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one writer; RunBusy when another process has it. A kill releases it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock", timeout=0)
        with writing(self.path / ".lock"):
            try:
                lock.acquire()
            except Timeout as error:
                raise RunBusy(
                    "another process is writing to this run",
                    where=self.path,
                    next_step="wait for it to end, or end it; then try again",
                ) from error
        try:
            yield
        finally:
            lock.release()


def _newest_runs() -> str:
    """The newest runs under ./runs, to pick from; a hint how to make one where there are none."""
    found = sorted(Path("runs").glob("*/*/args.yaml"), key=lambda p: p.stat().st_mtime, reverse=True)
    if not found:
        return "train one first: striate train DATA"
    return "runs here: " + ", ".join(str(p.parent) for p in found[:3])
