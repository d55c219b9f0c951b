"""What a data set had to leave out, told in one sentence to whoever waits for it.

Counts what was meant to be a sample and is not, wherever that was found: while listing (a row without a file, a name that is no
text) or while decoding. Knows nothing about how it was found.
"""

from __future__ import annotations

import shlex
from collections import Counter

from striate.core.progress import Progress
from striate.core.wording import printable
from striate.data.dataset import Dataset

__all__ = ["left_out", "told"]


def left_out(dataset: Dataset) -> dict[str, int]:
    """How many notices of each kind say `skipped`, most first."""
    kinds = Counter(notice.kind for notice in dataset.notices if notice.action == "skipped")
    return dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))


def told(dataset: Dataset, progress: Progress) -> Dataset:
    """`dataset`, after saying what was left out of it, by reason; nothing is said where nothing was."""
    if kinds := left_out(dataset):
        reasons = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())
        command = shlex.join(["striate", "scan", dataset.source])
        progress.say(f"Skipped: {reasons}. `{printable(command)}` says which and why.")
    return dataset
