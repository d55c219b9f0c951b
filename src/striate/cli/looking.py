"""Arguments and lines that the verbs share which look at a network.

Knows nothing about any one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from striate.cli.errors import BadArguments
from striate.core.network_findings import LookedAt
from striate.core.wording import printable

__all__ = [
    "LABEL",
    "Images",
    "InputSize",
    "Layer",
    "Network",
    "Out",
    "Pretrained",
    "Samples",
    "WeightsFile",
    "input_size_from",
    "labelled",
    "opening_lines",
    "where_lines",
]

Network = Annotated[
    str,
    Parameter(
        help="a network by name, a run folder, or file.py:factory (which runs that file)", show_default=False
    ),
]

WeightsFile = Annotated[
    str | None,
    Parameter(
        help=".safetensors, .pt, .pth or .th file of weights; default: random ones, always the same",
        metavar="PATH",
        show_default=False,
    ),
]

InputSize = Annotated[
    str | None,
    Parameter(
        help="channels, height and width, as in 3x224x224; default: what the network was made for",
        metavar="CxHxW",
        show_default=False,
    ),
]

Layer = Annotated[
    str | None,
    Parameter(
        help="name of the layer to look at; default: the convolution that runs last",
        metavar="NAME",
        show_default=False,
    ),
]

Images = Annotated[
    tuple[str, ...],
    Parameter(
        help="image files, or a data set (folder, archive, CSV, name); default: the run's own data, "
        "else crops of two photographs",
        metavar="PATH...",
        consume_multiple=True,
        negative=(),
        show_default=False,
    ),
]

Samples = Annotated[
    int | None,
    Parameter(name=("--samples", "-n"), help="images taken of a data set", metavar="N", show_default=False),
]

Pretrained = Annotated[
    bool,
    Parameter(
        help="published weights of timm or torchvision; may fetch them", negative=(), show_default=False
    ),
]

Out = Annotated[
    str | None,
    Parameter(
        help="folder for the figure and the JSON [runs/VERB/NETWORK]", metavar="DIR", show_default=False
    ),
]

LABEL = 10


def input_size_from(text: str | None) -> tuple[int, int, int] | None:
    """``3x224x192`` -> (3, 224, 192); ``224`` -> (3, 224, 224). Raises BadArguments."""
    if text is None:
        return None
    parts = [part.strip() for part in text.lower().replace(",", "x").split("x")]
    if all(part.isdecimal() and int(part) > 0 for part in parts):
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return 3, numbers[0], numbers[0]
        if len(numbers) == 3:
            return numbers[0], numbers[1], numbers[2]
    raise BadArguments(
        "--input cannot be that",
        got=repr(text),
        expected="channels x height x width: 3x224x224; or 224 for three channels",
    )


def opening_lines(subject: LookedAt) -> list[str]:
    """What was looked at."""
    size = "x".join(map(str, subject.input_size))
    rows = [("Network", f"{subject.network}, {subject.weights}")]
    rows.append(("Input", f"{size}; mean and standard deviation: {subject.normalisation}"))
    if subject.images:
        rows.append(("Images", subject.images))
    return labelled(rows)


def labelled(rows: Sequence[tuple[str, str]]) -> list[str]:
    """``Label     text``."""
    return [f"{label:<{LABEL}}{printable(text)}" for label, text in rows]


def where_lines(files: Sequence[Path]) -> list[str]:
    """Where the figure and the JSON are: one a line, that a terminal makes clickable."""
    return [printable(str(path)) for path in files]
