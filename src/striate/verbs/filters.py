"""`striate filters`: a network's first kernels, on a sheet and beside their controls.

Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path

from torch import nn

from striate.analysis.filters import filters as judge
from striate.analysis.filters import kernels_of, sheet
from striate.core.network_findings import FilterFinding
from striate.core.progress import SILENT, Progress
from striate.report.filter_sheet import write_filter_sheet
from striate.verbs.looking import Looked, looked_at, place_for, write_finding
from striate.verbs.run import Run
from striate.verbs.subject import Size, load_subject

__all__ = ["filters"]


def filters(
    what: str | Path | nn.Module | Run,
    *,
    layer: str | None = None,
    weights: str | Path | None = None,
    input_size: Size | None = None,
    pretrained: bool = False,
    out: str | Path | None = None,
    progress: Progress = SILENT,
) -> Looked[FilterFinding]:
    """Show and judge the kernels of the first convolution of a network, or of `layer`.

    From 7x7 on each kernel's best Gabor function is fitted, beside the same network at initialisation and noise of equal norm; below,
    the record says why not. Writes filters.png, .svg and .json in `out` (``runs/filters/NETWORK``). what, weights, input_size,
    pretrained: see `load_subject`, whose errors are raised, and UnknownLayer, LayerUnsuited, CannotWrite.

    >>> striate.filters("torchvision/squeezenet1_0", pretrained=True).finding.filters.gabor      # doctest: +SKIP
    """
    subject = load_subject(what, weights=weights, input_size=input_size, pretrained=pretrained)
    record = judge(subject.model, subject.input_size, layer=layer, fresh=subject.fresh, progress=progress)
    finding = FilterFinding(subject=looked_at(subject, ""), filters=record)
    folder = place_for(subject, "filters", out)
    figure = write_filter_sheet(finding, sheet(kernels_of(subject.model, record.layer)), folder)
    return Looked(finding, (*figure, write_finding(finding, folder, "filters")))
