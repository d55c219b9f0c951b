"""A policy: transforms in order, written as one short text, and what they do to labels.

Knows nothing about data sets or training.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.catalogue import transforms_from
from striate.augment.errors import LabelsNeeded
from striate.augment.fusing import apply_fused
from striate.augment.given import checked
from striate.augment.label_map import LabelMap, parse_label_map
from striate.augment.mixing import MixingTransform
from striate.augment.targets import Pool, hard_targets, soft_targets
from striate.augment.transform import Draw, ImageTransform, Key, Shape, Transform, chosen

__all__ = ["Policy", "parse"]

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """Transforms of single images, applied in order, then those that mix two. Empty: images stay as they are.

    >>> policy = parse("flip+crop+mixup0.2", shape=(3, 32, 32)).bind(["cat", "dog"])
    >>> policy.text
    'flip+crop4+mixup0.2'
    >>> images, targets = policy(images, labels, seed=0, epoch=3, rows=rows)   # doctest: +SKIP
    """

    transforms: tuple[Transform, ...] = ()
    labels: LabelMap = field(default_factory=LabelMap)

    @property
    def text(self) -> str:
        """What `parse` reads back as these transforms: 'none' for the empty policy."""
        return "+".join(transform.text for transform in self.transforms) or "none"

    @property
    def mixes(self) -> bool:
        """Whether targets are shares of classes (N, K), which a loss has to understand."""
        return any(isinstance(transform, MixingTransform) for transform in self.transforms)

    def fit(self, shape: Shape) -> Policy:
        """This policy for images of `shape`: strengths written out and checked. Raises TransformDoesNotFit."""
        return dataclasses.replace(self, transforms=tuple(t.fit(shape) for t in self.transforms))

    def bind(self, classes: Sequence[str], label_map: str = "") -> Policy:
        """This policy for samples of `classes`, with a label map (see `striate.augment.label_map`).

        Raises LabelMapUnusable and NotAPermutation.
        """
        orders = {transform.name: transform.order for transform in self.transforms}
        return dataclasses.replace(self, labels=parse_label_map(label_map, classes, orders))

    def draw(self, seed: int, epoch: int, rows: NDArray[Any], shape: Shape) -> tuple[Draw, ...]:
        """One draw per transform for the samples `rows` (their numbers in the data set), images of `shape`.

        A transform's stream is its name and which of its name it is, so that adding or leaving out another
        transform changes no draw: two policies can be compared on the same flips. Of several transforms that mix, each
        sample gets one.
        """
        rows = np.asarray(rows)
        drawn = [
            transform.draw(Key(seed, epoch, stream), rows, shape)
            for transform, stream in zip(self.transforms, self._streams(), strict=True)
        ]
        mixing = [i for i, transform in enumerate(self.transforms) if isinstance(transform, MixingTransform)]
        if len(mixing) > 1:
            turn = Key(seed, epoch, "augment/mixing").integers(rows, 0, len(mixing) - 1)[:, 0]
            for place, i in enumerate(mixing):
                drawn[i] = {**drawn[i], "on": drawn[i]["on"] & (turn == place)}
        return tuple(drawn)

    def _streams(self) -> Iterator[str]:
        seen: Counter[str] = Counter()
        for transform in self.transforms:
            yield f"augment/{transform.name}/{seen[transform.name]}"
            seen[transform.name] += 1

    def apply(self, batch: torch.Tensor, draws: Sequence[Draw]) -> torch.Tensor:
        """The batch (N, C, H, W) changed as `draws` say, transforms that mix left out: they need partners.

        Neighbouring moves are one gather, equal to the bit to one by one; neighbouring warps are one sampling, which blurs
        less than one by one, hence differs from it.
        """
        steps = zip(self.transforms, draws, strict=True)
        return apply_fused(batch, ((t, draw) for t, draw in steps if isinstance(t, ImageTransform)))

    def relabel(self, draws: Sequence[Draw], labels: Labels) -> tuple[tuple[Draw, ...], Labels]:
        """The draws with what the label map forbids taken out, and the labels (N,) that the images then have."""
        if not self.labels.rules:
            return tuple(draws), labels
        allowed: list[Draw] = []
        for transform, draw in zip(self.transforms, draws, strict=True):
            rule = self.labels.rule(transform.name)
            draw = {**draw, "on": draw["on"] & rule.may(labels)}
            if rule.swaps:
                labels = rule.after(labels, transform.turns(draw))
            allowed.append(draw)
        return tuple(allowed), labels

    def __call__(
        self,
        images: torch.Tensor,
        labels: Labels,
        *,
        seed: int,
        epoch: int,
        rows: NDArray[Any],
        pool: Pool | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw for the samples `rows` and apply: images (N, C, H, W) and targets, on the device of `images`.

        labels: (N,) class numbers. Targets are (N,) int64, or (N, K) float32 where the policy mixes; partners then come from
        `pool`, or from the batch where there is none. Raises BatchUnusable, TransformDoesNotFit, and LabelsNeeded where a mixing
        policy is not bound to classes.
        """
        labels, rows = checked(images, labels, rows, len(self.labels.classes))
        self.fit(_shape(images))
        draws, after = self.relabel(self.draw(seed, epoch, rows, _shape(images)), labels)
        out = self.apply(images, draws)
        if not self.mixes:
            return out, hard_targets(after, images.device)
        pool = pool or Pool.of_batch(images, labels, rows)
        return self._mixed(out, after, draws, seed, epoch, pool)

    def _mixed(
        self, images: torch.Tensor, labels: Labels, draws: Sequence[Draw], seed: int, epoch: int, pool: Pool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Each sample that draws a partner, mixed with that partner as this epoch shows it."""
        if not self.labels.classes:
            raise LabelsNeeded(
                "this policy mixes labels, and does not know the classes",
                got=self.text,
                next_step="bind it: policy.bind(classes); its targets are (N, K), which the loss has to take",
            )
        shape, partners, own = _shape(images), labels.copy(), np.ones(len(labels))
        for transform, draw in zip(self.transforms, draws, strict=True):
            if not isinstance(transform, MixingTransform):
                continue
            rows = np.flatnonzero(draw["on"])
            other, other_labels = self._partners(
                transform.partners(chosen(draw, rows), len(pool.rows)), seed, epoch, pool, shape
            )
            may = self.labels.rule(transform.name).may(other_labels)
            rows, kept = rows[may], np.flatnonzero(may)
            if len(rows) == 0:
                continue
            mine, where = chosen(draw, rows), torch.from_numpy(rows).to(images.device)
            other = other.index_select(0, torch.from_numpy(kept).to(images.device))
            images = images.clone().index_copy_(
                0, where, transform.mix(images.index_select(0, where), other, mine)
            )
            partners[rows], own[rows] = other_labels[kept], transform.own(mine, shape)
        return images, soft_targets(labels, partners, own, len(self.labels.classes), images.device)

    def _partners(
        self, places: NDArray[np.int64], seed: int, epoch: int, pool: Pool, shape: Shape
    ) -> tuple[torch.Tensor, Labels]:
        """Images and labels of samples of the pool after everything but mixing."""
        rows = pool.rows[places]
        images, labels = pool.fetch(rows)
        # A stream is named by its own transform, so leaving the mixing ones out changes no draw.
        single = tuple(t for t in self.transforms if isinstance(t, ImageTransform))
        alone = dataclasses.replace(self, transforms=single)
        draws, labels = alone.relabel(alone.draw(seed, epoch, rows, shape), labels)
        return alone.apply(images, draws), labels


def _shape(batch: torch.Tensor) -> Shape:
    return batch.shape[1], batch.shape[2], batch.shape[3]


def parse(text: str, *, shape: Shape | None = None) -> Policy:
    """The policy that `text` writes: a preset, or terms joined by '+', each a transform with an optional number and share.

    Transforms that mix two images come last, wherever they are written. With `shape` (C, H, W) strengths are written out
    and checked. Raises UnknownTransform, TransformOutOfRange, TransformDoesNotFit.
    """
    transforms = transforms_from(text)
    policy = Policy(tuple(sorted(transforms, key=lambda t: isinstance(t, MixingTransform))))
    return policy if shape is None else policy.fit(shape)
