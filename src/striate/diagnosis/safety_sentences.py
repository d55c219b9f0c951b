"""Verdicts on transforms in a sentence or two.

Knows nothing about how a verdict is reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from striate.core.augment_records import ClassSafety, TransformFlow, TransformSafety
from striate.core.comparison_records import Difference
from striate.core.wording import count, interval_percent, percent, signed_points

__all__ = [
    "doubt_sentence",
    "drop_sentence",
    "keep_sentence",
    "learnt_sentence",
    "merged_sentence",
    "swap_sentence",
    "unsettled_sentence",
]

NAMED = 4
"""Classes named in a sentence; the table has them all."""


def keep_sentence(before: float, after: float) -> str:
    """Accuracy after and before."""
    return f"Recognised as before: {percent(after)}, and {percent(before)} without it."


def unsettled_sentence(change: Difference, harm: float) -> str:
    """Neither kept nor harmed."""
    return (
        f"Accuracy changes by {signed_points(change.estimate)} points ({signed_points(change.low)} to "
        f"{signed_points(change.high)}): too few images to tell it from a loss of {100 * harm:.0f}."
    )


def doubt_sentence(doubted: Sequence[ClassSafety]) -> str:
    """Classes that seem lost, of too few images to show it."""
    worst = sorted(doubted, key=lambda c: c.change.estimate)
    named = [
        f"{c.name} ({percent(c.recall_before)} to {percent(c.recall_after)} of {count(c.n, 'image')})"
        for c in worst[:NAMED]
    ]
    more = f" and {len(worst) - NAMED} more" if len(worst) > NAMED else ""
    return f"It may lose {'; '.join(named)}{more}: too few to be sure."


def merged_sentence(pairs: Sequence[tuple[str, str]]) -> str:
    """Classes that the network takes for others: (class, what it is taken for)."""
    named = ", ".join(f"{name} for {to}" for name, to in pairs[:NAMED])
    more = f" and {len(pairs) - NAMED} more" if len(pairs) > NAMED else ""
    return f"The network takes {named}{more}: whether these change places is not shown."


def swap_sentence(judged: Sequence[ClassSafety]) -> str:
    """What becomes what, and what is lost besides."""
    parts = [
        f"{c.name} becomes {c.becomes} ({percent(c.flows[0].after)}, {interval_percent(c.flows[0].interval)})"
        for c in judged
        if c.verdict == "swapped"
    ]
    lost = [c for c in judged if c.verdict == "hurt"]
    return "; ".join(parts) + "." + (f" {_lost(lost)}" if lost else "")


def drop_sentence(hurt: Sequence[ClassSafety], classes: int) -> str:
    """What is lost."""
    return _lost(hurt) + (" So it goes for every class." if len(hurt) == classes else "")


def _lost(hurt: Sequence[ClassSafety]) -> str:
    worst = sorted(hurt, key=lambda c: c.change.estimate)
    named = []
    for c in worst[:NAMED]:
        to = f", taken for {c.flows[0].to} {percent(c.flows[0].after)}" if c.flows else ""
        named.append(f"{c.name} ({percent(c.recall_before)} to {percent(c.recall_after)}{to})")
    more = f" and {len(hurt) - NAMED} more" if len(hurt) > NAMED else ""
    return f"No longer recognised: {'; '.join(named)}{more}."


def learnt_sentence(
    found: TransformSafety,
    clean: TransformFlow,
    under: TransformFlow,
    lost: Mapping[str, float],
    *,
    safe: bool,
) -> str:
    """What a network that learnt the transform makes of it; `lost`: classes and the recall they lose."""
    n = max(1, sum(map(sum, clean.before)))
    without, with_it, transformed = (_right(c) / n for c in (clean.before, clean.after, under.after))
    learnt = (
        f"one that learnt it recognises {percent(transformed)} of the images so, and {percent(with_it)} of them as they "
        f"are ({percent(without)} without it)"
    )
    if safe:
        return f"Unfamiliar ({signed_points(found.change.estimate)} points) to a network that never saw it; {learnt}."
    worst = min(lost, key=lambda name: lost[name]) if lost else ""
    most = f"; {worst} loses most ({signed_points(lost[worst])} points)" if worst else ""
    return f"{found.sentence} It is not harmless when learnt: {learnt}{most}."


def _right(counts: tuple[tuple[int, ...], ...]) -> int:
    return sum(row[c] for c, row in enumerate(counts))
