"""Frozen records of what was seen of the images and labels that a loop was given.

Facts only: moments, counts, equal images, order, and who disagrees with whom. Samples are named by what the source calls them (a path, or
``train[17]``: position 17 of the first pass). Knows nothing about torch or about which fact is a fault.
"""

from __future__ import annotations

from typing import Literal

from striate.core.records import Record

__all__ = [
    "AgreementSeen",
    "DataSeen",
    "FlipSeen",
    "OrderSeen",
    "OverlapSeen",
    "RepeatSeen",
    "SplitSeen",
    "Suspect",
]


class SplitSeen(Record):
    """The images of one split, as the network got them."""

    split: Literal["train", "val"]
    n: int
    """Images of one pass."""
    expected: int = 0
    """Images that one pass should have: those of the sampler where the loader has one, else of its data set; 0 where it has no length."""
    shape: tuple[int, ...]
    """(C, H, W) of the first batch."""
    dtype: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: float
    high: float
    counts: tuple[int, ...]
    """Images by class."""
    constant: int = 0
    """Images of one single value, out of `hashed`."""
    non_finite: int = 0
    hashed: int = 0
    """Images that were looked at one by one."""
    repeated: int = 0
    """Of those, images equal to one before in the same pass."""
    contrast: float = 0.0
    """Mean over images of the standard deviation within an image, over `std`: blur and fog lower it."""
    sharpness: float = 0.0
    """Mean |difference of neighbouring pixels| over the standard deviation within an image."""
    thumbnail: tuple[float, ...] = ()
    """Mean image, 8x8, channels first, flattened."""


class OrderSeen(Record):
    """In which order training images come."""

    entropy: float
    """Mean over batches of the entropy of their labels, nats."""
    null_entropy: float
    null_low: float
    """The same for shuffled labels: mean and 1 % quantile."""
    passes: int
    same_order: bool | None
    """Whether two passes came in the same order; None when that could not be told."""
    batches: int = 0


class OverlapSeen(Record):
    """Images of val that are also in train."""

    checked: int
    """Val images that were looked for."""
    exact: int
    near: int
    """Nearly equal: much closer to one training image than different training images are to each other; the exact ones not counted."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Up to 50 (train, val)."""
    accuracy_on: float | None = None
    accuracy_off: float | None = None
    """Val accuracy on the images that are in train, and on the rest."""


class Suspect(Record):
    """A training image whose label others contradict."""

    sample: str
    given: int
    suggested: int
    score: float
    """Share of the suggested class, by a classifier that was fitted without this image."""


class AgreementSeen(Record):
    """Whether labels follow from images, by judges that do not depend on the run having gone well.

    `confident` looks at predictions on images the network had not learnt yet: among those it was surest of (the top quarter of each
    predicted class), how many does the label contradict?
    """

    neighbours: int = 0
    """Images whose label was compared with that of their nearest training neighbours (k = 5, thumbnails)."""
    neighbours_right: int = 0
    chance: float = 0.0
    """What the commonest class of train gets on those images."""
    confident: int = 0
    confident_wrong: int = 0
    val_confident: int = 0
    val_confident_wrong: int = 0
    epoch: float = 0.0
    """When the confident predictions were made."""
    suspects: tuple[Suspect, ...] = ()
    """Up to 40, the surest first."""
    folds: int = 0
    """Training images judged by a classifier fitted without them: each is a fold of its own."""
    folds_noise: float | None = None
    """Share of training labels that classifiers fitted without them contradict with confidence (confident learning)."""
    folds_low: float | None = None
    """Lower 95 % limit; 0 where images are too hard for the estimate to mean noise."""
    folds_accuracy: float | None = None
    """Out-of-fold accuracy of those classifiers on training labels."""


class FlipSeen(Record):
    """One mirror or turn: whether training uses it, and what becomes of classes under it."""

    transform: Literal["flip", "vflip", "rot90", "rot180", "rot270"]
    used: float | None
    """Share of training images that come in this form in another pass; None when that could not be told."""
    flows: tuple[tuple[int, int, int, int], ...] = ()
    """(from, to, images of `from`, how many of them a judge fitted without the transform calls `to` after and not before it)."""


class RepeatSeen(Record):
    """Whether the same images come again in another pass."""

    split: Literal["train", "val"]
    passes: int
    images: int
    """Compared between two passes."""
    same: int
    """Found again bit by bit."""
    within_batch: int = 0
    """Images of one batch, from different samples, that carry the same random parameters; 0 where that could not be told."""


class DataSeen(Record):
    """What was seen of images and labels."""

    train: SplitSeen | None = None
    val: SplitSeen | None = None
    order: OrderSeen | None = None
    overlap: OverlapSeen | None = None
    agreement: AgreementSeen | None = None
    flips: tuple[FlipSeen, ...] = ()
    repeats: tuple[RepeatSeen, ...] = ()
    train_confusion: tuple[tuple[int, ...], ...] = ()
    """confusion[true][predicted] of the last pass, as trained."""
    val_confusion: tuple[tuple[int, ...], ...] = ()
    """Of the last evaluation."""
    best_val_confusion: tuple[tuple[int, ...], ...] = ()
    domain_auc: float | None = None
    """How well thumbnails tell train from val, cross-validated: 0.5 is not at all."""
    domain_low: float | None = None
    domain_n: int = 0
    sizes: Literal["equal", "different", "unknown"] = "unknown"
    """Whether train and val images have one size."""
