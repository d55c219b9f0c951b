"""What an audit of augmentation comes to, in words: headline, groups, commands.

Knows nothing about pages or terminals.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from striate.core.augment_records import AugmentationFinding, TransformSafety
from striate.core.comparison_records import Difference
from striate.core.label_text import circle_texts
from striate.core.wording import count, interval_percent, percent, printable, signed_points

__all__ = [
    "GROUPS",
    "change_interval",
    "command",
    "declared_command",
    "grouped",
    "headline",
    "swap_texts",
    "weak_probes",
]

GROUPS = {
    "keep": (
        "Keep",
        "every class with images enough is still recognised, or is once the transform was learnt",
    ),
    "swap": ("Swap", "some classes become others: declare a label map"),
    "drop": ("Drop", "some classes are no longer recognised"),
    "not shown": ("Not shown", "too few images, or a network that recognises too little"),
    "no effect": ("No effect", "no pixel of these images changes"),
}
"""Verdict -> its heading and what it means, in the order of the page and of the table."""
NAMED = 4


def grouped(finding: AugmentationFinding) -> list[tuple[str, list[TransformSafety]]]:
    """The transforms by verdict, empty groups left out; inside a group as they were judged."""
    groups = [(verdict, [t for t in finding.transforms if t.verdict == verdict]) for verdict in GROUPS]
    return [(verdict, some) for verdict, some in groups if some]


def headline(finding: AugmentationFinding) -> str:
    """One line: how many keep every label, which swap, which to drop. Without a full stop."""
    groups = dict(grouped(finding))
    n = len(finding.transforms)
    if set(groups) <= {"not shown", "no effect"}:
        return f"Nothing is shown about {count(n, 'transform')}"
    kept, unshown, idle = (len(groups.get(v, [])) for v in ("keep", "not shown", "no effect"))
    parts = [f"{kept} of {count(n, 'transform')} {'keeps' if kept == 1 else 'keep'} every label"]
    if not kept:
        parts = [f"None of {count(n, 'transform')} is shown to keep every label"]
    if n == 1:
        parts = [f"{finding.transforms[0].transform} keeps every label"] if kept else []
    parts += [f"{t.transform} swaps {_listed(swap_texts(t))}" for t in groups.get("swap", [])]
    if drop := groups.get("drop"):
        parts.append(
            f"{_listed([t.transform for t in drop])} {'hurts' if len(drop) == 1 else 'hurt'} classes"
        )
    parts += [f"{unshown} {'is' if unshown == 1 else 'are'} not shown"] if unshown else []
    parts += [f"{idle} {'changes' if idle == 1 else 'change'} nothing"] if idle else []
    return printable("; ".join(parts))


def weak_probes(finding: AugmentationFinding) -> list[str]:
    """For each network that recognises too little: how much, and that it shows nothing."""
    return [
        f"The model is at {percent(p.accuracy)}"
        + (f" ({interval_percent(p.interval)} of {p.n:,} images)" if p.n else " (no image was held out)")
        + f", trained {_with(p.policy)}: what it would have judged is not shown."
        for p in finding.probes
        if not p.enough
    ]


def _with(policy: str) -> str:
    return "on images as they are" if policy == "none" else f"with --augment {printable(policy)}"


def swap_texts(safety: TransformSafety) -> list[str]:
    """``6<->9`` for each pair, ``a->b->c->d->a`` for each circle, as a label map writes them."""
    names = [c.name for c in safety.classes]
    place = {name: i for i, name in enumerate(names)}
    becomes = [place[c.becomes] if c.verdict == "swapped" else i for i, c in enumerate(safety.classes)]
    return circle_texts(becomes, names)


def command(finding: AugmentationFinding) -> str:
    """The command that trains with the suggested policy, quoted for a POSIX shell."""
    return _train(finding.source, finding.policy)


def declared_command(finding: AugmentationFinding) -> str:
    """The same with the transforms that swap classes added and their label maps declared; empty where there are none."""
    swaps = [t for t in finding.transforms if t.verdict == "swap" and t.label_map]
    if any(t.name == "rot90" for t in swaps):  # two quarter turns are half a turn
        swaps = [t for t in swaps if t.name != "rot180"]
    if not swaps:
        return ""
    terms = [finding.policy] if finding.policy != "none" else []
    policy = "+".join([*terms, *(t.transform for t in swaps)])
    return _train(finding.source, policy, "; ".join(t.label_map for t in swaps))


def change_interval(change: Difference) -> str:
    """``-5.6 to +0.3``, in percentage points."""
    return f"{signed_points(change.low)} to {signed_points(change.high)}"


def _train(source: str, policy: str, label_map: str = "") -> str:
    words = ["striate", "train", source, "--augment", policy]
    return printable(shlex.join([*words, *(("--label-map", label_map) if label_map else ())]))


def _listed(names: Sequence[str]) -> str:
    """The first few, and how many more: ``a, b and c``."""
    more = len(names) - NAMED
    if more > 1:
        return f"{', '.join(names[:NAMED])} and {more} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
