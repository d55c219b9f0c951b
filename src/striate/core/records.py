"""Frozen records: what measuring writes down, what judging and drawing read back.

A record is plain data with a strict JSON form: unknown keys are refused, non-finite numbers are written as
the strings "NaN", "Infinity", "-Infinity", and ``from_json(to_json(r)) == r`` (NaN apart, which equals
nothing). Shares are fractions in [0, 1], times are seconds, learning rates are as handed to the optimiser.
Knows nothing about torch, files or how any number was obtained.
"""

from __future__ import annotations

import json
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = [
    "SCHEMA_VERSION",
    "ClassScore",
    "DataRecord",
    "EpochRecord",
    "Interval",
    "Notice",
    "Record",
    "RunRecord",
    "Score",
]

SCHEMA_VERSION = 2
"""Raised when a record changes so that an older striate could not read it. 2: what was judged is in diagnosis.json, no longer in run.json."""


class Record(BaseModel):
    """Base: frozen, strict about keys, exact JSON round trip."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def to_json(self, indent: int | None = 2) -> str:
        """Strict JSON; floats keep every bit (shortest round-trip form)."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The record that `to_json` wrote; raises pydantic's ValidationError on anything else."""
        return cls.model_validate_json(text)

    def to_dict(self) -> dict[str, Any]:
        """Plain values of strict JSON; what is not finite is text here too, which `model_dump` alone leaves as it is."""
        values: dict[str, Any] = json.loads(self.to_json(indent=None))
        return values


class Interval(Record):
    """A two-sided interval for a share."""

    low: float
    high: float
    level: float = 0.95
    method: str = "wilson"


class ClassScore(Record):
    """One class of a scored split. Precision and recall are NaN where their denominator is zero."""

    name: str
    n: int
    predicted: int
    correct: int
    precision: float
    recall: float
    f1: float
    recall_interval: Interval


class Score(Record):
    """How a network did on one split."""

    split: str
    n: int
    correct: int
    accuracy: float
    interval: Interval
    balanced_accuracy: float
    loss: float
    top5: float
    """Share with the true class among the five most probable; 1.0 by definition for five classes or fewer."""
    ece: float
    """Expected calibration error: mean |confidence - accuracy| over 15 equal-width bins, weighted by count."""
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    """confusion[true][predicted], counts."""


class EpochRecord(Record):
    """One epoch as measured. `train_*` as trained (augmented, dropout on), `clean_*` on un-augmented images."""

    epoch: int
    """1 for the first."""
    steps: int
    """Optimiser steps in this epoch."""
    seconds: float
    train_loss: float
    train_accuracy: float
    clean_loss: float
    clean_accuracy: float
    clean_n: int
    """Training images in the clean figure: a fixed stratified subset."""
    val_loss: float
    val_accuracy: float
    val_balanced_accuracy: float
    val_top5: float
    val_ece: float
    val_n: int
    lr: float
    """At the last step of the epoch."""
    grad_norm: float
    """Mean global L2 norm of the gradient over the sampled steps, before clipping."""
    grad_norm_max: float
    images_per_second: float
    """Training images over the time of the training part of the epoch."""
    data_wait: float
    """Share of the training part's time spent waiting for a batch."""
    val_recall: tuple[float, ...] = ()
    """Recall of each class on val, in the order of the classes; NaN for a class that val lacks."""


class Notice(Record):
    """Something a person should know about their files; `action` says what was done about it."""

    kind: str
    """A slug such as ``truncated``, ``zero-bytes``, ``exif-rotated``, ``duplicate-across-splits``."""
    path: str
    """Relative to the data root; empty when the notice is about the set as a whole."""
    detail: str
    action: Literal["skipped", "used", "ignored", "told"]
    """skipped: was meant to be a sample, is not; ignored: never was one; used: is a sample all the same."""
    label: str = ""
    split: str = ""


class DataRecord(Record):
    """What a run was trained on."""

    name: str
    source: str
    """The path or name as given."""
    kind: Literal["folder", "archive", "csv", "named", "arrays"]
    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]
    """For each split, samples per class in the order of `classes`."""
    skipped: tuple[int, ...]
    """Unreadable files per class."""
    fingerprint: str
    """SHA-256 over content, labels and preprocessing of all samples: equal sets have equal prints."""
    split_origin: str
    """In words: where train, val and test come from."""
    img_size: tuple[int, int]
    """Height, width in pixels after preprocessing."""
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """Per channel on the training split, of pixel values scaled to [0, 1]."""
    preprocess: dict[str, Any]
    notices: dict[str, int]
    """Count of notices by kind; the notices themselves are in scan.csv."""


class RunRecord(Record):
    """A run as a whole, rewritten after every epoch."""

    schema_version: int = SCHEMA_VERSION
    striate_version: str
    status: Literal["running", "interrupted", "failed", "finished"]
    failure: str = ""
    command: str
    """What to type to do this again."""
    started: str
    """ISO 8601, UTC."""
    seconds: float
    """Wall time over all sittings."""
    sittings: int
    """1, plus one for each resume."""
    model: str
    parameters: int
    device: str
    precision: str
    memory_format: str
    device_reason: str
    epochs_planned: int
    stopped_early: bool = False
    history: tuple[EpochRecord, ...]
    best_epoch: int
    """0 until an epoch has ended."""
    best_rule: str
    val: Score | None = None
    test: Score | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_reading(cls, values: Any) -> Any:
        """A run of version 1 held a reading of its curves, which is judged anew: it is passed over, all else is read."""
        if isinstance(values, dict) and values.get("schema_version") == 1:
            return {name: value for name, value in values.items() if name != "reading"}
        return values
