"""`read_log`: one door for every format, and for the folder in which the log lies.

A file is known by its first bytes, not by its name. Knows nothing about any one format.
"""

from __future__ import annotations

import os
from pathlib import Path

from striate.core.errors import nearest
from striate.core.observation_records import Observation
from striate.core.wording import printable
from striate.data.errors import CannotRead
from striate.diagnosis.errors import LogEmpty, LogTooLarge, NoLogFound, NoSuchLog, NotATrainingLog
from striate.diagnosis.logs.column_names import is_part_of_a_run
from striate.diagnosis.logs.columns import choose
from striate.diagnosis.logs.delimited import read_delimited
from striate.diagnosis.logs.event_log import read_events
from striate.diagnosis.logs.json_log import looks_like_json, read_json
from striate.diagnosis.logs.observing import observe
from striate.diagnosis.logs.places import Candidate, candidates, is_event_file
from striate.diagnosis.logs.record_file import begins_like_one
from striate.diagnosis.logs.table import Table
from striate.diagnosis.logs.text import decoded, read_bytes

__all__ = ["read_log"]

# A folder with more files that look like logs and are none is not the right folder.
_MOST_TRIED = 30
_SHOWN = 5


def read_log(path: str | os.PathLike[str]) -> Observation:
    """The training run that a log tells of: a file, or a folder in which one lies.

    CSV, TSV and tables with semicolons (Ultralytics, timm, Lightning, Keras, fastai, by hand), JSON (the Trainer's state, rows,
    histories) and TensorBoard event files. Accuracies become shares, epochs and steps count from 1; of several runs in one file
    the last is read. Nothing is asked: what was assumed stands in `setting.assumed`.

    Raises NoSuchLog, CannotRead, LogEmpty, LogTooLarge, NotATrainingLog; for a folder NoLogFound.
    """
    place = Path(path)
    try:
        is_folder, is_there = place.is_dir(), place.exists()
    except (OSError, ValueError) as error:
        raise CannotRead("the log cannot be read", where=printable(str(place)), got=str(error)) from error
    if not is_there:
        raise _no_such(place)
    if is_folder:
        return _read_folder(place)
    return observe(_table(place), place, _alone(place))


def _no_such(place: Path) -> NoSuchLog:
    try:
        beside = sorted(entry.name for entry in place.parent.iterdir())
    except OSError:
        beside = []
    near = nearest(place.name, beside)
    return NoSuchLog(
        "there is no such log",
        where=printable(str(place)),
        next_step=f"perhaps {printable(near[0])}"
        if near
        else "give the path of a log, or of the folder that holds it",
    )


def _table(path: Path) -> Table:
    """The file as a table, by whichever reader its bytes ask for."""
    if is_event_file(path.name):
        return read_events([path])
    data = read_bytes(path)
    if begins_like_one(data):
        return read_events([path])
    text = decoded(data, path)
    if not text.strip("\ufeff \t\r\n\x00"):
        raise LogEmpty(
            "the log is empty",
            where=path,
            got=f"{len(data)} bytes",
            next_step="wait until the first row is written",
        )
    return read_json(text, path) if looks_like_json(text) else read_delimited(text, path)


def _alone(path: Path) -> list[str]:
    """What to say of an event file that is only a part of its run."""
    if is_event_file(path.name) and is_part_of_a_run(path.parent.name):
        return [
            f"Only one file of {path.parent.name}/ was read; the folder above it may hold more of the run."
        ]
    return []


def _read_folder(folder: Path) -> Observation:
    """The best log in a folder; those that turn out to be none are passed over."""
    try:
        found = candidates(folder)
    except OSError as error:
        raise CannotRead(
            "the folder cannot be read", where=folder, got=error.strerror, next_step="change its permissions"
        ) from error
    refused: list[str] = []
    unreadable: CannotRead | None = None
    for n, candidate in enumerate(found[:_MOST_TRIED]):
        said = [_chosen(folder, candidate, found[n + 1 :], len(refused))]
        try:
            table = read_events(candidate.paths) if candidate.events else _table(candidate.paths[0])
            if candidate.rank == 3 and not _has_axis(table):
                raise NotATrainingLog("a table without an epoch or a step")
            return observe(table, candidate.paths[0], said)
        except CannotRead as error:
            unreadable = unreadable or error
        except (LogEmpty, LogTooLarge, NotATrainingLog) as error:
            refused.append(f"{_shown(folder, candidate)}: {error.what}")
    if unreadable is not None:
        raise unreadable
    raise NoLogFound(
        "no training log in the folder",
        where=folder,
        got="\n".join(refused[:_SHOWN]) or "no CSV, TSV, JSON or event file",
        expected="results.csv, metrics.csv, history.csv, summary.csv, trainer_state.json or events.out.tfevents.*",
        next_step="give the folder of the run, or the file itself",
    )


def _has_axis(table: Table) -> bool:
    """Whether there is an epoch or a step: of files with any name, lists of predictions may name a loss too."""
    choice = choose(table.columns)
    return bool(choice.epoch or choice.step)


def _shown(folder: Path, candidate: Candidate) -> str:
    where = candidate.place.relative_to(folder).as_posix()
    return "the event files in it" if where == "." else printable(where)


def _chosen(folder: Path, candidate: Candidate, others: list[Candidate], refused: int) -> str:
    """Which file was taken, and of how many."""
    likely = [other for other in others if other.rank <= max(2, candidate.rank)]
    why = ""
    if likely:
        best = likely[0]
        reason = "its name is the surer" if best.rank > candidate.rank else "it is the newest"
        if best.rank == candidate.rank and best.depth > candidate.depth:
            reason = "it is the nearest"
        why = f", of {len(likely) + 1} that may be logs, since {reason}"
    passed = f"; {refused} before it could not be read" if refused else ""
    return f"The log is {_shown(folder, candidate)}{why}{passed}."
