"""Which files in a run folder are striate's own, told by name; all others stay.

Knows nothing about what is in the files, but for the words that show a folder to be a run.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

__all__ = ["FILES", "FOLDERS", "holds_a_run", "is_unused", "own_files", "sweep"]

FOLDERS = ("weights", "checkpoints", "images")
# What shows a folder to be a run stands last, and goes last: a kill between two deletions leaves a run that was begun.
FILES = (
    *("data.json", "env.json", "layers.json", "augmentation.json", "report.html", "train_batch0.jpg"),
    *("observation.json", "diagnosis.json"),
    *("scan.csv", "splits.csv", "results.csv", "per_class.csv", "predictions.csv"),
    *("results.png", "confusion_matrix.png", "confusion_matrix_normalized.png"),
    *("run.json", "args.yaml"),
)
_INNER = re.compile(
    r"weights/(best|last)\.safetensors"
    r"|images/(index\.json|(mistake|augmented|strip|suspect)-\d{2,}\.png)"
    r"|checkpoints/epoch-\d{5,}-step-\d{7,}/(state\.safetensors|state\.json|manifest\.json)"
)
# The file that is written beside its place, as write_atomic names it; and a checkpoint's folder before it is whole.
_UNFINISHED = re.compile(r"(?P<folder>(\w+/)?)\.(?P<name>.+)\.[a-z0-9_]{8}\.tmp")
_UNFINISHED_CHECKPOINT = ".epoch-*-step-*.tmp"
# Lines that every recipe has, whatever its version, and the recipes of other tools do not have together.
_RECIPE = ("data:", "model:", "exist_ok:", "save_every:")


def own_files(folder: Path) -> list[Path]:
    """The files in `folder` whose names striate writes, whole ones; what shows that it is a run comes last."""
    inner = [
        path for pattern in ("weights/*", "images/*", "checkpoints/*/*") for path in folder.glob(pattern)
    ]
    return [
        *(path for path in inner if _INNER.fullmatch(path.relative_to(folder).as_posix())),
        *(folder / name for name in FILES if (folder / name).exists() or (folder / name).is_symlink()),
    ]


def sweep(folder: Path) -> None:
    """Remove what a kill left half-written. Only for who holds the lock: another's unfinished file looks the same."""
    for path in _unfinished(folder):
        with contextlib.suppress(OSError):
            path.unlink()
    for path in (folder / "checkpoints").glob(_UNFINISHED_CHECKPOINT):
        shutil.rmtree(path, ignore_errors=True)


def _unfinished(folder: Path) -> list[Path]:
    found = []
    for pattern in (".*.tmp", "weights/.*.tmp", "images/.*.tmp"):
        for path in folder.glob(pattern):
            match = _UNFINISHED.fullmatch(path.relative_to(folder).as_posix())
            if match and (match["name"] in FILES or _INNER.fullmatch(match["folder"] + match["name"])):
                found.append(path)
    return found


def holds_a_run(folder: Path) -> bool:
    """Whether striate made `folder`: its record says so, or its recipe; one of them may be damaged or not yet there."""
    recipe = _text(folder / "args.yaml").splitlines()
    return '"striate_version"' in _text(folder / "run.json") or all(
        any(line.startswith(word) for line in recipe) for word in _RECIPE
    )


def is_unused(folder: Path) -> bool:
    """Whether nothing is in `folder` but what a run that was killed before it began leaves there."""
    left = {folder / ".lock", *_unfinished(folder)}
    return all(
        path in left or (path.name in FOLDERS and path.is_dir() and left.issuperset(path.iterdir()))
        for path in folder.iterdir()
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""
