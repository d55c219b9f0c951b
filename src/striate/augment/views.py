"""Views of an image at test time: what is done to pixels, what that makes of a class.

A view does the same to every image of a batch: a shift, then a mirror image or a turn. Knows nothing about networks, nor about
which views keep a label.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.errors import LabelMapUnusable, UnknownView
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.fusing import apply_fused
from striate.augment.label_map import LabelMap
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.transform import Draw, ImageTransform, Shape
from striate.augment.turns import Rot90, Rot180
from striate.core.errors import nearest

__all__ = ["WORDS", "View", "described", "view_words", "views_of"]

WORDS: dict[str, type[ImageTransform]] = {
    "flip": HorizontalFlip,
    "vflip": VerticalFlip,
    "rot180": Rot180,
    "rot90": Rot90,
    "shift": PaddedCrop,
}
"""What can be asked for, in the order in which it is written, and the transform that does it."""
SYNONYMS = {"hflip": "flip", "fliplr": "flip", "altflip": "flip", "flipud": "vflip"}
SUGGESTIONS = {
    "crop": "shift",
    "translate": "shift",
    "resizedcrop": "shift",
    "rot": "rot90",
    "rot270": "rot90",
}
SMALL, SHARE = 64, 32
"""An image of up to 64 pixels is shifted by one, which is what Jordan (2024) does at 32; a larger one by a 32nd of its shorter
side, which is the same way at every size."""

Mover = type[PaddedCrop] | type[Translate]
"""Either shift; they differ in what enters at the border."""

Steps = tuple[tuple[ImageTransform, Mapping[str, int]], ...]
"""Transforms in order, each with what it would otherwise draw."""


@dataclass(frozen=True)
class View:
    """One way to look at an image."""

    steps: Steps
    """Empty: the image as it is."""
    becomes: tuple[int, ...]
    """(K,): an image of class c, seen this way, is one of class ``becomes[c]``."""
    weight: float
    """Its share of the answer."""

    def apply(self, batch: torch.Tensor) -> torch.Tensor:
        """The images (N, C, H, W) seen this way, pixels copied and none computed; the very same tensor where nothing is done."""
        return apply_fused(batch, ((t, _same(amounts, len(batch))) for t, amounts in self.steps))

    def undo(self, answers: NDArray[np.floating]) -> NDArray[np.floating]:
        """Answers about the view as answers about the image: out[n, c] = answers[n, becomes[c]], shape (N, K)."""
        return answers[:, list(self.becomes)]


def view_words(text: str) -> tuple[str, ...]:
    """The words of a text such as ``flip+shift``, each once, in the order of `WORDS`. Raises UnknownView.

    >>> view_words("shift+hflip")
    ('flip', 'shift')
    """
    asked = [term.strip().lower() for term in text.split("+")]
    for word in asked:
        if SYNONYMS.get(word, word) not in WORDS:
            plain = word.split("@")[0]
            stem = plain.rstrip("0123456789.")
            close = [SUGGESTIONS[name] for name in (plain, stem) if name in SUGGESTIONS][:1]
            close = close or nearest(plain, WORDS) or nearest(stem, WORDS)
            raise UnknownView(
                "no such view",
                got=word or "nothing between two +",
                expected=", ".join(WORDS) + "; several joined by +",
                next_step=f"did you mean {' or '.join(close)}?" if close else None,
            )
    return tuple(word for word in WORDS if word in {SYNONYMS.get(term, term) for term in asked})


def views_of(
    words: Sequence[str],
    shape: Shape,
    labels: LabelMap,
    farthest: float = math.inf,
    mover: Mover = PaddedCrop,
) -> tuple[View, ...]:
    """The views that `words` ask for, of images of `shape` (C, H, W); their weights w sum to 1.

    The image as it is, and every mirror image and turn that can be made of those asked for (flip+vflip has half a turn, flip+rot90
    all eight), each once and all of equal weight. With ``shift`` each of them is made of three images: the image itself, which weighs
    a half, and two that weigh a quarter each, moved by d pixels both up and left and both down and right; what enters at the border is
    what `mover` brings in, mirrored pixels or zeros:

        p(c) = sum over v of w_v softmax(f(v(x)))[becomes_v(c)],    d = 1 where min(H, W) <= 64, else min(H, W) // 32

    but d is at most `farthest`. So ``flip+shift`` are the six views of Jordan 2024, "94% on CIFAR-10 in 3.29 seconds" (section 3.5 and
    the code with it), who averages logits, not probabilities. labels: what a transform makes of a class, by its
    name; a class that it spares is not looked at here. Raises TransformDoesNotFit, and LabelMapUnusable where two ways to the same view
    make different classes of it.
    """
    turns = _turns([word for word in words if word != "shift"], shape, labels)
    return tuple(
        View((*shift, *turn), becomes, weight / len(turns))
        for shift, weight in (_shifts(shape, farthest, mover) if "shift" in words else [((), 1.0)])
        for turn, becomes in turns
    )


def described(text: str) -> str:
    """What was asked for, in words: ``flip+shift (6 views)``. Raises UnknownView."""
    words = view_words(text)
    return f"{'+'.join(words)} ({len(views_of(words, (1, 3, 3), LabelMap()))} views)"


def _shifts(shape: Shape, farthest: float, mover: Mover) -> Iterator[tuple[Steps, float]]:
    side = min(shape[1:])
    d = int(min(1 if side <= SMALL else side // SHARE, farthest))
    shift = mover.of(d).fit(shape)
    yield (), 0.5
    for way in (-d, d):
        yield ((shift, {"di": way, "dj": way}),), 0.25


def _turns(words: Sequence[str], shape: Shape, labels: LabelMap) -> list[tuple[Steps, tuple[int, ...]]]:
    """Every combination, each picture once, with what it makes of the classes."""
    # No two mirror images or turns of these nine pixels are alike.
    nine = torch.arange(9).view(1, 1, 3, 3)
    found: dict[tuple[int, ...], tuple[Steps, tuple[int, ...]]] = {}
    for ways in product(*(_ways(word, shape) for word in words)):
        steps = tuple(chain.from_iterable(ways))
        becomes = _becomes(steps, labels)
        picture = tuple(View(steps, becomes, 1.0).apply(nine).flatten().tolist())
        first, meant = found.setdefault(picture, (steps, becomes))
        if meant != becomes:
            raise LabelMapUnusable(
                "two ways to the same view make different classes of it",
                got=f"{_names(first)} and {_names(steps)}, with the label map {labels.text}",
                next_step=f"ask for one of them: {_names(first)} or {_names(steps)}",
            )
    return list(found.values())


def _ways(word: str, shape: Shape) -> list[Steps]:
    """Not at all, or each way to do it."""
    transform = WORDS[word].of().fit(shape)
    amounts: list[dict[str, int]] = [{"k": k} for k in (1, 2, 3)] if isinstance(transform, Rot90) else [{}]
    return [(), *(((transform, amount),) for amount in amounts)]


def _becomes(steps: Steps, labels: LabelMap) -> tuple[int, ...]:
    after = np.arange(len(labels.classes))
    for transform, amounts in steps:
        after = labels.rule(transform.name).after(after, transform.turns(_same(amounts, len(after))))
    return tuple(int(c) for c in after)


def _same(amounts: Mapping[str, int], n: int) -> Draw:
    """The draw in which the same happens to each of `n` images."""
    return {
        "on": np.ones(n, dtype=bool),
        **{name: np.full(n, amount, dtype=np.int64) for name, amount in amounts.items()},
    }


def _names(steps: Steps) -> str:
    return "+".join(transform.name for transform, _ in steps) or "none"
