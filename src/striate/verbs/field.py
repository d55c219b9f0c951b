"""`striate field`: what a unit of a layer really sees, beside what it could see.

Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path

from torch import nn

from striate.analysis.attribution import last_map
from striate.analysis.effective_field import beside, effective_field
from striate.core.network_findings import FieldFinding
from striate.core.progress import SILENT, Progress
from striate.report.field_figure import write_field_figure
from striate.verbs.looking import Looked, looked_at, place_for, plain_name, write_finding
from striate.verbs.pictures import Given, pictures_for
from striate.verbs.run import Run
from striate.verbs.subject import Size, load_subject
from striate.verbs.theory import theoretical_field

__all__ = ["field"]

IMAGES = 32


def field(
    what: str | Path | nn.Module | Run,
    *,
    layer: str | None = None,
    images: Given = None,
    n: int = IMAGES,
    weights: str | Path | None = None,
    input_size: Size | None = None,
    pretrained: bool = False,
    out: str | Path | None = None,
    progress: Progress = SILENT,
) -> Looked[FieldFinding]:
    """Measure the effective field of the middle unit of `layer`, by default of the convolution that runs last.

    Averaged over `n` images of `images` (see `pictures_for`). Writes LAYER.png, .svg and .json in `out` (``runs/field/NETWORK``).
    what, weights, input_size, pretrained: see `load_subject`, whose errors are raised, and UnknownLayer, LayerUnsuited,
    InputRefused, CannotWrite.

    >>> striate.field("resnet20", layer="layer2.2").finding.field.pixels     # doctest: +SKIP
    """
    subject = load_subject(what, weights=weights, input_size=input_size, pretrained=pretrained)
    pictures = pictures_for(subject, images, n=n, progress=progress)
    with progress.task("Measuring the field"):
        name = layer or last_map(subject.model, pictures.tensor)
        record = effective_field(subject.model, pictures.tensor, name)
        theory = theoretical_field(subject.model, subject.input_size, name, record.unit)
        record = beside(record, theory.size, theory.start)
    finding = FieldFinding(
        subject=looked_at(subject, pictures.origin), field=record, theoretical_from=theory.because
    )
    folder, stem = place_for(subject, "field", out), plain_name(name)
    picture = None if pictures.pixels is None else pictures.pixels[0]
    figure = write_field_figure(finding, picture, folder, stem)
    return Looked(finding, (*figure, write_finding(finding, folder, stem)))
