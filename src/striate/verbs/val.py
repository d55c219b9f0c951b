"""`striate val`: score a run's network again, on its own data or on new labelled images.

Knows nothing about terminals. Nothing is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core import metrics
from striate.core.errors import nearest
from striate.core.progress import SILENT, Progress
from striate.core.records import Score
from striate.data.dataset import Dataset
from striate.data.errors import EmptySplit
from striate.data.prepare import load
from striate.training.errors import InvalidSetting
from striate.verbs.errors import UnknownClass
from striate.verbs.network import TrainedNetwork, as_run, chosen_weights, load_network
from striate.verbs.own_data import own_data as own_data_of
from striate.verbs.resume import check_unchanged
from striate.verbs.run import Run
from striate.verbs.tta import with_views

__all__ = ["val"]

TYPED, CALLED = "striate val RUN --data PATH", "striate.val(run, own_data=the_same_data)"
"""How the data of a run is given again."""


def val(
    run: str | Path | Run,
    data: Any = None,
    *,
    own_data: Any = None,
    split: str | None = None,
    weights: str | None = None,
    tta: str | None = None,
    progress: Progress = SILENT,
) -> Score:
    """How the network of `run` does on `data`, or on its own `val` split when no data is given.

    data: whatever `striate.train` takes. own_data: the run's own data where it is not to be had from its recipe, because it
    has moved or was a Python object. split: train, val or test; for new data the default is its test split, else val,
    else all of it. Classes are matched by name, so the new data may hold fewer of them. weights: best or last; by default best, or the file
    that `run` names. tta: views of each image to average over, such as "flip+shift" (see `striate.augment.views`); of the score the
    accuracy, loss and calibration are then those of the average. Raises UnknownClass, EmptySplit, DataChanged, DataNeeded and what
    `load_network` and `with_views` raise.
    """
    if data is not None and own_data is not None:
        raise InvalidSetting(
            "other data and the run's own data cannot both be scored",
            got="DATA and --data",
            next_step="give one of them: --data where the run's own data has moved",
        )
    opened = as_run(run)
    file = chosen_weights(run, weights)
    network = with_views(load_network(opened, file), opened, file, tta)
    if data is None:
        recipe = opened.recipe
        dataset = own_data_of(opened.folder, recipe, own_data, progress, typed=TYPED, called=CALLED)
        check_unchanged(opened.folder, dataset)
        split = split or "val"
    else:
        recipe = opened.recipe
        dataset = load(
            data,
            network.preprocess,
            cache_dir=recipe.cache_dir,
            data_dir=recipe.data_dir,
            workers=recipe.workers,
            progress=progress,
        )
        split = split or next(s for s in ("test", "val", "train") if len(dataset.indices(s)))
    return _score(network, dataset, split, progress)


def _score(network: TrainedNetwork, dataset: Dataset, split: str, progress: Progress) -> Score:
    rows = dataset.indices(split)
    if len(rows) == 0:
        raise EmptySplit(
            f"there is no image in the {split} split",
            where=dataset.source,
            got=", ".join(f"{s}: {len(dataset.indices(s))}" for s in ("train", "val", "test")),
            next_step="choose another with --split",
        )
    labels = _labels(network, dataset)[rows]
    parts: list[NDArray[np.float32]] = []
    with progress.task("Scoring", len(rows)) as task:
        for start in range(0, len(rows), 1024):
            some = rows[start : start + 1024]
            parts.append(network.logits(np.take(dataset.pixels, some, axis=0)))
            task.advance(len(some))
    return metrics.score(split, np.concatenate(parts), labels, network.classes)


def _labels(network: TrainedNetwork, dataset: Dataset) -> NDArray[np.int64]:
    """The data's labels as the network counts its classes: by name, never by position."""
    index = {name: i for i, name in enumerate(network.classes)}
    unknown = [name for name in dataset.classes if name not in index]
    if unknown:
        close = nearest(unknown[0], network.classes)
        raise UnknownClass(
            "the data has a class that the network was not trained on",
            where=dataset.source,
            got=", ".join(unknown[:5]),
            expected="classes among: " + ", ".join(network.classes[:10]),
            next_step=f"did you mean {close[0]}? The folder's name is the class" if close else None,
        )
    return np.array([index[name] for name in dataset.classes], dtype=np.int64)[dataset.labels]
