"""What the verbs that look at a network share: where results go, and what was looked at.

Knows nothing about what is measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from striate.core.atomic import write_atomic, writing
from striate.core.network_findings import LookedAt
from striate.core.records import Record
from striate.core.run_place import RunInData
from striate.verbs.subject import Subject

__all__ = ["Looked", "folder_for", "looked_at", "place_for", "write_finding"]

F = TypeVar("F", bound=Record)


@dataclass(frozen=True)
class Looked(Generic[F]):
    """What was found, and the files that show it."""

    finding: F
    files: tuple[Path, ...]
    """The figure as PNG and SVG, and the finding as JSON."""


def looked_at(subject: Subject, images: str) -> LookedAt:
    """The subject as a record."""
    return LookedAt(
        network=subject.name,
        weights=subject.source,
        input_size=subject.input_size,
        images=images,
        normalisation=subject.statistics,
    )


def place_for(subject: Subject, verb: str, out: str | Path | None) -> Path:
    """The folder for results, made: `out`, or ``runs/VERB/NETWORK``, for a run ``runs/VERB/RUN``.

    Files of the same name are replaced. Raises CannotWrite.
    """
    return folder_for(subject.name if subject.run is None else subject.run.path.resolve().name, verb, out)


def folder_for(name: str, verb: str, out: str | Path | None, data: str = "") -> Path:
    """`out`, or ``runs/VERB/NAME``, made. `data`: a folder that it must not lie in. Raises CannotWrite, RunInData."""
    folder = Path("runs") / verb / plain_name(name) if out is None else Path(out)
    place = folder.resolve()
    if data and Path(data).is_dir() and Path(data).resolve() in (place, *place.parents):
        raise RunInData(
            "the results would be kept in the data",
            where=folder,
            got=f"data in {data}",
            expected="a folder apart from the data, which would find the pictures there",
            next_step="keep them elsewhere with --out DIR",
        )
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def plain_name(name: str) -> str:
    """Safe as the name of a file: ``timm/resnet50`` -> ``timm-resnet50``."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "network"


def write_finding(finding: Record, folder: Path, name: str) -> Path:
    """Write ``name.json``."""
    path = folder / f"{name}.json"
    write_atomic(path, finding.to_json() + "\n")
    return path
