"""A run's own files read back, one function a file.

The version is read before anything else, so that what a newer striate wrote is said to be that, whatever is new in it;
what cannot be read is RunDamaged, with what still can be done. Knows nothing about weights or checkpoints.
"""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Callable, Container
from typing import Any, TypeVar

import yaml

from striate.core.diagnosis_records import Diagnosis
from striate.core.errors import RecipeError
from striate.core.observation_records import OBSERVATION_VERSION, Observation
from striate.core.records import SCHEMA_VERSION, DataRecord, Notice, RunRecord
from striate.core.run_folder import RunFolder
from striate.training.errors import NewerVersion, RunDamaged
from striate.training.recipe import Recipe

__all__ = [
    "read_data",
    "read_diagnosis",
    "read_notices",
    "read_observation",
    "read_recipe",
    "read_run",
    "read_settings",
]

_Read = TypeVar("_Read")


def read_recipe(folder: RunFolder) -> Recipe:
    """The recipe in args.yaml. Raises NewerVersion, RunDamaged, and what a changed setting in it is refused with."""
    _refuse_newer(folder)
    values = read_settings(folder)
    try:
        return Recipe.make(values)
    except RecipeError as error:
        error.where = error.where or str(folder / "args.yaml")
        raise


def read_settings(folder: RunFolder) -> dict[str, Any]:
    """args.yaml as plain values, whatever settings this striate knows. Raises RunDamaged when it is no mapping."""
    return _parsed(
        folder,
        "args.yaml",
        _mapping,
        "put it back from a copy; the command that began the run is in run.json",
    )


def read_run(folder: RunFolder) -> RunRecord:
    """The record in run.json. Raises NewerVersion, or RunDamaged when it is not one."""
    _refuse_newer(folder)
    cure = f"`striate resume {shlex.quote(str(folder.path))}` writes it again from the newest checkpoint"
    return _parsed(folder, "run.json", RunRecord.from_json, cure)


def read_data(folder: RunFolder) -> DataRecord:
    """What data.json says of the data. Raises NewerVersion, or RunDamaged when it is not a record."""
    _refuse_newer(folder)
    cure = "put it back from a copy; `striate predict` does without it"
    return _parsed(folder, "data.json", DataRecord.from_json, cure)


def read_notices(folder: RunFolder, kinds: Container[str] | None = None) -> tuple[Notice, ...]:
    """What scan.csv says of files, or only the notices of some kinds. Raises OSError, ValueError and csv.Error."""
    with (folder / "scan.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(Notice.model_validate(row) for row in rows if kinds is None or row.get("kind") in kinds)


def read_observation(folder: RunFolder) -> Observation | None:
    """What was kept of the watching; None where there is nothing, or nothing that this striate can read.

    The records stand for it then: an observation of another version is as good as none.
    """
    try:
        seen = Observation.from_json((folder / "observation.json").read_bytes())
    except (OSError, ValueError):
        return None
    return seen if seen.version <= OBSERVATION_VERSION else None


def read_diagnosis(folder: RunFolder) -> Diagnosis | None:
    """What diagnosis.json says; None where it is not there or cannot be read, for judging again writes it."""
    try:
        return Diagnosis.from_json((folder / "diagnosis.json").read_bytes())
    except (OSError, ValueError):
        return None


def _parsed(folder: RunFolder, name: str, parse: Callable[[str], _Read], cure: str) -> _Read:
    path = folder / name
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunDamaged(
            "this run has not begun to train",
            where=folder.path,
            got=f"no {name}",
            next_step=f"striate resume {shlex.quote(str(folder.path))}",
        ) from error
    # pydantic's ValidationError and a UnicodeDecodeError are ValueErrors, too.
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RunDamaged(
            f"{name} cannot be read", where=path, got=str(error).splitlines()[0], next_step=cure
        ) from error


def _mapping(text: str) -> dict[str, Any]:
    values = yaml.safe_load(text)
    if not isinstance(values, dict):
        raise ValueError(f"a mapping of settings is expected, not {type(values).__name__}")
    return {str(name): value for name, value in values.items()}


def _refuse_newer(folder: RunFolder) -> None:
    """Raise NewerVersion where run.json bears a later version; one that cannot be read has none."""
    try:
        values = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    version = values.get("schema_version") if isinstance(values, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise NewerVersion(
            "this run was written by a newer striate",
            where=folder.path,
            got=f"schema version {version}",
            expected=f"{SCHEMA_VERSION} or older",
            next_step="upgrade striate: pip install -U striate",
        )
