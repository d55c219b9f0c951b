"""What an audit of augmentation measures, and what is judged from it.

Counts are of held-out images; shares are fractions in [0, 1]. Knows nothing about torch, pixels or how any number was obtained.
"""

from __future__ import annotations

from typing import Literal

from striate.core.comparison_records import Difference
from striate.core.diagnosis_records import Finding
from striate.core.records import Interval, Record

__all__ = ["AugmentationFinding", "ClassSafety", "Flow", "Probe", "TransformFlow", "TransformSafety"]

Counts = tuple[int, ...]


class TransformFlow(Record):
    """What a network that never saw a transform says about the same images before and after it. K classes."""

    transform: str
    """As a policy writes it, strength included; measured as if it happened to every image."""
    name: str
    order: int
    """Done so many times it is undone; 0 where it is drawn anew for each image."""
    changed: float
    """Share of the images in which any pixel changed."""
    before: tuple[Counts, ...]
    """before[true][predicted], K x K."""
    after: tuple[Counts, ...]
    """after[true][predicted]: a row says where a class flows."""
    both: Counts
    """For each class, images that were right before and after."""


class Flow(Record):
    """The share of a class that is taken for another."""

    to: str
    before: float
    after: float
    interval: Interval
    """Of `after`, at the audit's level."""


class ClassSafety(Record):
    """What a transform does to one class."""

    name: str
    n: int
    recall_before: float
    recall_after: float
    change: Difference
    """Of the recall, after minus before, on the same images; at the audit's level."""
    flows: tuple[Flow, ...]
    """The classes it is taken for after the transform, commonest first; at most three."""
    verdict: Literal["kept", "swapped", "hurt", "not shown"]
    becomes: str = ""
    """The class that a swapped one becomes."""


class TransformSafety(Record):
    """Whether a transform keeps the labels of this data."""

    transform: str
    name: str
    verdict: Literal["keep", "swap", "drop", "no effect", "not shown"]
    sentence: str
    change: Difference
    """Of the accuracy over all classes."""
    classes: tuple[ClassSafety, ...]
    label_map: str = ""
    """What to declare for it to be used all the same: the classes it swaps, the classes it must spare."""
    too_strong: tuple[str, ...] = ()
    """Strengths tried before this one, at which it did not keep the labels."""
    learnt: Difference | None = None
    """Of the accuracy on images as they are, of a network trained with the transform minus one trained without: asked where
    the second did not recognise what it had never seen."""
    learnt_under: Difference | None = None
    """Of the accuracy of that network, on transformed images minus on the same as they are: what the transform leaves of the labels."""
    learnt_hurt: tuple[str, ...] = ()
    """Classes that the network trained with it recognises less, as they are or transformed."""
    flow: TransformFlow


class Probe(Record):
    """A network that judged."""

    words: str
    """Which it is and what it was trained on."""
    policy: str
    """The augmentation it was trained with: those transforms it cannot judge."""
    accuracy: float
    interval: Interval
    n: int
    """Held-out images."""
    enough: bool
    """Whether it recognises so much that a loss would mean something."""


class AugmentationFinding(Record):
    """What `striate augment` found."""

    data: str
    source: str
    classes: tuple[str, ...]
    img_size: tuple[int, int]
    channels: int
    probes: tuple[Probe, ...]
    level: float
    """Of all statements together that a class or a transform loses or keeps; each single one has a higher one."""
    transforms: tuple[TransformSafety, ...]
    left_out: tuple[str, ...]
    """Transforms that were not judged, each with the reason."""
    policy: str
    """Suggested: what keeps every label."""
    findings: tuple[Finding, ...] = ()
    """About the run that was asked about."""
