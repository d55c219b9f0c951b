"""`striate augment`: which transforms keep the labels of this data, and which change them?

Knows nothing about terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import NothingToAudit, TransformDoesNotFit
from striate.augment.mixing import MixingTransform
from striate.augment.policy import Policy, parse
from striate.augment.transform import ImageTransform, Shape
from striate.core.augment_records import AugmentationFinding, TransformSafety
from striate.core.progress import SILENT, Progress
from striate.data.dataset import Dataset
from striate.diagnosis.label_safety import judge_flow, judge_learning
from striate.diagnosis.safe_policy import about_the_run, suggested_policy
from striate.report.augmentation import write_augmentation
from striate.verbs.audit_bench import Bench, Places
from striate.verbs.bounds import at_least
from striate.verbs.looking import Looked, write_finding
from striate.verbs.run import Run

__all__ = ["LEVEL", "audit"]

LEVEL = 0.95
"""Of all statements of an audit together, by Bonferroni over transforms and classes."""
STRENGTHS = 3
"""The usual one, its half, its quarter."""
NOT_BY_ITSELF = frozenset({"altflip", "randaugment", "trivialaugment"})
"""Judged when asked for: the first is a flip, the others are made of transforms that are judged one by one."""


def audit(
    data: Any = None,
    *,
    run: str | Path | Run | None = None,
    policy: str | None = None,
    seed: int = 0,
    data_dir: str | None = None,
    cache_dir: str | None = None,
    out: str | Path | None = None,
    progress: Progress = SILENT,
) -> Looked[AugmentationFinding]:
    """Ask networks that never saw a transform what they make of held-out images before and after it.

    data: whatever `striate.train` takes; with `run` only where the run's own data lies now. run: judges with its network what it
    was not trained with; for the rest, and without a run, small networks are trained. policy: the transforms to judge; by default all
    that fit the images. Writes augmentation.html, augmentation.json and the probes' runs in `out` (``runs/augment/NAME``).
    Raises NothingToAudit for data of one class or a policy without a transform to judge, UnknownTransform, TransformOutOfRange,
    TransformDoesNotFit for a policy that was asked for, and what preparing the data raises.

    >>> striate.audit("digits").finding.policy                                  # doctest: +SKIP
    """
    at_least(0, seed=seed)
    asked = None if policy is None else parse(policy)
    bench = Bench(data, run, seed, Places(data_dir, cache_dir), out, progress)
    _check(bench.dataset, asked)
    transforms, left_out = _transforms(asked, bench.shape)
    level = 1 - (1 - LEVEL) / max(1, len(transforms) * len(bench.dataset.classes))
    judged = [_judged(t, bench, level, progress) for t in transforms]
    finding = AugmentationFinding(
        data=bench.dataset.name,
        source=bench.dataset.source,
        classes=bench.dataset.classes,
        img_size=bench.dataset.preprocess.img_size,
        channels=bench.dataset.preprocess.channels,
        probes=bench.probes,
        level=LEVEL,
        transforms=tuple(judged),
        left_out=tuple(left_out),
        policy=suggested_policy(judged),
        findings=about_the_run(judged, bench.policy, bench.label_map),
    )
    files = write_augmentation(finding, bench.strips(transforms), bench.folder)
    return Looked(finding, (*files, write_finding(finding, bench.folder, "augmentation")))


def _check(dataset: Dataset, asked: Policy | None) -> None:
    if len(dataset.classes) < 2:
        raise NothingToAudit(
            "the data has one class: no transform can make it another",
            where=dataset.source,
            got=", ".join(dataset.classes),
            expected="two classes or more",
        )
    if asked is not None and not any(isinstance(t, ImageTransform) for t in asked.transforms):
        raise NothingToAudit(
            "the policy has no transform whose labels could be judged",
            got=asked.text,
            expected="a transform of single images: what mixes two gives both labels on purpose",
            next_step="leave out --policy to judge every transform",
        )


def _transforms(asked: Policy | None, shape: Shape) -> tuple[list[ImageTransform], list[str]]:
    """What is judged, and in words what is not: of what was asked for, or of all there are."""
    if asked is not None:
        chosen = [t.fit(shape) for t in asked.transforms]
        mixing = [
            f"{t.text}: it mixes two images, and both labels with them"
            for t in chosen
            if isinstance(t, MixingTransform)
        ]
        return [t for t in chosen if isinstance(t, ImageTransform)], mixing
    found: list[ImageTransform] = []
    left_out = []
    for name, kind in TRANSFORMS.items():
        if name in NOT_BY_ITSELF or not issubclass(kind, ImageTransform):
            continue
        try:
            found.append(kind.of().fit(shape))
        except TransformDoesNotFit as error:
            left_out.append(f"{name}: {error.what.removeprefix(name).strip()} ({error.got})")
    return found, left_out


def _judged(transform: ImageTransform, bench: Bench, level: float, progress: Progress) -> TransformSafety:
    """Asked of a network that never saw it; where that is hurt, of one that is trained with it; then at less strength.

    What is done by degrees, or to colours, can be merely unfamiliar. A mirror image or half a turn is a picture that could have been taken:
    where it is not recognised, the data has none like it.
    """
    judge, classes = bench.judge(transform.name), bench.dataset.classes

    def asked(some: ImageTransform, tried: Sequence[str] = ()) -> TransformSafety:
        with progress.task(f"Judging {some.text}"):
            return judge_flow(judge.flow(some, bench.seed), classes, level=level, too_strong=tried)

    first = asked(transform)
    if first.verdict not in ("drop", "not shown") or transform.order or not judge.probe.enough:
        return first
    learning = bench.learning(transform)
    if learning is not None:
        first = judge_learning(first, learning, classes, level=level)
    tried = [transform.text]
    weaker = transform.weaker()
    while first.verdict == "drop" and weaker is not None and len(tried) < STRENGTHS:
        found = asked(weaker, tried)
        if found.verdict == "keep":
            return found
        tried.append(weaker.text)
        weaker = weaker.weaker()
    return first
