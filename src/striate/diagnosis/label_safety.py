"""Whether a transform keeps the labels of this data: keep, swap, drop, or not shown.

Judged from counts alone: what a network that never saw the transform says about held-out images before and after it. A
class is **hurt** when the network recognises it less by more than `HARM`, at a level at which all statements of an
audit hold together; it is **swapped** when most of it is taken for one other class and, following such steps, one comes back as often as
the transform is undone (a 6 turned by 180 degrees is a 9, and a 9 a 6). One class into which many others fall is no swap: a
network has to answer something for a picture it has never seen the like of. Knows nothing about torch or pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from striate.core.augment_records import ClassSafety, Flow, TransformFlow, TransformSafety
from striate.core.comparison_records import Difference
from striate.core.differences import paired_difference
from striate.core.exact_tests import sign_test
from striate.core.label_text import circle_texts, quoted
from striate.core.metrics import wilson
from striate.core.wording import percent
from striate.diagnosis.doubts import ENOUGH, FEW, HALF, seems_lost, taken_for, told_apart
from striate.diagnosis.safety_sentences import (
    doubt_sentence,
    drop_sentence,
    keep_sentence,
    learnt_sentence,
    merged_sentence,
    swap_sentence,
    unsettled_sentence,
)
from striate.diagnosis.shown import verdict_of

__all__ = ["ENOUGH", "HARM", "SWAPPED", "class_safety", "enough", "judge_flow", "judge_learning"]

HARM = 0.10
"""Recall lost before a class is called hurt, and the most that a transform may cost to be kept. On CIFAR-10 a network that
never saw them loses nothing under a mirror image, up to 2 points under mild changes of colour, 30 upside down (docs/LOG.md): a tenth lies
between what is only unfamiliar and what is something else."""
RETRAINED = 0.25
"""The same of a class between two networks that were trained apart. On CIFAR-10, five epochs each, classes changed by up to 18 points
either way while the accuracy changed by 3: cats and dogs are traded for each other, whatever the transform."""
SWAPPED = 0.25
"""Least share of a class that must have moved to another, at the audit's level; more than half of it must be there as well."""
SHOWN = 3


def enough(accuracy: float, classes: int) -> bool:
    """Whether a network of this accuracy recognises enough for a loss to mean something: 75 % of 2 classes, 55 % of 10."""
    return (accuracy - 1 / classes) / (1 - 1 / classes) >= ENOUGH


def judge_flow(flow: TransformFlow, classes: Sequence[str], *, level: float) -> TransformSafety:
    """The verdict on one transform at one strength. `level`: of each single statement."""
    k = len(classes)
    becomes = _circles(_targets(flow, level), flow.order) if flow.order else {}
    if _absorbed(flow, becomes):
        becomes = {}
    judged = tuple(class_safety(flow, classes, c, becomes.get(c), level) for c in range(k))
    change = _change(flow, level)
    n = max(1, int(np.sum(flow.before)))
    accuracy, after = int(np.trace(flow.before)) / n, int(np.trace(flow.after)) / n
    hurt = [c for c in judged if c.verdict == "hurt"]
    label_map = _label_map(flow, judged) if becomes or (hurt and len(hurt) < k) else ""
    if flow.changed < 0.01:
        verdict, sentence = "no effect", "It changes none of these images."
    elif not enough(accuracy, k):
        verdict, sentence, label_map = "not shown", f"The model is at {percent(accuracy)}: not shown.", ""
    elif becomes:
        verdict, sentence = "swap", swap_sentence(judged)
    elif hurt:
        verdict, sentence = "drop", drop_sentence(hurt, k)
    elif doubt := _doubt(flow, judged):
        verdict, sentence = "not shown", doubt
    elif change.low >= -HARM:
        verdict, sentence = "keep", keep_sentence(accuracy, after)
    else:
        verdict = "not shown"
        sentence = unsettled_sentence(change, HARM)
    return TransformSafety(
        transform=flow.transform,
        name=flow.name,
        verdict=verdict,
        sentence=sentence,
        change=change,
        classes=judged,
        label_map=label_map,
        flow=flow,
    )


def judge_learning(
    found: TransformSafety,
    clean: TransformFlow,
    under: TransformFlow,
    classes: Sequence[str],
    *,
    level: float,
) -> TransformSafety:
    """The verdict once a network was trained with the transform: keep, where it then costs no class anything.

    found: harm, as a network saw it that never saw the transform. clean: what a network trained without it (before) and one trained with
    it (after) say of images as they are: whether the transform confuses real images. under: what the second says of them as they are and
    transformed: whether the transform leaves anything to recognise.
    """
    lost: dict[str, float] = {}
    for flow, harm in ((clean, RETRAINED), (under, HARM)):
        for c in range(len(classes)):
            judged = class_safety(flow, classes, c, None, level)
            gone = judged.n >= FEW and judged.recall_before >= ENOUGH and judged.change.estimate <= -HALF
            if gone or (judged.verdict == "hurt" and judged.change.estimate < -harm):
                lost[judged.name] = min(judged.change.estimate, lost.get(judged.name, 0.0))
    real, shown = _change(clean, level), _change(under, level)
    safe = not lost and real.low >= -HARM and shown.estimate >= -HARM
    sentence = learnt_sentence(found, clean, under, lost, safe=safe)
    return found.model_copy(
        update={
            "verdict": "keep" if safe else "drop",
            "sentence": sentence,
            "label_map": "" if safe else found.label_map,
            "learnt": real,
            "learnt_under": shown,
            "learnt_hurt": tuple(name for name in classes if name in lost),
        }
    )


