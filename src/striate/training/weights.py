"""Weights on disk with all that is needed to use them: network, classes, preprocessing.

One safetensors file; the rest is strict JSON in its header, so a file alone predicts. Knows nothing about runs.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_tensors

from striate.core.atomic import write_atomic
from striate.core.records import Record
from striate.training.errors import NewerVersion, WeightsDamaged

__all__ = ["FORMAT", "WeightsHeader", "read_header", "write_weights"]

FORMAT = 1
_KEY = "striate"


class WeightsHeader(Record):
    """What the tensors belong to."""

    format: int = FORMAT
    striate_version: str
    model: str
    """A name of the catalogue; empty for a network given as a Python object."""
    options: dict[str, Any]
    """Arguments of `striate.models.build` beside the name."""
    classes: tuple[str, ...]
    preprocess: dict[str, Any]
    epoch: int
    averaged: bool = False
    """Whether these are the moving average of the weights."""


def write_weights(path: Path, tensors: Mapping[str, torch.Tensor], header: WeightsHeader) -> None:
    """Write atomically; equal weights and header give equal bytes."""
    plain = {name: value.detach().to("cpu", copy=True).contiguous() for name, value in tensors.items()}
    write_atomic(path, save_tensors(plain, metadata={_KEY: header.to_json(indent=None)}), follow=False)


def read_header(path: Path) -> WeightsHeader:
    """The header of a file that `write_weights` wrote. Raises WeightsDamaged or NewerVersion."""
    try:
        with safe_open(path, framework="pt") as file:
            return _header(path, (file.metadata() or {}).get(_KEY))
    except (SafetensorError, OSError) as error:
        raise WeightsDamaged(
            "these weights cannot be read",
            where=path,
            got="no such file" if isinstance(error, FileNotFoundError) else str(error),
            expected="a .safetensors file that striate wrote",
            next_step=f"if the run has not ended: {shlex.join(['striate', 'resume', str(path.parent.parent)])}",
        ) from error


def _header(path: Path, text: str | None) -> WeightsHeader:
    try:
        values = json.loads(text or "")
        _refuse_newer(path, values)
        return WeightsHeader.model_validate(values)
    except ValueError as error:  # of json and of pydantic
        raise WeightsDamaged(
            "this file has no striate header, so its classes and preprocessing are unknown",
            where=path,
            expected="weights/best.safetensors or weights/last.safetensors of a run",
            next_step="to start training from other weights use --weights FILE with --model NAME",
        ) from error


def _refuse_newer(path: Path, values: object) -> None:
    """Raise NewerVersion for a later format, whatever else is new in the header."""
    found = values.get("format") if isinstance(values, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise NewerVersion(
            "these weights were written by a newer striate",
            where=path,
            got=f"format {found}",
            expected=f"format {FORMAT} or older",
            next_step="upgrade striate: pip install -U striate",
        )
