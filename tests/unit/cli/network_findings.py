"""Findings made of numbers, and what a verb hands back: for the tests of what is printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from striate.core.network_findings import LookedAt

SUBJECT = LookedAt(
    network="net",
    weights="random weights, seed 0",
    input_size=(3, 32, 32),
    images="4 images of photos",
    normalisation="ImageNet's, assumed",
)
OPENING = """\
Network   net, random weights, seed 0
Input     3x32x32; mean and standard deviation: ImageNet's, assumed
Images    4 images of photos
"""


@dataclass(frozen=True)
class Found:
    """What the verbs hand back."""

    finding: Any
    files: tuple[Path, ...] = (Path("runs/a/net/a.png"), Path("runs/a/net/a.json"))
