"""Watches the batches of a loop, and writes down what they tell about images and labels.

Full looks are for the first two passes of each split and a bounded number of images; later passes keep labels and answers. It holds less than 50 MB
of its own, never a tensor that it was given, and draws no number that anyone else would have drawn. Knows nothing about losses, gradients, or what
is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray

from striate.core.data_observation import DataSeen
from striate.observe.answers import width
from striate.observe.data_facts import Watched, data_seen
from striate.observe.looking import as_images
from striate.observe.pass_log import PassLog, Wanted

__all__ = ["ROOM", "DataWatch", "confusion_of"]

ROOM = 4096
"""Training images that are looked at; half as many of val. 16x16 in three colours these are 19 MB."""
_EARLY = 8
"""Passes over train whose answers are kept one by one."""
_WIDEST = 256
"""A confusion of more classes is not written down: K * K numbers three times."""


class DataWatch:
    """Sees every batch after its forward pass.

    >>> watch = DataWatch(classes=2)
    >>> watch.saw("train", torch.zeros(4, 1, 8, 8), torch.tensor([0, 1, 0, 1]), None, step=1)
    >>> watch.pass_ended("train", expected=4)
    >>> watch.seen().train.counts
    (2, 2)
    """

    def __init__(
        self, classes: int = 0, names: Mapping[str, Sequence[str]] | None = None, room: int = ROOM
    ) -> None:
        """`classes`: 0 to read it off. `names`: of the samples of a split in the order of its first pass. `room`: see `ROOM`."""
        self._classes = classes
        self._names = dict(names or {})
        self._room = max(8, room)
        self._passes: dict[str, list[PassLog]] = {"train": [], "val": []}
        self._ended = {"train": 0, "val": 0}
        self._width = 0
        self._best = (-1.0, cast("tuple[tuple[int, ...], ...]", ()))
        self._asked: tuple[object, DataSeen] | None = None

    def saw(
        self, split: str, images: object, targets: object, logits: object, *, step: int, look: bool = True
    ) -> None:
        """One batch of ``train`` or ``val``; any other split is passed over. `step`: optimiser steps done.

        Without `look` only targets and logits are kept, for which there is always time: the places of other images stay right. Images
        (N, C, H, W) or (N, H, W) of any number type, on any device; other tensors count as samples without images.
        Targets and logits as `striate.observe.answers` reads them.
        """
        if (
            split not in self._passes
            or not isinstance(images, torch.Tensor)
            or not images.ndim
            or not len(images)
        ):
            return
        with torch.no_grad():
            outputs = logits if isinstance(logits, torch.Tensor) else None
            self._pass(split, step).saw(as_images(images) if look else None, targets, outputs, len(images))
            self._width = max(self._width, width(logits, len(images)))

    def pass_ended(self, split: str, expected: int = 0) -> None:
        """The loader ran out, or the loop left it; `expected`: samples of its data set, 0 where it has no length."""
        if split not in self._passes:
            return
        passes = self._passes[split]
        # A pass of which no batch was shown is a pass all the same.
        self._ended[split] += 1
        if not passes or passes[-1].ended:
            return
        last = passes[-1]
        last.ended, last.expected = True, expected
        if split == "val":
            self._compare(last)
        if len(passes) == 1 and 2 * last.n < expected and split == "val":
            # A few batches to see whether evaluation runs at all: not the pass that says what val is.
            passes.clear()
        self._thin(split)

    def seen(self) -> DataSeen:
        """All facts so far; at most about three seconds on one thread. The same record until another batch was seen."""
        key = tuple((log.n, log.ended, id(log)) for passes in self._passes.values() for log in passes)
        if self._asked is None or self._asked[0] != key:
            classes = self._count_classes()
            best = self._best[1]
            train, val = self._passes["train"], self._passes["val"]
            watched = Watched(
                train=train,
                val=val,
                classes=classes,
                train_passes=max(self._ended["train"], len(train)),
                names=self._names,
                train_confusion=self._confusion(_newest(train)),
                val_confusion=self._confusion(_newest(val)),
                best_val_confusion=best,
            )
            self._asked = (key, data_seen(watched))
        return self._asked[1]

    def _pass(self, split: str, step: int) -> PassLog:
        passes = self._passes[split]
        if not passes or passes[-1].ended:
            done = self._ended["train"]
            stride = passes[0].stride if split == "train" and passes else 1
            passes.append(PassLog(self._wanted(split, len(passes)), stride=stride, after=done, step=step))
        return passes[-1]

    def _wanted(self, split: Literal["train", "val"] | str, index: int) -> Wanted:
        if index == 0:
            looks = self._room if split == "train" else self._room // 2
            return Wanted(looks=looks, prints=True, ranges=True, sureness=True)
        if index == 1:
            return Wanted(looks=self._room // 4 if split == "train" else 0, prints=True, sureness=True)
        return Wanted(sureness=self._ended["train"] <= _EARLY)

    def _thin(self, split: str) -> None:
        """Keeps the first passes, those of the early epochs, and the last."""
        passes = self._passes[split]
        if split == "train":
            kept = passes[:_EARLY]
        else:
            first = {log.after: i for i, log in reversed(list(enumerate(passes)))}
            kept = [
                log
                for i, log in enumerate(passes)
                if i < 2 or (log.after <= _EARLY and first[log.after] == i)
            ]
        self._passes[split] = kept if passes[-1:] == kept[-1:] else [*kept, *passes[-1:]]

    def _compare(self, log: PassLog) -> None:
        """Keeps the confusion of the evaluation with the most right."""
        labels, answers = log.column("labels"), log.column("answers")
        told = (labels >= 0) & (answers >= 0)
        share = float((labels == answers)[told].mean()) if told.any() else -1.0
        if share > self._best[0]:
            self._best = (share, self._confusion(log))

    def _confusion(self, log: PassLog | None) -> tuple[tuple[int, ...], ...]:
        classes = self._count_classes()
        if log is None or not 0 < classes <= _WIDEST:
            return ()
        return confusion_of(log.column("labels"), log.column("answers"), classes)

    def _count_classes(self) -> int:
        if self._classes or self._width:
            return max(self._classes, self._width)
        columns = [log.column("labels") for passes in self._passes.values() for log in passes]
        return max((int(column.max()) + 1 for column in columns if len(column)), default=0)


def _newest(passes: list[PassLog]) -> PassLog | None:
    """The last pass that ended, else the one that goes on."""
    ended = [log for log in passes if log.ended]
    return (ended or passes or [None])[-1]  # type: ignore[list-item]


def confusion_of(
    labels: NDArray[np.int32], answers: NDArray[np.int32], classes: int
) -> tuple[tuple[int, ...], ...]:
    """confusion[true][predicted]; () where nothing was answered."""
    told = (labels >= 0) & (answers >= 0) & (labels < classes) & (answers < classes)
    if not told.any():
        return ()
    cells = labels[told].astype(np.int64) * classes + answers[told]
    counts = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(row) for row in counts.tolist())
