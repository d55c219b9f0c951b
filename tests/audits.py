"""Audits of augmentation made up for tests: what each class flows to is said, all counts follow, the verdicts are real.

Knows nothing about training, nor about how images are augmented.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.core.augment_records import AugmentationFinding, Probe, TransformFlow, TransformSafety
from striate.core.diagnosis_records import Evidence, Finding, Remedy
from striate.core.metrics import wilson
from striate.diagnosis.label_safety import enough, judge_flow, judge_learning

__all__ = [
    "DIGITS",
    "Pictures",
    "about_a_run",
    "digits",
    "finding",
    "judged",
    "many",
    "pictures",
    "probe",
    "weak",
]

DIGITS = tuple("0123456789")
Becomes = Mapping[int, tuple[float, int, float]]
"""Class -> its recall after, the class it is taken for, and the share of that."""


@dataclass(frozen=True)
class Pictures:
    """A strip as the page takes it, without torch."""

    text: str
    images: NDArray[np.uint8]
    targets: NDArray[np.float32]


def judged(
    transform: str,
    after: Becomes | None = None,
    *,
    classes: Sequence[str] = DIGITS,
    order: int = 0,
    n: int = 72,
    right: float = 0.97,
    changed: float = 1.0,
    too_strong: Sequence[str] = (),
    level: float = 0.9997,
    learnt: float | None = None,
) -> TransformSafety:
    """The verdict on `transform`, done to `n` images of each class, of which a share of `right` is recognised before.

    learnt: accuracy of a network that was trained with it, where one was asked, on images as they are and transformed.
    """
    k = len(classes)
    before, turned, both = (np.zeros((k, k), int), np.zeros((k, k), int), [0] * k)
    for c in range(k):
        recall, to, share = (after or {}).get(c, (right, (c + 1) % k, 1 - right))
        _fill(before[c], c, n, right, (c + 1) % k, 1 - right)
        _fill(turned[c], c, n, recall, to, share)
        both[c] = max(0, before[c, c] + turned[c, c] - n, min(before[c, c], turned[c, c]) - (recall != right))
    flow = TransformFlow(
        transform=transform,
        name=transform.rstrip("0123456789.@") if order == 0 else transform,
        order=order,
        changed=changed,
        before=_rows(before),
        after=_rows(turned),
        both=tuple(int(b) for b in both),
    )
    found = judge_flow(flow, classes, level=level).model_copy(update={"too_strong": tuple(too_strong)})
    if learnt is None:
        return found
    own = np.zeros((k, k), int)
    for c in range(k):
        _fill(own[c], c, n, learnt, (c + 1) % k, 1 - learnt)
    kept = tuple(int(min(before[c, c], own[c, c])) for c in range(k))
    learning = flow.model_copy(update={"after": _rows(own), "both": kept})
    return judge_learning(found, learning, learning, classes, level=level)


def _fill(row: NDArray[np.int64], c: int, n: int, recall: float, to: int, share: float) -> None:
    row[c] = round(n * recall)
    row[to] += min(n - row[c], round(n * share))
    rest = (to + 1) % len(row) if (to + 1) % len(row) != c else (to + 2) % len(row)
    row[rest] += n - row.sum()


def _rows(counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(v) for v in row) for row in counts)


def probe(accuracy: float = 0.97, n: int = 720, classes: int = 10, policy: str = "none") -> Probe:
    """A small network of this accuracy."""
    return Probe(
        words="a small network trained here on 1,077 images",
        policy=policy,
        accuracy=accuracy,
        interval=wilson(round(accuracy * n), n),
        n=n,
        enough=enough(accuracy, classes),
    )


def finding(
    *transforms: TransformSafety, classes: Sequence[str] = DIGITS, **changes: object
) -> AugmentationFinding:
    """An audit with these verdicts."""
    kept = "+".join(t.transform for t in transforms if t.verdict == "keep") or "none"
    values = {
        "data": "digits",
        "source": "digits",
        "classes": tuple(classes),
        "img_size": (8, 8),
        "channels": 1,
        "probes": (probe(classes=len(classes)),),
        "level": 0.95,
        "transforms": transforms,
        "left_out": (),
        "policy": kept,
    }
    return AugmentationFinding(**{**values, **changes})


def digits(**changes: object) -> AugmentationFinding:
    """Every verdict once or more, as an audit of handwritten digits finds them."""
    mirror = {
        2: (0.21, 5, 0.4),
        3: (0.06, 8, 0.5),
        4: (0.44, 9, 0.3),
        5: (0.18, 2, 0.55),
        6: (0.5, 4, 0.3),
        7: (0.33, 1, 0.4),
    }
    turned = {6: (0.01, 9, 0.91), 9: (0.03, 6, 0.88), 4: (0.22, 7, 0.5), 3: (0.4, 8, 0.3), 7: (0.07, 2, 0.6)}
    quarter = dict.fromkeys(range(1, 10), (0.1, 1, 0.3))
    values: dict[str, object] = {
        "policy": "translate1+brightness0.2",
        "probes": (
            probe(0.987, policy="translate1+rotate12+scale0.15+shear10"),
            probe(0.971),
        ),
        "left_out": (
            "saturation: has nothing to change (grey images)",
            "hue: has nothing to change (grey images)",
            "mixup0.2: it mixes two images, and both labels with them",
        ),
        **changes,
    }
    return finding(
        judged("translate1"),
        judged("rotate7.5", too_strong=("rotate30", "rotate15")),
        judged("brightness0.2", {8: (0.9, 1, 0.1)}),
        judged("noise0.1", {8: (0.5, 1, 0.4)}, learnt=0.965),
        judged("rot180", turned, order=2),
        judged("flip", mirror, order=2),
        judged("vflip", mirror | {9: (0.3, 6, 0.4)}, order=2),
        judged("rot90", quarter, order=4),
        judged("cutout4", dict.fromkeys(range(10), (0.87, 8, 0.1))),
        judged("gray", changed=0.0),
        **values,
    )


def many(k: int = 100, **changes: object) -> AugmentationFinding:
    """An audit of `k` classes, a few of which are hurt, in a photo-like data set."""
    names = tuple(
        f"{kind} number {i:03d}"
        for i, kind in zip(range(k), ("a fine-grained bird", "ship") * k, strict=False)
    )
    hurt = {c: (0.1, (c + 7) % k, 0.6) for c in range(0, k, 5)}
    return finding(
        judged("flip", {3: (0.4, 8, 0.5)}, classes=names, order=2, n=30),
        judged("crop4", classes=names, n=30),
        judged("vflip", hurt, classes=names, order=2, n=30),
        judged("blur", dict.fromkeys(range(2, k), (0.0, 1, 0.9)), classes=names, n=30),
        classes=names,
        data="birds",
        source="../data/birds and ships",
        img_size=(32, 32),
        channels=3,
        **changes,
    )


def weak(**changes: object) -> AugmentationFinding:
    """A network at 40 %, and another that has seen nothing at all."""
    values: dict[str, object] = {"probes": (probe(0.4), probe(0.0, n=0)), **changes}
    return finding(judged("flip", right=0.4, order=2), judged("rotate15", right=0.4), **values)


def pictures(found: AugmentationFinding, n: int = 8, side: int = 8) -> tuple[Pictures, ...]:
    """A strip of made-up images as they are, and one for each transform."""
    rng = np.random.default_rng(4)
    k = len(found.classes)
    i, j = np.mgrid[0:side, 0:side] / side
    tiles = []
    for c in range(n):
        angle, ground, ink = (
            0.7 * c,
            rng.uniform(0, 90, found.channels),
            rng.uniform(130, 255, found.channels),
        )
        wave = 0.5 + 0.5 * np.sin(9 * (i * math.cos(angle) + j * math.sin(angle)) + c)
        tiles.append(ground + wave[:, :, None] * (ink - ground))
    plain = np.array(tiles).astype(np.uint8)
    targets = np.eye(k, dtype=np.float32)[np.arange(n) % k]
    strips = [Pictures("as they are", plain, targets)]
    for t, safety in enumerate(found.transforms):
        strips.append(Pictures(safety.transform, np.roll(np.flip(plain, axis=1 + t % 2), t, axis=1), targets))
    return tuple(strips)


def about_a_run() -> Finding:
    """What an audit says about a run whose policy changes labels."""
    return Finding(
        id="U1",
        condition="label-changing-transform",
        title="Label-changing transform",
        status="established",
        severity="warning",
        confidence=0.95,
        sentence="The run's policy has flip, which changes labels of this data: hurts 2, 3.",
        evidence=(Evidence(sentence="No longer recognised: 3 (97.2 % to 5.6 %)"),),
        remedies=(
            Remedy(change="Train without flip: --augment crop1."),
            Remedy(change='Or keep it and say what it does: --label-map "flip: !2, !3".'),
        ),
    )
