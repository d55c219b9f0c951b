"""Arguments that several verbs share: a run, its weights, where a table goes.

Knows nothing about the verbs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

__all__ = ["Json", "OwnData", "RunPath", "Tta", "Weights"]

RunPath = Annotated[
    str, Parameter(help="a run folder such as runs/train/photos, or a file in it", show_default=False)
]

OwnData = Annotated[
    str | None,
    Parameter(
        name="--data",
        help="where the run's own data lies now, if it has moved",
        metavar="PATH",
        show_default=False,
    ),
]

Weights = Annotated[
    Literal["best", "last"] | None,
    Parameter(
        help="which weights of the run: best or last [best, or the file that RUN names]",
        metavar="NAME",
        show_default=False,
    ),
]

Tta = Annotated[
    str | None,
    Parameter(
        help="average over views of each image that keep its label: flip, vflip, rot180, rot90, shift, joined by +",
        metavar="VIEWS",
        show_default=False,
    ),
]

Json = Annotated[bool, Parameter(help="print JSON", negative=(), show_default=False)]
