"""Which pictures a run folder has to show: images/index.json, read back and added to.

Knows nothing about how a picture is made or drawn on a page.
"""

from __future__ import annotations

from typing import Any

from striate.core.run_folder import RunFolder
from striate.data.dataset import Dataset
from striate.training import outcome
from striate.training.run_files import read_observation

__all__ = ["pictures_of", "show_suspects"]


def pictures_of(folder: RunFolder) -> dict[str, Any]:
    """images/index.json as it was written at the start; without pictures where it has been damaged since."""
    try:
        shown = folder.read_json("images/index.json")
    except (OSError, ValueError):
        shown = None
    return shown if isinstance(shown, dict) else {"mistakes": [], "augmented": [], "strips": []}


def show_suspects(folder: RunFolder, dataset: Dataset, shown: dict[str, Any]) -> None:
    """Pictures of the training images whose labels others contradict, where any were found."""
    seen = read_observation(folder)
    if seen is not None and seen.data is not None and seen.data.agreement is not None:
        shown["suspects"] = outcome.write_suspects(folder, dataset, seen.data.agreement.suspects)
        folder.write_json("images/index.json", shown)
