"""A picture of layers that should move with the image, and predictions that should stay.

Knows nothing about networks.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from striate.core.network_findings import EquivarianceFinding
from striate.core.network_records import ConsistencyRecord, EquivarianceRecord, LayerEquivariance
from striate.core.wording import percent, printable
from striate.report.picture_files import BLUE, BROWN, DPI, GREY, RED, dress, note, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_equivariance_figure"]

NAME = 24
ENTERS = {"circular": "what left on the other side", "zero": "the mean colour"}


def write_equivariance_figure(finding: EquivarianceFinding, folder: Path) -> tuple[Path, Path]:
    """Write equivariance.png and equivariance.svg."""
    return save_figure(_figure(finding), folder, "equivariance")


def _figure(finding: EquivarianceFinding) -> Figure:
    from matplotlib.figure import Figure

    record, subject = finding.layers, finding.subject
    height = min(14.0, max(5.4, 2.2 + 0.24 * len(record.layers)))
    figure = Figure(figsize=(14, height), dpi=DPI, layout="constrained")
    heat, lines, bars = figure.subplots(1, 3, width_ratios=(1.5, 1.25, 0.75))
    _heat(figure, heat, record)
    _lines(lines, record, height)
    _bars(bars, finding.consistency)
    note(
        figure,
        f"{printable(subject.network, 60)}: does it move with the image?",
        f"||T f(x) - f(T x)|| / ||f(x)||, mean over {record.images} of {printable(subject.images, 80)}; shifts to the right, into the image comes "
        f"{ENTERS[record.border]}. Strides from {record.strides_from}. {printable(subject.weights, 80)}",
    )
    return figure


def _heat(figure: Figure, panel: Axes, record: EquivarianceRecord) -> None:
    """Layers down, shifts across; cells where the shift is no whole number of units are crossed out."""
    layers = record.layers
    values = np.array([[e.everywhere for e in layer.errors] for layer in layers])
    image = panel.imshow(values, cmap="viridis", vmin=0, vmax=max(0.1, _largest(values)), aspect="auto")
    for i, layer in enumerate(layers):
        for j, error in enumerate(layer.errors):
            if error.phase != (0, 0):
                panel.plot([j - 0.18, j + 0.18], [i + 0.22, i - 0.22], color="white", linewidth=0.9)
    shifts = [error.shift for error in layers[0].errors] if layers else []
    panel.set_xticks(range(len(shifts)), [_shift(s) for s in shifts])
    size = 9 if len(layers) <= 30 else 6
    panel.set_yticks(
        range(len(layers)), [printable(v.name, NAME) for v in layers], fontsize=size, parse_math=False
    )
    panel.set_xlabel("shift of the image, pixels")
    panel.set_title("error, all units\nslash: no whole number of strides", loc="left", fontsize=11)
    bar = figure.colorbar(image, ax=panel, pad=0.02, shrink=0.8)
    bar.ax.tick_params(labelsize=8)


def _largest(values: np.ndarray) -> float:
    there = values[np.isfinite(values)]
    return float(there.max()) if len(there) else 1.0


def _shift(shift: tuple[int, int]) -> str:
    return str(shift[1]) if shift[0] == 0 else f"{shift[0]},{shift[1]}"


def _lines(panel: Axes, record: EquivarianceRecord, height: float) -> None:
    """Along the network: interior and border at fair shifts, and everything at the unfair ones."""
    rows = np.arange(len(record.layers))
    drawn = (
        ("interior, whole strides", "interior", True, BLUE, "o"),
        ("border, whole strides", "border", True, BROWN, "s"),
        ("all units, between strides", "everywhere", False, GREY, "|"),
    )
    for label, which, fair, colour, marker in drawn:
        means = [_mean(layer, which, fair) for layer in record.layers]
        panel.plot(means, rows, color=colour, marker=marker, markersize=4, linewidth=1.3, label=label)
    dress(panel, "error by layer, mean over shifts\nno blue dot: every unit sees the edge", "error", "")
    panel.set_yticks(rows, [])
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_xlim(left=-0.02)
    panel.legend(
        frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.6 / (height - 2)), ncols=2
    )


def _mean(layer: LayerEquivariance, which: str, fair: bool) -> float:
    values = [
        getattr(e, which)
        for e in layer.errors
        if (e.phase == (0, 0)) is fair and math.isfinite(getattr(e, which))
    ]
    return float(np.mean(values)) if values else math.nan


def _bars(panel: Axes, records: tuple[ConsistencyRecord, ...]) -> None:
    """Share of agreeing predictions with its interval, for each border."""
    rows: list[tuple[str, float, float, float, str]] = []
    for record in records:
        pairs, steady = record.all_pairs_interval, record.steady_interval
        rows.append(("two shifts\nagree", record.all_pairs, pairs.low, pairs.high, record.border))
        rows.append(("no shift tried\nchanges it", record.steady, steady.low, steady.high, record.border))
    for k, (_, value, low, high, border) in enumerate(rows):
        colour = BLUE if border == "circular" else RED
        panel.bar([k], [value], color=colour, alpha=0.25, width=0.7)
        panel.errorbar(
            [k],
            [value],
            yerr=[[max(0, value - low)], [max(0, high - value)]],
            fmt="o",
            color=colour,
            capsize=4,
        )
        panel.text(k, 0.03, f"{percent(value)}\n{border}", ha="center", fontsize=8, color=colour)
    largest = records[0].largest if records else 0
    dress(panel, f"the prediction under shifts\nof 0 to {largest} px each way", "", "share of images")
    panel.set_xticks(range(len(rows)), [name for name, *_ in rows], fontsize=8.5)
    panel.set_ylim(0, 1.05)
