"""A run as an object: its records, its weights, and what can be asked of it.

Knows nothing about how it was trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.core.diagnosis_records import Diagnosis
from striate.core.records import DataRecord, EpochRecord, RunRecord, Score
from striate.core.run_folder import RunFolder
from striate.training.recipe import Recipe
from striate.training.run_files import read_data, read_diagnosis, read_recipe, read_run

if TYPE_CHECKING:
    from torch import nn

    from striate.verbs.predict import Prediction

__all__ = ["Run"]


class Run:
    """A run folder, opened.

    >>> run = striate.train("digits", epochs=3)                                  # doctest: +SKIP
    >>> run.history[-1].val_accuracy, run.predict(["three.png"])[0].label        # doctest: +SKIP
    (0.97, '3')
    """

    def __init__(
        self, path: str | Path, *, model: nn.Module | None = None, interrupted_by: int | None = None
    ) -> None:
        """Open the run at `path` (the folder, or a file in it). Raises NoSuchRun.

        `model` is the network itself, for a run whose network was a Python object.
        """
        self.folder = RunFolder.open(path)
        self.model = model
        self.interrupted_by = interrupted_by
        """The number of the signal that ended the last sitting, if one did."""

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def record(self) -> RunRecord:
        """run.json as it is now."""
        return read_run(self.folder)

    @property
    def data(self) -> DataRecord:
        """What it was trained on."""
        return read_data(self.folder)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found to be wrong with it when it ended; None before that. `striate.diagnose` judges again."""
        return read_diagnosis(self.folder)

    @property
    def recipe(self) -> Recipe:
        """Every setting, resolved."""
        return read_recipe(self.folder)

    @property
    def history(self) -> tuple[EpochRecord, ...]:
        """One record per epoch."""
        return self.record.history

    @property
    def best_weights(self) -> Path:
        """weights/best.safetensors: tensors, classes and preprocessing in one file."""
        return self.folder / "weights/best.safetensors"

    def predict(self, images: Any, **options: Any) -> list[Prediction]:
        """See `striate.predict`."""
        from striate.verbs.predict import predict

        return predict(self, images, **options)

    def val(self, data: Any = None, **options: Any) -> Score:
        """See `striate.val`."""
        from striate.verbs.val import val

        return val(self, data, **options)

    def report(self) -> Path:
        """Write the report again from the records; its path. See `striate.verbs.report`."""
        from striate.verbs.report import report

        return report(self)
