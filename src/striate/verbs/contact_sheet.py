"""`striate augment --show`: a few training images under each transform, as one picture.

No network is trained: whether a picture still deserves its label is for the person who looks. Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import TransformDoesNotFit
from striate.augment.mixing import MixingTransform
from striate.augment.policy import Policy, parse
from striate.augment.strips import strips_of
from striate.augment.transform import Shape, Transform
from striate.core import seeds
from striate.core.progress import SILENT, Progress
from striate.data.batches import gather
from striate.data.prepare import prepare
from striate.report.contact_sheet import write_contact_sheet
from striate.verbs.audit_bench import CALLED, TYPED
from striate.verbs.bounds import at_least
from striate.verbs.looking import folder_for
from striate.verbs.network import as_run
from striate.verbs.own_data import own_data
from striate.verbs.run import Run

__all__ = ["contact_sheet"]

LARGEST = 224
"""Pixels a side: what a transform does is seen at the size at which networks are usually trained."""


def contact_sheet(
    data: Any = None,
    policy: str | None = None,
    *,
    run: str | Path | Run | None = None,
    n: int = 8,
    seed: int = 0,
    data_dir: str | None = None,
    cache_dir: str | None = None,
    out: str | Path | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Write sheet.png in `out` (``runs/augment/NAME``), a row for each transform of `policy`; return its path.

    policy: by default that of `run`, with its label map; without a run every transform that fits the images. n: training images,
    spread over the classes; seed: which, and what happens to them. data, run: as for `striate.audit`. Raises UnknownTransform,
    TransformOutOfRange, TransformDoesNotFit for a policy that was asked for, what preparing the data raises, CannotWrite.

    >>> striate.verbs.contact_sheet.contact_sheet("digits", "flip+mixup")       # doctest: +SKIP
    """
    at_least(1, n=n)
    at_least(0, seed=seed)
    asked = None if policy is None else parse(policy)
    label_map = ""
    if run is None:
        dataset = prepare(
            data, at_most=LARGEST, seed=seed, data_dir=data_dir, cache_dir=cache_dir, progress=progress
        )
        name = dataset.name
    else:
        known = as_run(run)
        dataset = own_data(known.folder, known.recipe, data, progress, typed=TYPED, called=CALLED)
        name = known.path.resolve().name
        if asked is None:
            asked, label_map = parse(known.recipe.augment), known.recipe.label_map
    with progress.task("Drawing a sheet"):
        rows = _spread(dataset.labels, dataset.indices("train"), n, seed)
        images = gather(dataset.pixels, rows, torch.device("cpu"))
        shape = (images.shape[1], images.shape[2], images.shape[3])
        bound = (_every(shape) if asked is None else asked.fit(shape)).bind(dataset.classes, label_map)
        strips = strips_of(bound, images, dataset.labels[rows], seed=seed)
        if asked is None:
            # All that there are at once is no policy that anybody would train with.
            strips = strips[: 1 + len(bound.transforms)]
        folder = folder_for(name, "augment", out, dataset.source)
        return write_contact_sheet(strips, dataset.classes, folder)


def _every(shape: Shape) -> Policy:
    """All transforms that fit, those that mix last."""
    found: list[Transform] = []
    for kind in TRANSFORMS.values():
        try:
            found.append(kind.of().fit(shape))
        except TransformDoesNotFit:
            continue
    return Policy(tuple(sorted(found, key=lambda t: isinstance(t, MixingTransform))))


def _spread(labels: NDArray[np.int64], rows: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """`n` of `rows`: a first one of each class, or of evenly spaced classes where there are more than n, then a second one."""
    shuffled = rows[seeds.permutation(seed, "sheet", 0, len(rows))]
    turn = np.zeros(len(shuffled), dtype=np.int64)
    for c in np.unique(labels[shuffled]):
        members = np.flatnonzero(labels[shuffled] == c)
        turn[members] = np.arange(len(members))
    chosen: list[int] = []
    for t in range(int(turn.max(initial=-1)) + 1):
        of_turn = shuffled[turn == t]
        of_turn = of_turn[np.argsort(labels[of_turn], kind="stable")]
        most = min(n - len(chosen), len(of_turn))
        chosen += of_turn[np.linspace(0, len(of_turn) - 1, most).round().astype(int)].tolist()
        if len(chosen) >= n:
            break
    picked = np.array(chosen, dtype=np.int64)
    return picked[np.argsort(labels[picked], kind="stable")]
