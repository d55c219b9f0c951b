"""`striate diagnose`: what is wrong with a run, a log, or what was seen of a loop.

Knows nothing about terminals, and never imports torch.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import OBSERVATION_VERSION, Observation
from striate.core.run_contents import holds_a_run
from striate.core.run_folder import NoSuchRun, RunFolder
from striate.core.wording import count, printable
from striate.diagnosis.judge import diagnose as judge_observation
from striate.training.errors import NewerVersion
from striate.verbs.errors import ObservationUnusable
from striate.verbs.judging import judge, observe

if TYPE_CHECKING:
    from striate.verbs.run import Run

__all__ = ["Examined", "diagnose", "examined"]

OBSERVATION = "observation.json"
DEPTH = 2
"""Folders below the one given: runs/train/NAME."""
SHOWN = 4
"""Names in a message."""
INNER = ("weights", "images", "checkpoints")
"""Folders of a run: a file in one of them names its run."""


@dataclass(frozen=True)
class Examined:
    """What was judged, what was seen of it, and what is wrong with it."""

    name: str
    observation: Observation
    diagnosis: Diagnosis


def diagnose(target: str | Path | Run | Observation) -> Diagnosis:
    """What is wrong, causes first, each with evidence, what was ruled out, and remedies.

    target: a run (the folder, or a file in it), a training log of another tool or the folder it lies in, an `observation.json`, or an
    `Observation`. Nothing is written. Raises RunDamaged, NewerVersion, NoSuchRun for a folder of
    several runs, ObservationUnusable, and what reading a log raises.

    >>> print(striate.diagnose("runs/train/photos"))                             # doctest: +SKIP
    """
    return examined(target).diagnosis


def examined(target: str | Path | Run | Observation) -> Examined:
    """The same, with what it was judged by."""
    if isinstance(target, Observation):
        return Examined("observation", target, judge_observation(target))
    if not isinstance(target, str | Path):
        return _run(target.folder)
    if target == "":
        raise NoSuchRun(
            "the path is empty",
            got="''",
            next_step="give the path of a run or a log; . is the present folder",
        )
    path = Path(target)
    folder = _run_of(path)
    if folder is not None:
        return _run(folder)
    seen = _kept(path)
    if seen is None:
        _refuse_several(path)
        from striate.diagnosis.logs import read_log

        seen = read_log(path)
    return Examined(str(path), seen, judge_observation(seen))


def _run(folder: RunFolder) -> Examined:
    seen = observe(folder)
    return Examined(str(folder.path), seen, judge(folder, seen))


def _run_of(path: Path) -> RunFolder | None:
    """The run that a path names: its folder, or a file in it. What was seen of one is a target of its own."""
    if path.name == OBSERVATION:
        return None
    inside = path.parent.parent if path.parent.name in INNER else path.parent
    folder = path if path.is_dir() else inside
    return RunFolder(folder) if folder.is_dir() and (path.exists() and holds_a_run(folder)) else None


def _refuse_several(path: Path) -> None:
    """A folder in which runs of striate lie is none of them, and no log of another tool either."""
    path, runs = _runs_below(path, DEPTH)
    if runs:
        shown = ", ".join(printable(name, 40) for name in runs[:SHOWN]) + (
            ", ..." if len(runs) > SHOWN else ""
        )
        raise NoSuchRun(
            "this folder holds runs and is none",
            where=printable(str(path)),
            got=f"{count(len(runs), 'run')}: {shown}",
            next_step=f"name one, or all of them: striate diagnose {shlex.quote(str(path))}/*",
        )


def _runs_below(path: Path, depth: int) -> tuple[Path, list[str]]:
    """The first folder in which runs lie, and their names; a folder with files of its own may be a log, and is not searched deeper."""
    try:
        entries = sorted(path.iterdir())
        folders = [entry for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
        runs = [entry.name for entry in folders if holds_a_run(entry)]
    except OSError:
        return path, []
    if runs or depth == 0 or len(folders) < len([e for e in entries if not e.name.startswith(".")]):
        return path, runs
    deeper = (_runs_below(entry, depth - 1) for entry in folders)
    return next((found for found in deeper if found[1]), (path, []))


def _kept(path: Path) -> Observation | None:
    """The observation in a JSON file, or in a folder that has one; None for anything else."""
    file = path / OBSERVATION if path.is_dir() else path
    if file.suffix != ".json" or not file.is_file():
        return None
    try:
        values = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        if file.name == OBSERVATION:
            raise _unusable(file, error) from error
        return None
    if not isinstance(values, dict) or not {"version", "setting", "epochs"} <= values.keys():
        return None
    version = values["version"]
    if isinstance(version, int) and version > OBSERVATION_VERSION:
        raise NewerVersion(
            "this observation was written by a newer striate",
            where=file,
            got=f"version {version}",
            expected=f"{OBSERVATION_VERSION} or older",
            next_step="upgrade striate: pip install -U striate",
        )
    try:
        return Observation.model_validate(values)
    except ValueError as error:
        raise _unusable(file, error) from error


def _unusable(file: Path, error: Exception) -> ObservationUnusable:
    return ObservationUnusable(
        "this observation cannot be read",
        where=printable(os.fspath(file)),
        got=printable(str(error).splitlines()[0], 200),
        next_step="write it again with doc.save(path), or give the run or the log it was made from",
    )
