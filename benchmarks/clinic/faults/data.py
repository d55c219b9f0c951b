"""Plants in images and labels: scaling, noise, swaps, leaks, imbalance, order.

Knows nothing about networks or loops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.clinic.faults.plant import Fault
from benchmarks.clinic.hosts import Host, Standard
from benchmarks.clinic.images import Images
from benchmarks.clinic.plan import Plan


def joined(*parts: Images) -> Images:
    """Several sets in a row."""
    return Images(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))


def scaled(plan: Plan, kind: str) -> None:
    """Both splits reach the network in another scale."""
    usual = plan.train_scale
    scales: dict[str, Any] = {
        "bytes": lambda x: 255 * x,
        "normalised twice": lambda x: usual(usual(x)) if isinstance(usual, Standard) else usual(x),
        "divided twice": lambda x: x / 255,
        "off by thirty": lambda x: usual(x) + 30,
    }
    plan.train_scale = plan.val_scale = scales[kind]


def val_scaled(plan: Plan, kind: str) -> None:
    """Val reaches the network in another scale than train."""
    usual = plan.val_scale
    scales: dict[str, Any] = {
        "unscaled": lambda x: x,
        "bytes": lambda x: usual(x) * 255,
        "inverted": lambda x: usual(1 - x),
        "bgr": lambda x: usual(x).flip(0),
        "not divided": lambda x: x - usual.mean if isinstance(usual, Standard) else x,
    }
    plan.val_scale = scales[kind]


def colour(host: Host) -> bool:
    """Whether channels can be exchanged."""
    return host.colour


def label_noise(plan: Plan, share: float) -> None:
    """A share of the training labels becomes another class at random."""
    rng, y = plan.rng, plan.train.y
    rows = rng.choice(len(y), size=round(share * len(y)), replace=False)
    y[rows] = (y[rows] + rng.integers(1, plan.classes, size=len(rows))) % plan.classes


def all_noise(plan: Plan, share: float) -> None:
    """The same in both splits, as a careless labeller would leave them."""
    label_noise(plan, share)
    rng, y = np.random.default_rng((plan.seed, 8)), plan.val.y
    rows = rng.choice(len(y), size=round(share * len(y)), replace=False)
    y[rows] = (y[rows] + rng.integers(1, plan.classes, size=len(rows))) % plan.classes


def shuffled_labels(plan: Plan, share: float) -> None:
    """A share of the training images swap labels among themselves."""
    rng, y = plan.rng, plan.train.y
    rows = rng.choice(len(y), size=round(share * len(y)), replace=False)
    y[rows] = y[rng.permutation(rows)]


def val_permuted(plan: Plan, classes: int) -> None:
    """In val, `classes` class ids go round; 0: all of them."""
    moved = plan.rng.permutation(plan.classes)[: classes or plan.classes]
    table = np.arange(plan.classes)
    table[moved] = np.roll(moved, 1)
    plan.val.y[:] = table[plan.val.y]


def pair_swapped(plan: Plan, share: float) -> None:
    """Two classes are exchanged in a share of the training images of both."""
    a, b = plan.rng.permutation(plan.classes)[:2]
    y, hit = plan.train.y, plan.rng.random(len(plan.train)) < share
    old = y.copy()
    y[(old == a) & hit], y[(old == b) & hit] = b, a


def leaked(plan: Plan, share: float) -> None:
    """A share of val stands in train, too."""
    rows = plan.rng.choice(len(plan.val), size=round(share * len(plan.val)), replace=False)
    plan.train = joined(plan.train, plan.val.take(rows))


def leaked_shifted(plan: Plan, share: float) -> None:
    """A share of val stands in train moved by a pixel and a little brighter."""
    rows = plan.rng.choice(len(plan.val), size=round(share * len(plan.val)), replace=False)
    copies = plan.val.take(rows)
    copies.x = np.clip(np.roll(copies.x, 1, axis=3) * np.float32(1.03), 0, 1)
    plan.train = joined(plan.train, copies)


def long_tail(plan: Plan, ratio: float) -> None:
    """Class sizes fall exponentially until the rarest is 1 / `ratio` of the commonest."""
    order, rng = plan.rng.permutation(plan.classes), plan.rng
    kept = []
    for rank, c in enumerate(order):
        rows = np.flatnonzero(plan.train.y == c)
        n = max(2, round(len(rows) * ratio ** (-rank / (plan.classes - 1))))
        kept.append(rng.choice(rows, size=min(n, len(rows)), replace=False))
    longer = len(plan.train) / sum(map(len, kept))
    plan.train = plan.train.take(np.sort(np.concatenate(kept)))
    plan.epochs = round(plan.epochs * min(2.0, longer))


def missing_class(plan: Plan, classes: int) -> None:
    """Train lacks some classes that val has."""
    gone = plan.rng.permutation(plan.classes)[:classes]
    plan.train = plan.train.take(np.flatnonzero(~np.isin(plan.train.y, gone)))


def by_class(plan: Plan, spread: float) -> None:
    """Training images are sorted by class and not shuffled; each one strays by up to `spread` of the whole set."""
    n = len(plan.train)
    key = np.argsort(np.argsort(plan.train.y, kind="stable")) / n + spread * plan.rng.random(n)
    plan.train = plan.train.take(np.argsort(key, kind="stable"))
    plan.order = "given"


def one_class_batches(plan: Plan, _value: None) -> None:
    """Every batch is of one class; the batches come in random order."""
    plan.train = plan.train.take(np.argsort(plan.train.y, kind="stable"))
    plan.order = "batches"


def val_shifted(plan: Plan, value: float) -> None:
    """Val was taken in other light by another camera: darker, blurred, noisier."""
    x = torch.from_numpy(plan.val.x)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mixed = (1 - 0.3 * value) * (min(1.0, value) * blurred + (1 - min(1.0, value)) * x)
    rng = np.random.default_rng((plan.seed, 9))
    noise = 0.1 * value * rng.standard_normal(tuple(x.shape))
    plan.val.x = np.clip(mixed.numpy() + noise, 0, 1).astype(np.float32)


def blank_images(plan: Plan, share: float) -> None:
    """A share of the training images is black."""
    rows = plan.rng.choice(len(plan.train), size=round(share * len(plan.train)), replace=False)
    plan.train.x[rows] = 0.0


def corner_tells(plan: Plan, share: float) -> None:
    """In a share of the training images a corner's brightness is the class; in val it is random."""
    rng = plan.rng
    told = np.where(
        rng.random(len(plan.train)) < share, plan.train.y, rng.integers(0, plan.classes, len(plan.train))
    )
    plan.train.x[:, :, :2, :2] = (told / (plan.classes - 1))[:, None, None, None]
    guess = rng.integers(0, plan.classes, len(plan.val))
    plan.val.x[:, :, :2, :2] = (guess / (plan.classes - 1))[:, None, None, None]


