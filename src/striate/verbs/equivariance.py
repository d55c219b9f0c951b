"""`striate equivariance`: do layers move with the image, and do predictions stay?

Knows nothing about terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from striate.analysis.blocks import layers_with_maps
from striate.analysis.consistency import LARGEST, consistency
from striate.analysis.equivariance import equivariance as measure
from striate.core.network_findings import EquivarianceFinding
from striate.core.network_records import Border
from striate.core.progress import SILENT, Progress
from striate.report.equivariance_figure import write_equivariance_figure
from striate.verbs.looking import Looked, looked_at, place_for, write_finding
from striate.verbs.pictures import Given, pictures_for
from striate.verbs.run import Run
from striate.verbs.subject import Size, load_subject
from striate.verbs.theory import strides_of

__all__ = ["SHIFTS", "equivariance"]

SHIFTS = (1, 2, 3, 4, 5, 6, 7, 8, 16, 32)
"""Pixels to the right: every phase of strides up to 8, and whole steps of 16 and 32. Those beyond a quarter of the image are
left out: little of it would be left to compare."""

SMALL = 64
"""Pixels a side up to which images are cheap."""


@dataclass(frozen=True)
class _Effort:
    """How much is tried, so that a small network on one core ends within half a minute."""

    images: int
    with_layers: int
    """Images for the layers' errors, which hardly differ from image to image; all are used for the prediction."""
    sampled: int | None
    """Shifts for the predictions, None for all."""


THOROUGH, QUICK = _Effort(32, 8, None), _Effort(16, 4, 8)


def equivariance(
    what: str | Path | nn.Module | Run,
    *,
    layers: Sequence[str] | None = None,
    border: Border = "circular",
    shifts: Sequence[int] | None = None,
    largest: int = LARGEST,
    images: Given = None,
    n: int | None = None,
    weights: str | Path | None = None,
    input_size: Size | None = None,
    pretrained: bool = False,
    out: str | Path | None = None,
    progress: Progress = SILENT,
) -> Looked[EquivarianceFinding]:
    """Shift images and compare: ||T f(x) - f(T x)|| / ||f(x)|| of each layer, and whether the top-1 is the same.

    shifts: pixels to the right for the layers. largest: of the shifts under which predictions are compared, down and right.
    border: what enters a shifted image. n: images, by default 32 up to 64 pixels a side, else 16; beyond that size predictions are compared
    under a sample of the shifts. Writes equivariance.png, .svg and .json in `out`
    (``runs/equivariance/NETWORK``). what, weights, input_size, pretrained: see `load_subject`, whose errors are raised, and UnknownLayer,
    LayerUnsuited, InputRefused, CannotWrite.

    >>> striate.equivariance("resnet20").finding.consistency[0].all_pairs       # doctest: +SKIP
    """
    subject = load_subject(what, weights=weights, input_size=input_size, pretrained=pretrained)
    side = min(subject.input_size[1:])
    effort = THOROUGH if side <= SMALL else QUICK
    pictures = pictures_for(subject, images, n=n or effort.images, progress=progress)
    x = pictures.tensor
    names = list(layers) if layers else layers_with_maps(subject.model, x)
    tried = [(0, s) for s in shifts or SHIFTS if s <= side // 4 or shifts]
    with progress.task("Comparing layers"):
        record = measure(
            subject.model,
            x[: effort.with_layers],
            tried,
            layers=names,
            border=border,
            strides=strides_of(subject.model, subject.input_size, names),
        )
    predictions = consistency(
        subject.model, x, largest=largest, sample=effort.sampled, border=border, progress=progress
    )
    finding = EquivarianceFinding(
        subject=looked_at(subject, pictures.origin), layers=record, consistency=(predictions,)
    )
    folder = place_for(subject, "equivariance", out)
    figure = write_equivariance_figure(finding, folder)
    return Looked(finding, (*figure, write_finding(finding, folder, "equivariance")))
