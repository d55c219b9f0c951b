"""A run folder judged from its records: what was seen of it, what is wrong.

Knows nothing about terminals, nor about how a condition is recognised.
"""

from __future__ import annotations

import csv
from collections.abc import Callable

from striate.core.diagnosis_records import Diagnosis
from striate.core.errors import StriateError
from striate.core.observation_records import Observation
from striate.core.observed_run import observation_of
from striate.core.records import Notice
from striate.core.run_folder import RunFolder
from striate.diagnosis.judge import diagnose
from striate.diagnosis.with_audit import with_audit
from striate.training.run_audit import BEST, audit_of
from striate.training.run_files import read_data, read_notices, read_observation, read_run, read_settings

__all__ = ["judge", "judge_or_say", "keep_judgement", "observe"]

ACROSS = frozenset({"duplicate-across-splits"})
"""The notices that say something of a run, not only of a file."""


def observe(folder: RunFolder) -> Observation:
    """What is known of the run: its records, and what was watched while it trained. Raises RunDamaged, NewerVersion."""
    return observation_of(
        read_run(folder),
        read_data(folder),
        read_settings(folder),
        notices=_notices(folder),
        watched=read_observation(folder),
    )


def judge(folder: RunFolder, seen: Observation) -> Diagnosis:
    """What is wrong with the run that was seen, with what an audit of its best weights found."""
    best = folder / BEST
    audit = audit_of(folder, best, seen.setting.class_names) if best.exists() else None
    return with_audit(diagnose(seen), audit.findings if audit is not None else ())


def keep_judgement(folder: RunFolder, seen: Observation) -> Diagnosis:
    """Judge, and write observation.json and diagnosis.json. Raises CannotWrite, DiskFull."""
    found = judge(folder, seen)
    folder.write_text("observation.json", seen.to_json(indent=None) + "\n")
    folder.write_text("diagnosis.json", found.to_json() + "\n")
    return found


def judge_or_say(folder: RunFolder, seen: Callable[[], Observation], say: Callable[[str], None]) -> None:
    """Judge and keep; where a rule breaks, say so: what was trained must not be lost for it. Raises CannotWrite, DiskFull."""
    try:
        keep_judgement(folder, seen())
    except StriateError:
        raise
    except Exception as error:  # noqa: BLE001 - of the many rules any may be wrong in any way
        said = f"{type(error).__name__}: {error}"
        say(f"Judging the run failed ({said}). All else is saved; please report it.")


def _notices(folder: RunFolder) -> tuple[Notice, ...] | None:
    """None where the table is not there or damaged: then nothing is said about equal files."""
    try:
        return read_notices(folder, ACROSS)
    except (OSError, ValueError, csv.Error):
        return None
