"""The first layer's kernels as a sheet, beside those at initialisation and noise.

Knows nothing about networks.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from striate.core.network_findings import FilterFinding
from striate.core.network_records import Difference, FilterGroup
from striate.core.wording import printable
from striate.report.picture_files import BLUE, BROWN, DPI, GREY, dress, note, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_filter_sheet"]

COLOURS = {"network": BLUE, "initial": BROWN, "noise": GREY}
WORDS = {"network": "this network", "initial": "at initialisation", "noise": "noise of equal norm"}
# Kernels shown; the commonest first layers have 16 to 96. Beyond, every so many are shown, best to worst.
MOST = 144
SIDE = 16


def write_filter_sheet(finding: FilterFinding, sheet: NDArray[np.float64], folder: Path) -> tuple[Path, Path]:
    """Write filters.png and filters.svg. `sheet` is (O, kh, kw, C) in [0, 1], C 1 or 3, in the order of the record."""
    return save_figure(_figure(finding, sheet), folder, "filters")


def _figure(finding: FilterFinding, sheet: NDArray[np.float64]) -> Figure:
    from matplotlib.figure import Figure

    record = finding.filters
    figure = Figure(figsize=(12, 6.2), dpi=DPI, layout="constrained")
    rows = ["gabor", "orientation"] if record.gabor else ["orientation"]
    panels: dict[str, Any] = figure.subplot_mosaic([["sheet", row] for row in rows], width_ratios=(1.25, 1))
    ranks = record.groups[0].r2 or record.groups[0].concentration
    what = "Gabor fit" if record.groups[0].r2 else "orientation"
    _sheet(panels["sheet"], sheet, ranks, what)
    if record.gabor:
        title = "R² of the best Gabor function" + _said(record.gabor)
        _curves(panels["gabor"], title, "R²", record.groups, "r2")
    title = "energy in one orientation" + _said(record.concentration)
    _curves(panels["orientation"], title, "concentration", record.groups, "concentration")
    h, w = record.kernel_size
    subject = finding.subject
    heading = f"{printable(subject.network, 50)}, layer {printable(record.layer, 40)}: {record.kernels} kernels of {h}x{w}"
    reason = f"\nno Gabor fit: {record.reason}" if record.reason else ""
    note(
        figure,
        heading,
        f"{printable(subject.weights, 90)}; initial kernels: {record.initial_from}. "
        f"Curves: share of kernels at or below a value.{reason}",
    )
    return figure


def _said(difference: Difference | None) -> str:
    if difference is None:
        return ""
    i = difference.interval
    return f"\nmedian over noise {difference.value:+.2f}, 95 % interval {i.low:+.2f} to {i.high:+.2f}"


def _sheet(panel: Axes, sheet: NDArray[np.float64], ranks: tuple[float, ...], what: str) -> None:
    """Kernels in rows, best first, with a gap of one pixel between them."""
    order = np.argsort([-r if math.isfinite(r) else math.inf for r in ranks], kind="stable")
    if len(order) > MOST:
        order = order[np.linspace(0, len(order) - 1, MOST).round().astype(int)]
    # Each weight as a square of several dots, so that the gaps can be thin.
    dots = max(1, round(SIDE / sheet.shape[1]))
    shown = sheet[order].repeat(dots, axis=1).repeat(dots, axis=2)
    n, h, w, channels = shown.shape
    columns = math.ceil(math.sqrt(n * 1.25 * h / w))
    rows = math.ceil(n / columns)
    gap = max(1, round(h / 8))
    page = np.ones((rows * (h + gap) - gap, columns * (w + gap) - gap, 3))
    for k, kernel in enumerate(shown):
        top, start = (k // columns) * (h + gap), (k % columns) * (w + gap)
        page[top : top + h, start : start + w] = kernel if channels == 3 else kernel.repeat(3, axis=2)
    panel.imshow(page, interpolation="nearest")
    panel.set_xticks([])
    panel.set_yticks([])
    panel.spines[["top", "right", "left", "bottom"]].set_visible(False)
    more = f", {n} of {len(ranks)}" if n < len(ranks) else ""
    panel.set_title(
        f"kernels, by {what}, highest first{more}\ngrey is zero, each scaled by its own largest weight",
        loc="left",
        fontsize=11,
    )


def _curves(panel: Axes, title: str, axis: str, groups: tuple[FilterGroup, ...], which: str) -> None:
    """Empirical distribution of each group, its median marked."""
    for group in groups:
        values: Any = np.sort([v for v in getattr(group, which) if math.isfinite(v)])
        if not len(values):
            continue
        shares = np.arange(1, len(values) + 1) / len(values)
        median = float(np.median(values))
        label = f"{WORDS[group.name]}, median {median:.2f}"
        panel.step(
            np.r_[0.0, values], np.r_[0.0, shares], where="post", color=COLOURS[group.name], label=label
        )
        panel.plot([median], [0.5], "o", color=COLOURS[group.name], markersize=5)
    dress(panel, title, axis, "share of kernels")
    panel.set_xlim(0, 1)
    panel.set_ylim(0, 1.02)
    if panel.lines:
        panel.legend(frameon=False, loc="best", fontsize=8.5)
