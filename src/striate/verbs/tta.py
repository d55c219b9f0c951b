"""Test-time augmentation: the views of an image that a run's network may be asked about.

A view is allowed where the run was trained with it, its label map followed backwards; or where an audit of its weights found that the answers
survive it. Knows nothing about how answers are averaged.
"""

from __future__ import annotations

import dataclasses
import math
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from striate.augment.errors import LabelMapUnusable
from striate.augment.kinship import seen_by
from striate.augment.label_map import LabelMap, LabelRule
from striate.augment.policy import Policy, parse
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.transform import Transform
from striate.augment.views import WORDS, Mover, view_words, views_of
from striate.core.augment_records import TransformSafety
from striate.training.run_audit import audit_of
from striate.verbs.errors import UnsafeViews
from striate.verbs.network import TrainedNetwork
from striate.verbs.run import Run

__all__ = ["with_views"]

_ADJECTIVES = {
    "flip": "mirrored",
    "vflip": "upside-down",
    "rot180": "half-turned",
    "rot90": "quarter-turned",
    "shift": "shifted",
}
_AUDITED = {
    "flip": ("flip", "altflip"),
    "vflip": ("vflip",),
    "rot180": ("rot180", "rot90"),
    "rot90": ("rot90",),
    "shift": ("crop", "translate"),
}
"""Transforms whose verdict counts for a view, the first that was judged; the first is the view itself."""
_NAMED = 5


def with_views(network: TrainedNetwork, run: Run, weights: Path, tta: str | None) -> TrainedNetwork:
    """`network`, which `weights` of `run` made, asked about the views that `tta` names (see `striate.augment.views`); itself for None.

    A shift is never farther than training or the audit went. Raises UnknownView, UnsafeViews, TransformDoesNotFit for images too
    small or not square, LabelMapUnusable where the run's label map contradicts itself.
    """
    if tta is None:
        return network
    words = view_words(tta)
    recipe = run.recipe
    shape = (network.preprocess.channels, *network.preprocess.img_size)
    policy = parse(recipe.augment, shape=shape).bind(network.classes, recipe.label_map)
    shown = {word: _witnesses(policy, word) for word in words}
    rules = {
        WORDS[word].name: _rule(run, policy, words, word, witnesses)
        for word, witnesses in shown.items()
        if witnesses
    }
    unseen = [word for word in words if not shown[word]]
    kept = _kept(run, network, weights, words, unseen) if unseen else {}
    reach = math.inf
    mover: Mover = PaddedCrop
    if "shift" in words:
        known = shown["shift"] or parse(kept["shift"].transform).transforms
        # The border that the network has seen: mirrored pixels draw strokes into digits that were moved over zeros.
        mover = Translate if {t.name for t in known} == {Translate.name} else PaddedCrop
        reach = max(t.strength if t.name in _AUDITED["shift"] else math.inf for t in known)
    _refuse_what_an_audit_found(run, network, weights, words, policy)
    views = views_of(words, shape, LabelMap(network.classes, rules), reach, mover)
    return dataclasses.replace(network, views=views)


# -- trained with it -----------------------------------------------------------------------------------------------


def _witnesses(policy: Policy, word: str) -> tuple[Transform, ...]:
    """Transforms of the policy that show what `word` asks for."""
    return tuple(t for t in policy.transforms if WORDS[word].name in seen_by(Policy((t,))))


def _rule(
    run: Run, policy: Policy, words: Sequence[str], word: str, witnesses: Sequence[Transform]
) -> LabelRule:
    """What the view makes of each class, as the transforms say that showed it."""
    labels = policy.labels
    spared = np.any([labels.rule(t.name).spared for t in witnesses], axis=0)
    if spared.any():
        names = [name for name, is_spared in zip(labels.classes, spared, strict=True) if is_spared]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise UnsafeViews(
            f"the run's label map allows no {_ADJECTIVES[word]} images of {', '.join(names[:_NAMED])}{more}, "
            "and which images those are is not known yet",
            where=run.path,
            got=f"--tta {'+'.join(words)}, label map {labels.text}",
            next_step=_without(words, [word]),
        )
    every = np.arange(len(labels.classes))
    found = {tuple(labels.rule(t.name).after(every, every * 0 + _times(t, word)).tolist()) for t in witnesses}
    if len(found) > 1:
        raise LabelMapUnusable(
            f"the run's label map says two things about {_ADJECTIVES[word]} images",
            where=run.path,
            got=labels.text,
            expected=f"the same for {' and '.join(t.name for t in witnesses)}",
            next_step=_without(words, [word]),
        )
    return LabelRule(found.pop(), tuple(bool(s) for s in spared))


def _times(transform: Transform, word: str) -> int:
    """How often the transform's label map is followed for the view: a half turn is two quarter turns."""
    return 2 if word == "rot180" and transform.name == "rot90" else 1


def _refuse_what_an_audit_found(
    run: Run, network: TrainedNetwork, weights: Path, words: Sequence[str], policy: Policy
) -> None:
    """Training with a transform shows it, and does not make it right: an audit that found labels changed has the last word.

    Unless the run's label map says what becomes of them. Raises UnsafeViews.
    """
    finding = audit_of(run.folder, weights, network.classes)
    judged = {safety.name: safety for safety in finding.transforms} if finding else {}
    for word in words:
        safety = judged.get(WORDS[word].name)
        declared = any(t.name in policy.labels.rules for t in _witnesses(policy, word))
        if safety is not None and safety.verdict in ("swap", "drop") and not declared:
            raise UnsafeViews(
                f"an audit of this run found that {_ADJECTIVES[word]} images do not keep their label",
                where=run.path,
                got=f"{safety.transform}: {safety.sentence}",
                next_step=_without(words, [word]),
            )


# -- audited -------------------------------------------------------------------------------------------------------


def _kept(
    run: Run, network: TrainedNetwork, weights: Path, words: Sequence[str], unseen: Sequence[str]
) -> dict[str, TransformSafety]:
    """The verdict that lets each of the views `unseen` in training be used all the same. Raises UnsafeViews."""
    finding = audit_of(run.folder, weights, network.classes)
    judged = {safety.name: safety for safety in finding.transforms} if finding else {}
    found = {word: next((judged[name] for name in _AUDITED[word] if name in judged), None) for word in unseen}
    kept: dict[str, TransformSafety] = {}
    for word, safety in found.items():
        if safety is None:
            continue
        # Where another network had to learn it first, this one was hurt by it.
        if safety.verdict != "keep" or safety.learnt is not None:
            raise UnsafeViews(
                f"an audit of this run did not find {_ADJECTIVES[word]} images to be safe for its network",
                where=run.path,
                got=f"{safety.transform}: {safety.sentence}",
                next_step=_without(words, [word]),
            )
        kept[word] = safety
    unknown = [word for word in unseen if word not in kept]
    if unknown:
        names = " or ".join(_ADJECTIVES[word] for word in unknown)
        raise UnsafeViews(
            f"this network was not trained with {names} images; whether they keep their label here is not known",
            where=run.path,
            got=f"--tta {'+'.join(words)}, trained with --augment {run.recipe.augment}",
            # All of them: an audit takes the place of the one before.
            next_step=f"striate augment --run {shlex.quote(str(run.path))} --policy {'+'.join(_AUDITED[w][0] for w in unseen)}",
        )
    return kept


def _without(words: Sequence[str], refused: Sequence[str]) -> str:
    rest = [word for word in words if word not in refused]
    return f"--tta {'+'.join(rest)}" if rest else "leave out --tta"
