"""A run's own files read back, one function a file: args.yaml, run.json, data.json.

The version is read before anything else, so that what a newer striate wrote is said to be that, whatever is new in it;
what cannot be read is RunDamaged, with what still can be done. Knows nothing about weights or checkpoints.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import yaml

from striate.core.errors import RecipeError
from striate.core.records import SCHEMA_VERSION, DataRecord, RunRecord
from striate.core.run_folder import RunFolder
from striate.training.errors import NewerVersion, RunDamaged
from striate.training.recipe import Recipe

__all__ = ["read_data", "read_recipe", "read_run"]

_Read = TypeVar("_Read")


def read_recipe(folder: RunFolder) -> Recipe:
    """The recipe in args.yaml. Raises NewerVersion, RunDamaged, and what a changed setting in it is refused with."""
    _refuse_newer(folder)
    values = _parsed(
        folder,
        "args.yaml",
        _mapping,
        "put it back from a copy; the command that began the run is in run.json",
    )
    try:
        return Recipe.make(values)
    except RecipeError as error:
        error.where = error.where or str(folder / "args.yaml")
        raise


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
