"""A policy: transforms in order, written as one short text such as ``flip+crop4``.

Knows the names of all transforms, and nothing about data sets or training.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.errors import UnknownTransform
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.moves import MovingTransform, move
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.transform import Draw, Key, Shape, Transform
from striate.core.errors import nearest

__all__ = ["PRESETS", "TRANSFORMS", "Policy", "parse"]

TRANSFORMS: dict[str, type[Transform]] = {
    kind.name: kind for kind in (HorizontalFlip, VerticalFlip, PaddedCrop, Translate)
}
SYNONYMS = {"hflip": "flip"}
PRESETS = {"none": "", "light": "flip", "default": "flip+crop"}

_TERM = re.compile(r"(?P<name>[a-z_-]+?)(?P<number>\d+(?:\.\d+)?|\.\d+)?")


@dataclass(frozen=True)
class Policy:
    """Transforms, applied in order. Empty: images stay as they are.

    >>> policy = parse("flip+crop", img_size=(32, 32))
    >>> policy.text
    'flip+crop4'
    >>> images = policy(images, seed=0, epoch=3, rows=rows)
    """

    transforms: tuple[Transform, ...] = ()

    @property
    def text(self) -> str:
        """What `parse` reads back as this policy: 'none' for the empty one."""
        return "+".join(transform.text for transform in self.transforms) or "none"

    def fit(self, height: int, width: int) -> Policy:
        """This policy for images of this size: relative strengths in pixels. Raises TransformDoesNotFit."""
        return Policy(tuple(transform.fit(height, width) for transform in self.transforms))

    def draw(self, seed: int, epoch: int, rows: NDArray[Any], shape: Shape) -> tuple[Draw, ...]:
        """One draw per transform for the samples `rows` (their numbers in the data set), images of `shape`.

        A transform's stream is its name and which of its name it is, so that adding or leaving out another
        transform changes no draw: two policies can be compared on the same flips.
        """
        return tuple(
            transform.draw(Key(seed, epoch, stream), np.asarray(rows), shape)
            for transform, stream in zip(self.transforms, self._streams(), strict=True)
        )

    def _streams(self) -> Iterator[str]:
        seen: Counter[str] = Counter()
        for transform in self.transforms:
            yield f"augment/{transform.name}/{seen[transform.name]}"
            seen[transform.name] += 1

    def apply(self, batch: torch.Tensor, draws: Sequence[Draw]) -> torch.Tensor:
        """The batch (N, C, H, W) changed as `draws` say; neighbouring moves are one gather, equal to the bit."""
        shape = (batch.shape[1], batch.shape[2], batch.shape[3])
        steps = zip(self.transforms, draws, strict=True)
        for moving, run in groupby(steps, key=lambda step: isinstance(step[0], MovingTransform)):
            if not moving:
                for transform, draw in run:
                    batch = transform.apply(batch, draw)
                continue
            first, *later = [t.moves(d, shape) for t, d in run if isinstance(t, MovingTransform)]
            for moves in later:
                first = first.then(moves)
            batch = move(batch, first)
        return batch

    def __call__(self, batch: torch.Tensor, *, seed: int, epoch: int, rows: NDArray[Any]) -> torch.Tensor:
        """Draw for the samples `rows` and apply to their images (N, C, H, W)."""
        shape = (batch.shape[1], batch.shape[2], batch.shape[3])
        return self.apply(batch, self.draw(seed, epoch, rows, shape))


def parse(text: str, *, img_size: tuple[int, int] | None = None) -> Policy:
    """The policy that `text` writes: a preset, or terms joined by '+', each a transform with an optional number.

    With `img_size` (height, width in pixels) relative strengths become pixels and are checked. Raises UnknownTransform,
    TransformOutOfRange, TransformDoesNotFit.
    """
    plain = text.strip().lower()
    plain = PRESETS.get(plain, plain)
    terms = [term.strip() for term in plain.split("+")] if plain else []
    policy = Policy(tuple(_term(term, alone=len(terms) == 1) for term in terms))
    return policy if img_size is None else policy.fit(*img_size)


def _term(term: str, *, alone: bool) -> Transform:
    """A preset cannot be part of a policy, so it is only suggested where the term is all there is."""
    match = _TERM.fullmatch(term)
    name = match["name"].replace("-", "_") if match else term
    kind = TRANSFORMS.get(SYNONYMS.get(name, name))
    if match is None or kind is None:
        close = nearest(name, [*TRANSFORMS, *SYNONYMS, *(PRESETS if alone else ())])
        raise UnknownTransform(
            "no such transform",
            got=term or "nothing between two +",
            expected=", ".join(TRANSFORMS)
            + " with an optional number, joined by +; or "
            + ", ".join(PRESETS),
            next_step=f"did you mean {' or '.join(close)}?" if close else None,
        )
    return kind.from_number(float(match["number"]) if match["number"] else None)