def _doubt(flow: TransformFlow, judged: Sequence[ClassSafety]) -> str:
    """What stands against a `keep` though no class is shown to be hurt; empty where nothing does."""
    if lost := [safety for c, safety in enumerate(judged) if seems_lost(flow, c, HARM)]:
        return doubt_sentence(lost)
    merged = [(judged[a].name, judged[b].name) for a, b in taken_for(flow).items()]
    return merged_sentence(merged) if merged else ""


def _change(flow: TransformFlow, level: float) -> Difference:
    """Of the accuracy, after minus before, on the same images."""
    n = int(np.sum(flow.before))
    before, after, both = int(np.trace(flow.before)), int(np.trace(flow.after)), sum(flow.both)
    return paired_difference(both, before - both, after - both, n - before - after + both, level=level)


def class_safety(
    flow: TransformFlow, classes: Sequence[str], c: int, becomes: int | None, level: float
) -> ClassSafety:
    """The verdict on class `c`; `becomes`: the class it is swapped to, where it is."""
    n = sum(flow.before[c])
    before, after, both = flow.before[c][c], flow.after[c][c], flow.both[c]
    change = paired_difference(both, before - both, after - both, n - before - after + both, level=level)
    others = sorted((-count, j) for j, count in enumerate(flow.after[c]) if j != c and count)
    flows = tuple(
        Flow(
            to=classes[j],
            before=flow.before[c][j] / n,
            after=-count / n,
            interval=wilson(-count, n, level=level),
        )
        for count, j in others[:SHOWN]
    )
    shown = verdict_of(change, sign_test(before - both, after - both))
    if becomes is not None:
        verdict = "swapped"
    elif n < FEW or before < ENOUGH * n:
        verdict = "not shown"
    elif shown == "hurt" and change.estimate < -HARM:
        verdict = "hurt"
    elif change.estimate >= -HARM and told_apart(flow, c):
        verdict = "kept"
    else:
        verdict = "not shown"
    return ClassSafety(
        name=classes[c],
        n=n,
        recall_before=before / n if n else float("nan"),
        recall_after=after / n if n else float("nan"),
        change=change,
        flows=flows,
        verdict=verdict,
        becomes="" if becomes is None else classes[becomes],
    )


# -- swaps ---------------------------------------------------------------------------------------------------------


def _targets(flow: TransformFlow, level: float) -> dict[int, int]:
    """Class -> the other class that most of it has moved to."""
    found = {}
    for c, row in enumerate(flow.after):
        n = sum(row)
        to = max((j for j in range(len(row)) if j != c), key=lambda j: row[j])
        # No image was moved there that was not there before: what a network confuses anyway is not the transform's doing.
        moved = row[to] - flow.before[c][to]
        if told_apart(flow, c) and row[to] > n / 2 and wilson(max(0, moved), n, level=level).low >= SWAPPED:
            found[c] = to
    return found


def _circles(targets: dict[int, int], order: int) -> dict[int, int]:
    """Those targets that lead back: in `order` steps, or a divisor of it."""
    closed = {}
    for start in targets:
        at, length = start, 0
        while length < order:
            if at not in targets:
                break
            at, length = targets[at], length + 1
            if at == start:
                break
        if at == start and length and order % length == 0:
            closed[start] = targets[start]
    return closed


def _absorbed(flow: TransformFlow, becomes: dict[int, int]) -> bool:
    """Whether the swaps hang on a class that most of the other classes fall into as well."""
    after = np.array(flow.after, dtype=float)
    shares = after / np.maximum(after.sum(axis=1, keepdims=True), 1)
    for start, to in becomes.items():
        rest = [c for c in range(len(shares)) if c not in (start, to)]
        if len(rest) >= 2 and np.mean(shares[rest, to]) > 0.5:
            return True
    return False


def _label_map(flow: TransformFlow, judged: Sequence[ClassSafety]) -> str:
    """What to declare: the circles, and every class that is not shown to survive."""
    names = [c.name for c in judged]
    becomes = [names.index(c.becomes) if c.becomes else i for i, c in enumerate(judged)]
    spared = [f"!{quoted(c.name)}" for c in judged if c.verdict in ("hurt", "not shown")]
    return f"{flow.name}: {', '.join([*circle_texts(becomes, names), *spared])}"
