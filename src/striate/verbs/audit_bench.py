"""What an audit works with: the data, who can judge which transform, where results go.

Networks are trained when they are first needed. Knows nothing about verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from striate.augment.audit import flow_between
from striate.augment.kinship import seen_by
from striate.augment.policy import Policy, parse
from striate.augment.strips import Strip, strips_of
from striate.augment.transform import ImageTransform, Shape
from striate.core.augment_records import Probe, TransformFlow
from striate.core.progress import Progress
from striate.data.batches import gather
from striate.data.dataset import Dataset
from striate.data.prepare import prepare
from striate.verbs.looking import folder_for
from striate.verbs.network import as_run, load_network
from striate.verbs.own_data import own_data
from striate.verbs.probes import MOVED, PLAIN, PROBE_SIDE, Judge, judge_of, spelled, train_probe
from striate.verbs.resume import check_unchanged
from striate.verbs.run import Run

__all__ = ["CALLED", "TYPED", "Bench", "Places"]

TYPED, CALLED = "striate augment PATH --run RUN", "striate.audit(the_same_data, run=run)"
"""How the data of a run is given again."""

HELD_OUT = 0.4
"""Share held out where the data brings no split: an audit needs images to ask about more than it needs training images."""
LEARNT_AT_ONCE = 1.5
"""Transforms that an image sees on average where several are learnt together: with more, few images would be as they are."""
PICTURES = 8


@dataclass(frozen=True)
class Places:
    """Where named sets and decoded pixels lie."""

    data_dir: str | None = None
    cache_dir: str | None = None


class Bench:
    """The data, who can judge which transform, and where the results go."""

    def __init__(
        self,
        data: Any,
        run: str | Path | Run | None,
        seed: int,
        places: Places,
        out: str | Path | None,
        progress: Progress,
    ) -> None:
        self._data, self.seed, self._places, self._progress = data, seed, places, progress
        self._run = None if run is None else as_run(run)
        self._judges: dict[str, Judge] = {}
        self._run_judges = self._run is not None
        if self._run is None:
            self.dataset = self._small()
            self.policy, self.label_map, name = "none", "", self.dataset.name
        else:
            recipe = self._run.recipe
            self.policy, self.label_map, name = (
                recipe.augment,
                recipe.label_map,
                self._run.path.resolve().name,
            )
            self.dataset = own_data(self._run.folder, recipe, data, progress, typed=TYPED, called=CALLED)
            check_unchanged(self._run.folder, self.dataset)
            if self._run.record.status != "finished":
                progress.say("The run has not ended: its best weights so far are asked.")
        self.folder = folder_for(name, "augment", out, self.dataset.source)

    @property
    def shape(self) -> Shape:
        """Of the images that the run saw, or of those that probes see."""
        return (self.dataset.preprocess.channels, *self.dataset.preprocess.img_size)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Of the networks that were asked, in that order."""
        return tuple(judge.probe for judge in self._judges.values())

    def judge(self, name: str) -> Judge:
        """The first that never saw the transform: the run, the probe on moved images, the probe on plain ones."""
        for key, policy in self._candidates():
            if name not in seen_by(parse(spelled(policy, self.dataset))):
                return self._known(key, policy)
        raise AssertionError("a network trained on plain images has seen no transform")

    def set_the_run_aside(self) -> bool:
        """Judge with probes alone: a network whose own training mixed up labels cannot say what changes them.

        False where the run has judged nothing so far.
        """
        asked = self._judges.pop("run", None) is not None
        self._run_judges = False
        return asked

    def learning(self, transforms: Sequence[ImageTransform]) -> Iterator[tuple[TransformFlow, TransformFlow]]:
        """For each: answers of a network trained without it beside those of one trained with all of them, and of that one under it.

        Nothing where the first recognises too little. In training each happens to its own share of the images, or to so few that an image
        sees one or two.
        """
        plain = self._known("probe-plain", PLAIN)
        if not plain.probe.enough or not transforms:
            return
        share = round(LEARNT_AT_ONCE / len(transforms), 3)
        policy = Policy(tuple(replace(t, p=min(t.share, share)) for t in transforms))
        key = f"probe-{transforms[0].name}" if len(transforms) == 1 else "probe-several"
        learnt = self._known(key, policy.text)
        labels = plain.dataset.labels[plain.rows]
        classes = len(self.dataset.classes)
        for transform in transforms:
            clean = flow_between(transform, labels, plain.before, learnt.before, classes, changed=0.0)
            yield clean, learnt.flow(transform, self.seed)

    def _known(self, key: str, policy: str) -> Judge:
        if key not in self._judges:
            self._judges[key] = self._run_judge() if key == "run" else self._trained(key, policy)
        return self._judges[key]

    def _candidates(self) -> Iterator[tuple[str, str]]:
        if self._run_judges:
            yield "run", self.policy
        # One pixel cannot be moved.
        if min(self.shape[1:]) > 1:
            yield "probe-moved", MOVED
        yield "probe-plain", PLAIN

    def _run_judge(self) -> Judge:
        assert self._run is not None
        network = load_network(self._run)
        return judge_of(network, self.dataset, self.policy, f"the run {self._run.path}", self.seed)

    def _trained(self, key: str, policy: str) -> Judge:
        return train_probe(self._small(), policy, self.folder / key, self.seed, self._progress)

    def _small(self) -> Dataset:
        """The data as a probe sees it."""
        if self._run is None:
            return self._prepared(self._data, HELD_OUT)
        return (
            self.dataset
            if max(self.shape[1:]) <= PROBE_SIDE
            else self._prepared(self._data or self._run.recipe.data, self._run.recipe.val_split)
        )

    def _prepared(self, data: Any, val_split: float) -> Dataset:
        return prepare(
            data,
            at_most=PROBE_SIDE,
            val_split=val_split,
            seed=self.seed,
            progress=self._progress,
            data_dir=self._places.data_dir,
            cache_dir=self._places.cache_dir,
        )

    def strips(self, transforms: Sequence[ImageTransform]) -> tuple[Strip, ...]:
        """A few held-out images under each transform, one of each class as far as they go."""
        judge = next(iter(self._judges.values()))
        labels = judge.dataset.labels[judge.rows]
        chosen = np.array([np.flatnonzero(labels == c)[0] for c in np.unique(labels)[:PICTURES]])
        more = np.setdiff1d(np.arange(len(labels)), chosen)[: max(0, PICTURES - len(chosen))]
        rows = judge.rows[np.concatenate([chosen, more])]
        images = gather(judge.dataset.pixels, rows, torch.device("cpu"))
        shape = (images.shape[1], images.shape[2], images.shape[3])
        policy = Policy(tuple(transforms)).fit(shape).bind(judge.dataset.classes)
        return strips_of(policy, images, judge.dataset.labels[rows], seed=self.seed)[: 1 + len(transforms)]
