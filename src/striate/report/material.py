"""Everything a report is made of, read from a run folder; what is absent is named.

Only run.json and data.json must be there: an interrupted run has no scores, a young one no images. Knows nothing
about drawing or wording.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ValidationError

from striate.core.diagnosis_records import Diagnosis
from striate.core.layer_records import LayerFact
from striate.core.observation_records import Observation
from striate.core.records import DataRecord, Notice, RunRecord
from striate.core.run_folder import RunFolder
from striate.training.run_files import read_data, read_diagnosis, read_notices, read_observation, read_run

__all__ = ["FirstFilters", "Material", "Picture", "PictureStrip", "gather_material"]

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Picture:
    """One image of the run folder; `predicted` and `confidence` for a mistake."""

    file: Path
    label: str
    path: str = ""
    predicted: str = ""
    confidence: float = 0.0


@dataclass(frozen=True)
class PictureStrip:
    """A few training images in a row, under the transform or policy that `text` names."""

    file: Path
    text: str


@dataclass(frozen=True)
class Pictures:
    """What images/index.json lists."""

    mistakes: tuple[Picture, ...] = ()
    augmented: tuple[Picture, ...] = ()
    strips: tuple[PictureStrip, ...] = ()
    suspects: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class FirstFilters:
    """The weights (O, I, kh, kw) of the first convolution that ran."""

    layer: str
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """What a run folder holds. `missing` says in words what was absent or unreadable."""

    run: RunRecord
    data: DataRecord
    settings: dict[str, Any]
    environment: dict[str, str]
    layers: tuple[LayerFact, ...]
    notices: tuple[Notice, ...]
    mistakes: tuple[Picture, ...]
    augmented: tuple[Picture, ...]
    strips: tuple[PictureStrip, ...]
    suspects: tuple[Picture, ...]
    """Training images whose labels others contradict."""
    diagnosis: Diagnosis | None
    observation: Observation | None
    filters: FirstFilters | None
    missing: tuple[str, ...]


def gather_material(folder: RunFolder) -> Material:
    """Read the folder. Raises RunDamaged or NewerVersion when run.json or data.json cannot be used."""
    missing: list[str] = []
    no_layers: tuple[LayerFact, ...] = ()

    def part(name: str, read: Callable[[Path], _Part], absent: _Part) -> _Part:
        path = folder / name
        try:
            return read(path)
        except FileNotFoundError:
            missing.append(f"{name} is not there")
        except (OSError, ValueError, KeyError, TypeError, ValidationError, csv.Error, yaml.YAMLError):
            missing.append(f"{name} cannot be read")
        return absent

    data = read_data(folder)
    layers = part("layers.json", _layers, no_layers)
    pictures = part("images/index.json", _pictures, Pictures())
    return Material(
        run=read_run(folder),
        data=data,
        settings=part("args.yaml", _settings, {}),
        environment=part("env.json", _environment, {}),
        layers=layers,
        notices=part("scan.csv", lambda _: read_notices(folder), ()),
        mistakes=pictures.mistakes,
        augmented=pictures.augmented,
        strips=pictures.strips,
        suspects=pictures.suspects,
        diagnosis=read_diagnosis(folder),
        observation=read_observation(folder),
        filters=part("weights/best.safetensors", lambda path: _first_filters(path, layers), None),
        missing=tuple(missing),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _settings(path: Path) -> dict[str, Any]:
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError("args.yaml is not a mapping")
    return {str(name): value for name, value in values.items()}


def _environment(path: Path) -> dict[str, str]:
    return {str(name): str(value) for name, value in _json(path).items()}


def _layers(path: Path) -> tuple[LayerFact, ...]:
    return tuple(LayerFact.model_validate(fact) for fact in _json(path))


def _pictures(path: Path) -> Pictures:
    index, root = _json(path), path.parent.parent
    mistakes = _answered(root, index["mistakes"])
    augmented = tuple(
        Picture(file=_inside(root, entry["file"]), label=str(entry["label"])) for entry in index["augmented"]
    )
    # Runs of before there were strips have none.
    strips = tuple(
        PictureStrip(file=_inside(root, entry["file"]), text=str(entry["text"]))
        for entry in index.get("strips", [])
    )
    return Pictures(mistakes, augmented, strips, _answered(root, index.get("suspects", [])))


def _answered(root: Path, entries: Sequence[Mapping[str, Any]]) -> tuple[Picture, ...]:
    """Pictures with a label and another answer."""
    return tuple(
        Picture(
            file=_inside(root, entry["file"]),
            label=str(entry["true"]),
            path=str(entry["path"]),
            predicted=str(entry["predicted"]),
            confidence=float(entry["confidence"]),
        )
        for entry in entries
    )


def _inside(root: Path, name: str) -> Path:
    """A picture's path, which must lie in the run folder: an index from elsewhere cannot pull other files in."""
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{name} lies outside the run folder")
    return path


def _first_filters(path: Path, layers: tuple[LayerFact, ...]) -> FirstFilters | None:
    """The first 4-D weights in the order in which layers ran; None when there are none."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as tensors:
            names = set(tensors.keys())
            for layer in layers:
                key = f"{layer.name}.weight" if layer.name else "weight"
                if key in names and len(tensors.get_slice(key).get_shape()) == 4:
                    return FirstFilters(layer.name, tensors.get_tensor(key).astype(np.float32))
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    return None
