"""Checkpoints that are whole or absent: safetensors, strict JSON, a hash manifest last.

    checkpoints/epoch-00003-step-0001200/
      state.safetensors     every tensor
      state.json            everything else
      manifest.json         sizes and SHA-256 of the two: written last, so its presence means whole

A checkpoint is written beside its final name, flushed to the disk, then renamed; older ones are removed only after
that. Reading verifies the hashes, and falls back to the older one with a message. Knows nothing about
what the state means.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from striate.core.atomic import fsync_folder, writing
from striate.training.errors import CheckpointDamaged, NewerVersion

__all__ = ["FORMAT", "KEPT", "Checkpoint", "newest", "save", "started"]

FORMAT = 1
"""Raised when a checkpoint changes so that an older striate could not continue from it."""
KEPT = 2
PREFIX = "epoch-"
_FILES = ("state.safetensors", "state.json")
# What reading a truncated, altered or foreign file can raise; NewerVersion is not among them.
_DAMAGE = (OSError, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint."""

    path: Path
    tensors: Mapping[str, torch.Tensor]
    plain: Mapping[str, Any]


def save(
    folder: Path, position: tuple[int, int], tensors: Mapping[str, torch.Tensor], plain: Mapping[str, Any]
) -> Path:
    """Write the checkpoint of `position` (epochs done, steps of the next) into `folder`; keep it and the one before.

    A whole checkpoint of the same position is left as it is: the state is a function of the position.
    Raises DiskFull or CannotWrite and leaves the older checkpoints as they were.
    """
    final = folder / f"{PREFIX}{position[0]:05d}-step-{position[1]:07d}"
    if final.exists():
        try:
            _read(final)
            return final
        except _DAMAGE:
            shutil.rmtree(final)
    payload = {
        "state.safetensors": save_tensors(dict(tensors)),
        "state.json": json.dumps(plain, allow_nan=False).encode(),
    }
    manifest = {"format": FORMAT, "files": {name: _fact(content) for name, content in payload.items()}}
    with writing(final):
        temporary = folder / f".{final.name}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            for name, content in payload.items():
                _write_through(temporary / name, content)
            _write_through(temporary / "manifest.json", json.dumps(manifest, indent=2).encode())
            fsync_folder(temporary)
            os.replace(temporary, final)
            fsync_folder(folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    _remove_older(folder, keep=final)
    return final


def _fact(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove_older(folder: Path, keep: Path) -> None:
    """Keep `keep` and the newest before it; sweep what a kill left half-written."""
    others = [path for path in _all(folder) if path != keep]
    for path in others[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(f".{PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


def _all(folder: Path) -> list[Path]:
    """Checkpoints in `folder`, newest first."""
    return sorted(folder.glob(f"{PREFIX}*"), reverse=True)


def started(folder: Path) -> bool:
    """Whether there is any checkpoint, whole or not: the initial weights are in it, and need not be made again."""
    return bool(_all(folder))


def newest(folder: Path, say: Callable[[str], None]) -> Checkpoint | None:
    """The newest whole checkpoint, or None where there is none at all.

    A damaged one is named through `say` and passed over. Raises CheckpointDamaged when there are some and
    none is whole, NewerVersion when one was written in a later format.
    """
    problems = []
    for path in _all(folder):
        try:
            found = _read(path)
        except _DAMAGE as error:
            problems.append(f"{path.name}: {error}")
            say(f"Checkpoint {path.name} is damaged ({error}); trying the one before it.")
            continue
        return found
    if problems:
        raise CheckpointDamaged(
            "no checkpoint of this run is whole",
            where=folder,
            got="\n".join(problems),
            expected="files that match the SHA-256 in manifest.json",
            next_step="weights/best.safetensors still predicts; to train on from it,\n"
            "start a new run with --weights RUN/weights/best.safetensors",
        )
    return None


def _read(path: Path) -> Checkpoint:
    """Verify sizes and hashes, then parse. Raises OSError, ValueError or KeyError on any damage."""
    if not (path / "manifest.json").is_file():
        raise ValueError("manifest.json is missing")
    manifest = json.loads((path / "manifest.json").read_bytes())
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ValueError("manifest.json is not a manifest")
    if manifest.get("format") != FORMAT:
        _refuse_newer(path, manifest.get("format"))
    contents = {name: _verified(path / name, manifest["files"][name]) for name in _FILES}
    return Checkpoint(path, load_tensors(contents["state.safetensors"]), json.loads(contents["state.json"]))


def _verified(path: Path, fact: Mapping[str, Any]) -> bytes:
    if not path.is_file():
        raise ValueError(f"{path.name} is missing")
    content = path.read_bytes()
    if len(content) != fact["bytes"]:
        raise ValueError(f"{path.name} has {len(content)} bytes, not {fact['bytes']}")
    if hashlib.sha256(content).hexdigest() != fact["sha256"]:
        raise ValueError(f"{path.name} does not have the SHA-256 in its manifest")
    return content


def _refuse_newer(path: Path, found: object) -> None:
    if isinstance(found, int) and found > FORMAT:
        raise NewerVersion(
            "this run was written by a newer striate",
            where=path,
            got=f"checkpoint format {found}",
            expected=f"format {FORMAT} or older",
            next_step="upgrade striate: pip install -U striate",
        )
    raise ValueError(f"unknown checkpoint format {found!r}")
