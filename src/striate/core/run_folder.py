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
      observation.json            what was seen of the training, as it is judged
      diagnosis.json              what is wrong with it, with evidence
      augmentation.json           what an audit of transforms found about the weights
      report.html

Every file is written atomically; `run_contents` knows them by name, `run_place` where a run may be. Knows nothing about what the files mean, nor about torch.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from striate.core.atomic import advising, write_atomic, writing
from striate.core.errors import RunFolderError
from striate.core.run_contents import FOLDERS, own_files, sweep
from striate.core.run_place import place_for

__all__ = ["NoSuchRun", "RunBusy", "RunFolder", "advising_elsewhere"]


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


class RunFolder:
    """One run's folder. `create` makes a new one, `open` takes an existing one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @classmethod
    def create(
        cls, project: Path, name: str, exist_ok: bool = False, *, data: Path | None = None
    ) -> RunFolder:
        """The folder that `place_for` names, made. Raises what it raises, CannotWrite and DiskFull."""
        with advising_elsewhere(), writing(project / name):
            while True:
                path = place_for(project, name, exist_ok, data)
                project.mkdir(parents=True, exist_ok=True)
                try:
                    # mkdir is the test: two processes that start together never share a folder.
                    path.mkdir(exist_ok=exist_ok)
                    break
                except FileExistsError:
                    continue
            for inner in FOLDERS:
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
        """Remove the files that an earlier run wrote here, and nothing else: the next run begins from nothing."""
        with writing(self.path):
            for path in own_files(self.path):
                path.unlink(missing_ok=True)
            for path in (self.path / "checkpoints").iterdir():
                with contextlib.suppress(OSError):  # not empty: somebody keeps something there
                    path.rmdir()

    def write_text(self, name: str, text: str) -> Path:
        """Write one file of the run atomically; returns its path."""
        return self.write_bytes(name, text.encode("utf-8"))

    def write_bytes(self, name: str, content: bytes) -> Path:
        """Write one file of the run atomically; returns its path. A link in its place is replaced, never followed."""
        path = self.path / name
        write_atomic(path, content, follow=False)
        return path

    def write_json(self, name: str, value: Any) -> Path:
        """Write plain data as strict JSON (non-finite numbers are refused: records encode them as strings)."""
        return self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")

    def read_json(self, name: str) -> Any:
        """Read what `write_json` wrote."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one writer, free of what a kill left half-written; RunBusy when another process has it.

        A kill releases it.
        """
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
            sweep(self.path)
            yield
        finally:
            lock.release()


def advising_elsewhere() -> contextlib.AbstractContextManager[None]:
    """The next step where the folder of runs cannot be written to."""
    return advising(
        no_room="free some space, or write elsewhere with --project",
        refused="choose a folder that you may write to with --project",
    )


def _newest_runs() -> str:
    """The newest runs under ./runs, to pick from; a hint how to make one where there are none."""
    found = sorted(Path("runs").glob("*/*/args.yaml"), key=lambda p: p.stat().st_mtime, reverse=True)
    if not found:
        return "train one first: striate train DATA"
    return "runs here: " + ", ".join(str(p.parent) for p in found[:3])
