"""What a plant is: a change of a healthy plan that makes one named condition, at up to three severities.

Knows nothing about any one fault, nor about how well a detector does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.clinic.hosts import Host
from benchmarks.clinic.plan import Plan

SEVERITIES = ("mild", "clear", "gross")


def anywhere(_host: Host) -> bool:
    """Every host will do."""
    return True


@dataclass(frozen=True)
class Fault:
    """One way to plant a condition."""

    name: str
    id: str
    """Number in the catalogue."""
    truth: tuple[str, ...]
    """Slugs of which any one is the right diagnosis; the first is the condition that was planted."""
    change: Callable[[Plan, Any], None]
    """(plan, value of the severity); changes the plan."""
    levels: Mapping[str, Any]
    """Value by severity."""
    fits: Callable[[Host], bool] = anywhere
    curves: tuple[str, ...] = ()
    """What is right too where only curves are seen, beside `truth`."""
    by_definition: bool = False
    """A fault however little accuracy it costs."""
    twin: Callable[[Plan], None] | None = None
    """What the healthy twin has, too, such as fewer epochs, so that the pair differs by the fault alone."""
    notes: str = ""

    @property
    def group(self) -> str:
        """The group of its condition."""
        return GROUP[self.truth[0]]


GROUPS: dict[str, tuple[str, ...]] = {
    "integrity": (
        "non-finite", "parameters-not-updated", "gradients-not-zeroed", "wrong-mode", "softmax-before-loss",
        "wrong-loss", "metric-disagrees", "low-precision",
    ),
    "data": (
        "input-not-scaled", "preprocessing-mismatch", "label-noise", "classes-swapped", "train-val-overlap", "class-imbalance",
        "covariate-shift", "unshuffled", "shortcut", "corrupt-images", "labels-unrelated", "label-changing-transform",
        "augmentation-too-strong", "random-validation", "frozen-augmentation",
    ),
    "dynamics": (
        "learning-rate-too-high", "learning-rate-too-low", "clipping-too-tight", "schedule-fault", "weight-decay-too-strong",
        "vanishing-gradient", "depth-without-skips", "dead-relu", "saturated-activations", "bad-initialisation",
        "missing-nonlinearity", "batch-norm-mismatch",
    ),
    "capacity": (
        "overfitting", "late-overfitting", "overconfidence", "underfitting", "over-regularised", "stopped-too-early",
        "receptive-field-too-small", "over-downsampling", "validation-too-small", "last-not-best",
    ),
    "efficiency": ("input-bound", "memory-growth"),
}  # fmt: skip
GROUP: dict[str, str] = {slug: group for group, slugs in GROUPS.items() for slug in slugs}
SLUGS = frozenset(GROUP)
