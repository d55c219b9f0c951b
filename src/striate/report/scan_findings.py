"""What the scan of the data found, by kind: how often, what was done, examples.

Knows nothing about how files were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from striate.core.records import DataRecord, Notice
from striate.core.wording import count, printable

__all__ = ["NoticeGroup", "notice_groups", "skipped_words"]

# Examples of one kind on the page; scan.csv has all.
EXAMPLES = 8
# What was done, in words, and the order of importance in which kinds are listed.
ACTIONS = {
    "skipped": "skipped",
    "told": "for your attention",
    "used": "used all the same",
    "ignored": "ignored",
}


@dataclass(frozen=True)
class NoticeGroup:
    """All notices of one kind."""

    kind: str
    times: int
    done: str
    grave: bool
    examples: tuple[tuple[str, str], ...]
    """(path, detail) of the first few."""
    more: int


def notice_groups(notices: Sequence[Notice], data: DataRecord) -> tuple[NoticeGroup, ...]:
    """Groups in order of importance: what cost samples first. Without scan.csv the counts of data.json serve."""
    if not notices:
        counted = sorted(data.notices.items(), key=lambda item: (-item[1], item[0]))
        return tuple(NoticeGroup(_plain(kind), n, "", False, (), n) for kind, n in counted if n)
    kinds: dict[str, list[Notice]] = {}
    for notice in notices:
        kinds.setdefault(notice.kind, []).append(notice)
    rank = list(ACTIONS)
    order = sorted(
        kinds, key=lambda kind: (min(rank.index(n.action) for n in kinds[kind]), -len(kinds[kind]), kind)
    )
    return tuple(_group(kind, kinds[kind]) for kind in order)


def _group(kind: str, notices: Sequence[Notice]) -> NoticeGroup:
    actions: Counter[str] = Counter(n.action for n in notices)
    if len(actions) == 1:
        done = ACTIONS[notices[0].action]
    else:
        done = ", ".join(f"{actions[a]:,} {words}" for a, words in ACTIONS.items() if a in actions)
    return NoticeGroup(
        kind=_plain(kind),
        times=len(notices),
        done=done,
        grave="skipped" in actions or "told" in actions,
        examples=tuple(
            (printable(n.path or n.label or n.split), printable(n.detail)) for n in notices[:EXAMPLES]
        ),
        more=max(0, len(notices) - EXAMPLES),
    )


def _plain(kind: str) -> str:
    return printable(kind).replace("-", " ")


def skipped_words(data: DataRecord) -> str:
    """How many unreadable files there were and where most of them; empty when there were none."""
    total = sum(data.skipped)
    if not total:
        return ""
    worst = max(range(len(data.skipped)), key=lambda c: data.skipped[c])
    return (
        f"{count(total, 'unreadable file')} skipped, most in class {printable(data.classes[worst], 40)} "
        f"({data.skipped[worst]:,})."
    )
