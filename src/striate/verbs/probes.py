"""Who judges a transform: a network that never saw it, and held-out images.

A run judges what it was not trained with. For the rest small networks are trained here: one on images as they are, one on images
that are shifted, turned a little, scaled and sheared, which makes it robust against the slant and place of what it
judges upside down. Knows nothing about verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.audit import Predict, flow_under
from striate.augment.policy import parse
from striate.augment.transform import ImageTransform
from striate.core.augment_records import Probe, TransformFlow
from striate.core.metrics import wilson
from striate.core.progress import Progress, Task
from striate.core.records import EpochRecord
from striate.core.run_place import FolderTaken, RunInData
from striate.core.wording import count
from striate.data.batches import gather
from striate.data.dataset import Dataset
from striate.diagnosis.label_safety import enough
from striate.training.clean_sample import proportional
from striate.training.recipe import Recipe
from striate.training.watchers import SilentWatcher, StepInfo
from striate.verbs.network import TrainedNetwork, load_network
from striate.verbs.train import train_on

__all__ = ["MOVED", "PLAIN", "PROBE_SIDE", "Judge", "judge_of", "spelled", "train_probe"]

PLAIN, MOVED = "none", "{shift}+rotate12+scale0.15+shear10"
"""What the two probes are trained with."""
SHOWN_AS = {PLAIN: "Training on images as they are", MOVED: "Training on moved images"}
PROBE_SIDE = 64
"""Pixels a side that a probe sees at most: an audit asks what changes a label, which is seldom a fine detail."""
TRAINED_ON, ASKED_ABOUT = 20_000, 4_000
"""Images, at most: an interval of +-1.5 points at the worst, and half a minute."""
VISITS, FEWEST_EPOCHS, MOST_EPOCHS = 24_000, 5, 32
"""Images seen in training, in all: enough for 99 % on digits; larger sets get five epochs."""
CHUNK = 500


@dataclass(frozen=True, eq=False)
class Judge:
    """A network, the images it is asked about, and what it said about them."""

    probe: Probe
    dataset: Dataset
    rows: NDArray[np.int64]
    predict: Predict
    before: NDArray[np.int64]

    def flow(self, transform: ImageTransform, seed: int) -> TransformFlow:
        """What it says before and after the transform."""
        labels = self.dataset.labels[self.rows]
        return flow_under(
            transform, self.predict, self.images(), labels, self.before, len(self.dataset.classes), seed
        )

    def images(self) -> Iterator[tuple[NDArray[np.int64], torch.Tensor]]:
        """The held-out images in parts, each with its places."""
        for start in range(0, len(self.rows), CHUNK):
            places = np.arange(start, min(start + CHUNK, len(self.rows)))
            yield places, gather(self.dataset.pixels, self.rows[places], torch.device("cpu"))


def judge_of(network: TrainedNetwork, dataset: Dataset, policy: str, words: str, seed: int) -> Judge:
    """The judge that a trained network makes, on the val and test images of `dataset`."""
    rows = _some(dataset, np.flatnonzero(dataset.codes > 0), ASKED_ABOUT, seed)

    def predict(images: torch.Tensor) -> NDArray[np.int64]:
        pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
        return network.logits(pixels).argmax(axis=1).astype(np.int64)

    parts = [
        predict(gather(dataset.pixels, rows[start : start + CHUNK], torch.device("cpu")))
        for start in range(0, len(rows), CHUNK)
    ]
    before = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    correct = int((before == dataset.labels[rows]).sum())
    accuracy = correct / max(1, len(rows))
    probe = Probe(
        words=words,
        policy=policy,
        accuracy=accuracy,
        interval=wilson(correct, len(rows)),
        n=len(rows),
        enough=enough(accuracy, len(dataset.classes)),
    )
    return Judge(probe, dataset, rows, predict, before)


def spelled(policy: str, dataset: Dataset) -> str:
    """`PLAIN` or `MOVED` for this data: over zeros where signs stand on an empty ground, which mirrored pixels would write on."""
    return policy.format(shift="crop" if dataset.mirror_safe else "translate")


def train_probe(dataset: Dataset, policy: str, folder: Path, seed: int, progress: Progress) -> Judge:
    """Train a small network with `policy` on the training images, as a run in `folder`; the judge it makes.

    Raises FolderTaken and RunInData where no run can be in `folder`, KeyboardInterrupt where a person stopped it.
    """
    rows = _some(dataset, dataset.indices("train"), TRAINED_ON, seed)
    asked = _some(dataset, np.flatnonzero(dataset.codes > 0), ASKED_ABOUT, seed)
    part = dataset.only(np.sort(np.concatenate([rows, asked])))
    text = spelled(policy, dataset)
    shape = (dataset.preprocess.channels, *dataset.preprocess.img_size)
    recipe = Recipe.make(
        {
            "data": dataset.source,
            "model": "classic",
            "augment": parse(text, shape=shape).text if min(shape[1:]) > 1 else "none",
            "epochs": int(np.clip(VISITS // max(1, len(rows)), FEWEST_EPOCHS, MOST_EPOCHS)),
            "project": str(folder.parent),
            "name": folder.name,
            "exist_ok": True,
            "seed": seed,
        }
    )
    label = SHOWN_AS.get(policy, "Learning the transforms")
    with progress.task(label, recipe.epochs * len(rows)) as task:
        try:
            run = train_on(part, recipe, command="striate augment", watcher=_Steps(task))
        except (FolderTaken, RunInData) as error:
            # What they advise are flags of `striate train`.
            error.expected = "a folder for the probes' runs, apart from the data and from files of others"
            error.next_step = "another folder: --out DIR"
            raise
    if run.interrupted_by:
        raise KeyboardInterrupt
    words = f"a small network trained here on {count(len(rows), 'image')}"
    return judge_of(load_network(run), part, run.recipe.augment, words, seed)


class _Steps(SilentWatcher):
    """Shows training as one task that counts images."""

    def __init__(self, task: Task) -> None:
        self._task, self._images = task, 0

    def on_step(self, info: StepInfo) -> None:
        self._task.advance(info.images - self._images)
        self._images = info.images

    def on_epoch(self, record: EpochRecord, best: bool) -> None:
        self._images = 0


def _some(dataset: Dataset, rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """At most `most` of `rows`, the same for the same seed, each class in proportion."""
    return proportional(dataset.labels, rows, most, seed, "audit")
