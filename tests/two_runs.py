"""Pairs of runs made up for tests of comparing: who had which image right is said, all else follows.

Knows nothing about training.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from striate.core import metrics
from striate.core.answers import Answers
from striate.core.records import DataRecord, RunRecord
from striate.core.run_folder import RunFolder
from striate.diagnosis.comparing import Arm
from striate.training.recipe import Recipe
from tests.unit.report.fabricate import fabricate, write

__all__ = ["CLASSES", "answers", "arm", "records", "write_run"]

CLASSES = ("ant", "bee", "cat")
Right = Mapping[str, Sequence[bool]]


def answers(right: Right, classes: Sequence[str] = CLASSES, *, prefix: str = "") -> Answers:
    """Image i of a class is right or not as `right` says; a wrong one is taken for the next class."""
    rows = [
        (
            f"{prefix}{name}/{i:03}.png",
            name,
            name if good else classes[(classes.index(name) + 1) % len(classes)],
        )
        for name, marks in right.items()
        for i, good in enumerate(marks)
    ]
    paths, labels, predicted = zip(*rows, strict=True)
    return Answers(paths, labels, predicted)


def records(
    given: Mapping[str, Answers], classes: Sequence[str] = CLASSES, **changes: Any
) -> tuple[RunRecord, DataRecord]:
    """Both records of a finished run that was scored with these answers."""
    run, data = fabricate(classes, epochs=5, name="insects")
    index = {name: i for i, name in enumerate(classes)}
    scores = {}
    for split in ("val", "test"):
        found = given.get(split)
        if found is None:
            scores[split] = None
            continue
        logits = np.eye(len(classes))[[index[name] for name in found.predicted]]
        scores[split] = metrics.score(split, logits, np.array([index[n] for n in found.labels]), classes)
    return run.model_copy(update={**scores, **changes}), data


def arm(name: str, given: Mapping[str, Answers], classes: Sequence[str] = CLASSES, **settings: Any) -> Arm:
    """A run as judging sees it; `settings` are the recipe's, `fingerprint` the data's."""
    run, data = records(given, classes)
    data = data.model_copy(update={k: settings.pop(k) for k in ("fingerprint", "source") if k in settings})
    return Arm(name, f"/runs/{name}", run, data, settings, given)


def write_run(
    path: Path,
    given: Mapping[str, Answers],
    classes: Sequence[str] = CLASSES,
    *,
    status: str = "finished",
    **settings: Any,
) -> RunFolder:
    """The folder of such a run, with args.yaml and predictions.csv."""
    run, data = records(given, classes, status=status)
    folder = write(path, run, data, extras=False)
    recipe = Recipe.make({"data": data.source, "project": str(path.parent), "name": path.name, **settings})
    folder.write_text("args.yaml", yaml.safe_dump(recipe.to_dict(), sort_keys=False))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["path", "split", "label", "predicted", "confidence", "correct", "p_label"])
    for split, found in given.items():
        for image, label, taken in zip(found.paths, found.labels, found.predicted, strict=True):
            table.writerow([image, split, label, taken, "0.900000", int(label == taken), "0.500000"])
    folder.write_text("predictions.csv", text.getvalue())
    return folder
