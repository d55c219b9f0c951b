"""Where in a folder the log lies: known names first, then the nearest, the newest.

Knows nothing about what is in the files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from striate.diagnosis.logs.column_names import is_part_of_a_run

__all__ = ["Candidate", "candidates", "is_event_file"]

# lightning_logs/version_3/metrics.csv and runs/name/host/Loss_train/events... are within this many levels.
DEEPEST = 5
# A folder of images is walked through no further than this.
_MOST_ENTRIES = 50_000

_KNOWN = (
    "results.csv",
    "metrics.csv",
    "history.csv",
    "summary.csv",
    "trainer_state.json",
    "training.csv",
    "training_log.csv",
)
_LIKELY = (
    "log.csv",
    "log.txt",
    "logs.csv",
    "log.json",
    "log.jsonl",
    "history.json",
    "metrics.json",
    "metrics.jsonl",
)
_ENDINGS = (".csv", ".tsv", ".jsonl", ".json", ".txt", ".log")


@dataclass(frozen=True)
class Candidate:
    """Files that may be the log of one run, with what decides between several."""

    paths: tuple[Path, ...]
    place: Path
    """The file, or the folder of several."""
    rank: int
    """0 for a name that a logger uses, 1 for event files, 2 for a likely name, 3 for any table."""
    depth: int
    written: float
    """Seconds since the epoch."""

    @property
    def events(self) -> bool:
        """Whether they are event files."""
        return self.rank == 1


def is_event_file(name: str) -> bool:
    """Whether TensorBoard would read a file of this name."""
    return "tfevents" in name


def candidates(folder: Path) -> list[Candidate]:
    """All files that may be a log, best first: by name, then depth, then the newest; raises OSError for the folder."""
    found: list[Candidate] = []
    events: dict[Path, list[Path]] = {}
    for path, depth in _files(folder):
        name = path.name.lower()
        if is_event_file(name):
            home = path.parent
            if home != folder and is_part_of_a_run(home.name):
                home = home.parent
            events.setdefault(home, []).append(path)
        elif name in _KNOWN:
            found.append(Candidate((path,), path, 0, depth, _written(path)))
        elif name in _LIKELY:
            found.append(Candidate((path,), path, 2, depth, _written(path)))
        elif name.endswith(_ENDINGS):
            found.append(Candidate((path,), path, 3, depth, _written(path)))
    for home, paths in events.items():
        depth = len(home.relative_to(folder).parts)
        place = paths[0] if len(paths) == 1 else home
        found.append(Candidate(tuple(sorted(paths)), place, 1, depth, max(_written(path) for path in paths)))
    return sorted(found, key=lambda one: (one.rank, one.depth, -one.written, _numbers_first(one.paths[0])))


def _numbers_first(path: Path) -> tuple[tuple[int, ...], str]:
    """Of files written in the same second, the one with the highest numbers: version_2 before version_1."""
    return tuple(-int(digits[:15]) for digits in re.findall(r"\d+", str(path))), str(path)


def _written(path: Path) -> float:
    try:
        # Whole seconds: files of one copy differ by less.
        return float(int(path.stat().st_mtime))
    except OSError:
        return 0.0


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Files below a folder with their depth, links to folders not followed; what cannot be listed below it is passed over."""
    level, seen = [folder], 0
    for depth in range(DEEPEST + 1):
        below: list[Path] = []
        for place in level:
            try:
                with os.scandir(place) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                if place == folder:
                    raise
                continue
            for entry in listed:
                seen += 1
                if seen > _MOST_ENTRIES:
                    return
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        below.append(Path(entry.path))
                elif entry.is_file():
                    yield Path(entry.path), depth
        level = below