def many(host: Host) -> bool:
    """Enough classes to lose one."""
    return host.classes >= 4


DATA: tuple[Fault, ...] = (
    Fault("bytes", "N3", ("input-not-scaled",), scaled, {"gross": "bytes"}, curves=("learning-rate-too-high", "non-finite", "bad-initialisation", "underfitting")),
    Fault("scaled-twice", "N3", ("input-not-scaled",), scaled, {"mild": "normalised twice", "clear": "off by thirty", "gross": "divided twice"}, curves=("learning-rate-too-low", "underfitting", "learning-rate-too-high", "vanishing-gradient")),
    Fault("val-scale", "N4", ("preprocessing-mismatch",), val_scaled, {"mild": "not divided", "clear": "unscaled", "gross": "bytes"}, curves=("overfitting", "covariate-shift", "wrong-mode", "batch-norm-mismatch", "classes-swapped")),
    Fault("val-inverted", "N4", ("preprocessing-mismatch", "covariate-shift"), val_scaled, {"gross": "inverted"}, curves=("overfitting", "wrong-mode", "batch-norm-mismatch", "classes-swapped")),
    Fault("val-bgr", "N4", ("preprocessing-mismatch", "covariate-shift"), val_scaled, {"clear": "bgr"}, colour, curves=("overfitting", "wrong-mode", "classes-swapped")),
    Fault("label-noise", "D1", ("label-noise",), label_noise, {"mild": 0.1, "clear": 0.2, "gross": 0.4}, curves=("underfitting", "augmentation-too-strong", "over-regularised")),
    Fault("label-noise-both", "D1", ("label-noise",), all_noise, {"clear": 0.2, "gross": 0.4}, curves=("underfitting", "overfitting")),
    Fault("val-classes", "D2", ("classes-swapped",), val_permuted, {"mild": 2, "clear": 3, "gross": 0}, curves=("overfitting", "preprocessing-mismatch", "wrong-mode")),
    Fault("train-pair", "D2", ("classes-swapped", "label-noise"), pair_swapped, {"clear": 0.8, "gross": 1.0}, curves=("overfitting", "preprocessing-mismatch")),
    Fault("leak", "D3", ("train-val-overlap",), leaked, {"mild": 0.15, "clear": 0.3, "gross": 0.6}, by_definition=True),
    Fault("leak-shifted", "D3", ("train-val-overlap",), leaked_shifted, {"clear": 0.3, "gross": 0.6}, by_definition=True),
    Fault("long-tail", "D4", ("class-imbalance",), long_tail, {"mild": 20.0, "clear": 50.0, "gross": 100.0}, curves=("overfitting",)),
    Fault("missing-class", "D4", ("class-imbalance",), missing_class, {"clear": 1}, many, curves=("overfitting", "preprocessing-mismatch")),
    Fault("sorted", "D6", ("unshuffled",), by_class, {"mild": 0.35, "clear": 0.1, "gross": 0.0}, curves=("overfitting", "learning-rate-too-high")),
    Fault("one-class-batches", "D6", ("unshuffled",), one_class_batches, {"gross": None}, curves=("overfitting", "learning-rate-too-high", "batch-norm-mismatch")),
    Fault("unrelated", "D9", ("labels-unrelated", "label-noise"), shuffled_labels, {"mild": 0.7, "clear": 0.85, "gross": 1.0}, curves=("underfitting", "learning-rate-too-low", "overfitting")),
    Fault("val-shift", "D5", ("covariate-shift", "preprocessing-mismatch"), val_shifted, {"mild": 0.5, "clear": 1.0, "gross": 2.0}, curves=("overfitting",)),
    Fault("blank", "D8", ("corrupt-images",), blank_images, {"mild": 0.1, "clear": 0.3, "gross": 0.6}, curves=("underfitting", "label-noise")),
    Fault("corner", "D7", ("shortcut", "covariate-shift"), corner_tells, {"clear": 0.9, "gross": 1.0}, curves=("overfitting", "preprocessing-mismatch")),
)  # fmt: skip
