"""The effective field of a layer beside its theoretical one, on an image and as profiles.

Knows nothing about networks.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from striate.core.network_findings import FieldFinding
from striate.core.network_records import EffectiveField
from striate.core.wording import percent, printable
from striate.report.picture_files import BLUE, BROWN, DPI, GREY, RED, dress, note, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_field_figure"]

Picture = NDArray[np.uint8] | None


def write_field_figure(finding: FieldFinding, picture: Picture, folder: Path, name: str) -> tuple[Path, Path]:
    """Write `name`.png and .svg. `picture` is one of the images, (H, W, C) uint8, or None."""
    return save_figure(_figure(finding, picture), folder, name)


def _figure(finding: FieldFinding, picture: Picture) -> Figure:
    from matplotlib.figure import Figure

    field = finding.field
    energy = np.array(field.energy)
    figure = Figure(figsize=(13, 5.2), dpi=DPI, layout="constrained")
    on_image, heat, profiles = figure.subplots(1, 3, width_ratios=(1, 1.12, 1.25))
    _on_image(on_image, field, energy, picture)
    _heat(figure, heat, field, energy)
    _profiles(profiles, field, energy)
    subject = finding.subject
    place = f"unit ({field.unit[0]}, {field.unit[1]})" if len(field.layer_size) == 3 else "all of it"
    note(
        figure,
        f"{printable(subject.network, 50)}, layer {printable(field.layer, 40)}, {place}: what it sees\n{_sentence(field)}",
        f"energy: squared gradient of the unit by the pixels, mean over {printable(subject.images, 80)}"
        + (", all channels" if field.channel is None else f", channel {field.channel}")
        + f". {printable(subject.weights, 90)}",
    )
    return figure


def _sentence(field: EffectiveField) -> str:
    if not field.pixels:
        return "no pixel moves this unit on these images"
    h, w = field.input_size[1:]
    text = f"{100 * field.held:.0f} % of its energy is in {field.pixels:,} pixels, {percent(field.pixels / (h * w))} of the image"
    if field.theoretical is None:
        return text
    th, tw = field.theoretical
    return f"{text} and {percent(field.share)} of its theoretical field, {th}x{tw}"


def _on_image(panel: Axes, field: EffectiveField, energy: NDArray[np.float64], picture: Picture) -> None:
    """One image; what the unit hardly sees is dimmed, its core and theoretical box are drawn."""
    height, width = energy.shape
    if picture is None:
        panel.imshow(np.full((height, width), 0.85), cmap="gray", vmin=0, vmax=1)
    else:
        shown = picture if picture.shape[2] == 3 else picture.repeat(3, axis=2)
        core = (energy >= _level(field, energy))[..., None] if field.pixels else np.zeros((height, width, 1))
        # Outside of the core half the light, on white: what the unit does not look at fades.
        panel.imshow(np.where(core, shown, 255 - (255 - shown.astype(int)) // 3).astype(np.uint8))
    if field.pixels and energy.max() > energy.min():
        panel.contour(energy, levels=[_level(field, energy)], colors=[RED], linewidths=0.9)
    _box(panel, field, BLUE)
    dashed = "\ndashed: what it could see" if _edges_show(field) else ""
    panel.set_title(
        f"an image, with the {100 * field.held:.0f} % core clear{dashed}", loc="left", fontsize=11
    )
    _frame(panel, energy.shape)


def _edges_show(field: EffectiveField) -> bool:
    """Whether an edge of the theoretical field lies within the image."""
    if field.theoretical is None or field.theoretical_start is None:
        return False
    sides = zip(field.theoretical_start, field.theoretical, field.input_size[1:], strict=True)
    return any(start > 0 or start + size < n for start, size, n in sides)


def _level(field: EffectiveField, energy: NDArray[np.float64]) -> float:
    """The energy of the last pixel that is among those which hold the share."""
    return float(np.sort(energy, axis=None)[::-1][max(0, field.pixels - 1)])


def _box(panel: Axes, field: EffectiveField, colour: str) -> None:
    """The theoretical field; where it exceeds the image the frame cuts it off."""
    from matplotlib.patches import Rectangle

    if field.theoretical is None or field.theoretical_start is None:
        return
    h, w = field.theoretical
    top, left = field.theoretical_start
    panel.add_patch(
        Rectangle(
            (left - 0.5, top - 0.5),
            w,
            h,
            fill=False,
            edgecolor=colour,
            linewidth=1.4,
            linestyle="--",
            clip_on=True,
        )
    )


def _frame(panel: Axes, shape: tuple[int, ...]) -> None:
    panel.set_xlim(-0.5, shape[1] - 0.5)
    panel.set_ylim(shape[0] - 0.5, -0.5)
    panel.tick_params(labelsize=8)


def _heat(figure: Figure, panel: Axes, field: EffectiveField, energy: NDArray[np.float64]) -> None:
    from matplotlib.colors import LogNorm

    peak = float(energy.max())
    if peak > 0:
        # Four decades: below a ten-thousandth of the peak nothing is left of 95 %.
        shown = np.maximum(energy / peak, 1e-4)
        image = panel.imshow(shown, cmap="magma", norm=LogNorm(1e-4, 1), interpolation="nearest")
        bar = figure.colorbar(image, ax=panel, shrink=0.82, pad=0.02)
        bar.set_label("energy, peak = 1", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    _box(panel, field, "white")
    panel.set_title("energy of each pixel", loc="left", fontsize=11)
    _frame(panel, energy.shape)


def _profiles(panel: Axes, field: EffectiveField, energy: NDArray[np.float64]) -> None:
    """Energy of rows and of columns by distance from the centroid, beside a Gaussian of the same spread."""
    for axis, name, colour in ((0, "down", BROWN), (1, "across", BLUE)):
        sums = energy.sum(axis=1 - axis)
        centre, sd = field.centroid[axis], field.sd[axis]
        if not math.isfinite(centre):
            continue
        x = np.arange(len(sums)) - centre
        panel.plot(x, sums, color=colour, linewidth=1.6, label=f"{name}: sd {sd:.1f} px")
        if sd > 0:
            bell = np.exp(-0.5 * (x / sd) ** 2)
            panel.plot(x, bell / bell.sum(), color=colour, linewidth=0.9, linestyle=":")
    if field.theoretical is not None:
        half = field.theoretical[1] / 2
        low, high = panel.get_xlim()
        for end in (-half, half):
            if low <= end <= high:
                panel.axvline(end, color=BLUE, linewidth=1.4, linestyle="--")
        inside = low <= -half or half <= high
        word = "" if inside else ", wider than the image"
        panel.plot(
            [],
            [],
            color=BLUE,
            linewidth=1.4,
            linestyle="--",
            label=f"theoretical: {field.theoretical[1]} px{word}",
        )
    panel.plot([], [], color=GREY, linestyle=":", linewidth=0.9, label="Gaussian of that sd")
    dress(panel, "energy along each axis", "pixels from the centroid", "share of the energy")
    panel.set_ylim(bottom=0)
    panel.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
