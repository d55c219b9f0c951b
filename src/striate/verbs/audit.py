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
from striate.diagnosis.label_safety import judge_flow, judge_learning
from striate.diagnosis.safe_policy import about_the_run, suggested_policy
from striate.report.augmentation import write_augmentation
from striate.report.page import write_report
from striate.training.run_audit import keep_audit
from striate.verbs.audit_bench import Bench, Places
from striate.verbs.bounds import at_least
from striate.verbs.judging import keep_judgement, observe
from striate.verbs.looking import Looked, write_finding
from striate.verbs.network import as_run
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
    that fit the images. Writes augmentation.html, augmentation.json and the probes' runs in `out` (``runs/augment/NAME``), and what was
    found about a run into its folder too, for `striate.val` and `striate.predict` with `tta`.
    Raises NothingToAudit for a policy without a transform to judge, UnknownTransform, TransformOutOfRange,
    TransformDoesNotFit for a policy that was asked for, and what preparing the data raises.

    >>> striate.audit("digits").finding.policy                                  # doctest: +SKIP
    """
    at_least(0, seed=seed)
    asked = None if policy is None else parse(policy)
    _check(asked)
    bench = Bench(data, run, seed, Places(data_dir, cache_dir), out, progress)
    transforms, left_out = _transforms(asked, bench.shape)
    level = 1 - (1 - LEVEL) / max(1, len(transforms) * len(bench.dataset.classes))
    firsts = [_first(transform, bench, level, progress) for transform in transforms]
    if about_the_run(firsts, bench.policy, bench.label_map) and bench.set_the_run_aside():
        progress.say("The run's own policy changes labels, so its network judges nothing; small ones do.")
        firsts = [_first(transform, bench, level, progress) for transform in transforms]
    judged = _second(firsts, transforms, bench, level, progress)
    finding = AugmentationFinding(
        data=bench.dataset.name,
        source=bench.dataset.source,
        classes=bench.dataset.classes,
        img_size=bench.dataset.preprocess.img_size,
        channels=bench.dataset.preprocess.channels,
        probes=bench.probes,
        level=LEVEL,
        transforms=judged,
        left_out=tuple(left_out),
        policy=suggested_policy(judged),
        findings=about_the_run(judged, bench.policy, bench.label_map),
    )
    files = write_augmentation(finding, bench.strips(transforms), bench.folder)
    files = (*files, write_finding(finding, bench.folder, "augmentation"))
    return Looked(finding, files if run is None else (*files, _kept(as_run(run), finding)))


def _kept(run: Run, finding: AugmentationFinding) -> Path:
    """What was found, kept with the run; its report then says it too."""
    path = keep_audit(run.folder, finding)
    if finding.findings and (run.folder / "report.html").exists():
        keep_judgement(run.folder, observe(run.folder))
        write_report(run.folder)
    return path


def _check(asked: Policy | None) -> None:
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
            left_out.append(f"{name}: it {error.what.removeprefix(name).strip()}")
    return found, left_out


def _first(transform: ImageTransform, bench: Bench, level: float, progress: Progress) -> TransformSafety:
    """What the network says that never saw the transform."""
    with progress.task(f"Judging {transform.text}"):
        flow = bench.judge(transform.name).flow(transform, bench.seed)
        return judge_flow(flow, bench.dataset.classes, level=level)


def _second(
    firsts: Sequence[TransformSafety],
    transforms: Sequence[ImageTransform],
    bench: Bench,
    level: float,
    progress: Progress,
) -> tuple[TransformSafety, ...]:
    """What is done by degrees, or to colours, can be merely unfamiliar: where it was hurt, a network is trained with it.

    With all of them at once first, which mostly settles it. A mirror image or half a turn is a picture that could have been taken:
    where that is not recognised, the data has none like it, and nothing is asked again.
    """
    doubtful = [
        t
        for t, first in zip(transforms, firsts, strict=True)
        if first.verdict in ("drop", "not shown") and not t.order and bench.judge(t.name).probe.enough
    ]
    settled: dict[ImageTransform, TransformSafety] = {}
    # One by one only what was hurt: what was not shown stays so where learning does not show it either.
    hurt = [t for t in doubtful if firsts[transforms.index(t)].verdict == "drop"]
    for group in [doubtful, *([t] for t in hurt if len(doubtful) > 1)]:
        left = [t for t in group if t not in settled or settled[t].verdict == "drop"]
        for t, (clean, under) in zip(left, bench.learning(left), strict=False):
            first = firsts[transforms.index(t)]
            found = judge_learning(first, clean, under, bench.dataset.classes, level=level)
            settled[t] = found if found.verdict == "keep" or first.verdict == "drop" else first
    return tuple(
        _weaker(t, settled.get(t, first), bench, level, progress) if t in doubtful else first
        for t, first in zip(transforms, firsts, strict=True)
    )


def _weaker(
    transform: ImageTransform, found: TransformSafety, bench: Bench, level: float, progress: Progress
) -> TransformSafety:
    """Half and a quarter of what still does harm; what was found, where neither is kept."""
    tried = [transform.text]
    weaker = transform.weaker()
    while found.verdict == "drop" and weaker is not None and len(tried) < STRENGTHS:
        less = _first(weaker, bench, level, progress)
        if less.verdict == "keep":
            return less.model_copy(update={"too_strong": tuple(tried)})
        tried.append(weaker.text)
        weaker = weaker.weaker()
    return found
