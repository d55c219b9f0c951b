"""results.png and the confusion matrices, under the names that people look for.

Drawn with matplotlib's objects alone (no pyplot, hence no global state), imported only when called. Knows nothing about
the HTML report, which draws its own.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from striate.core.metrics import wilson
from striate.core.records import EpochRecord, RunRecord, Score
from striate.core.run_folder import RunFolder
from striate.core.wording import percent, printable
from striate.training.run_files import read_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_figures"]

# Up to so many classes a cell carries its count; up to so many an axis carries names.
COUNTED, NAMED = 30, 100
NAME = 18
DPI = 110
# The colours of the HTML report: val, train clean, train as trained.
VAL, CLEAN, TRAINED, WRONG = "#2456c7", "#9a5b00", "#7b8087", "#b3261e"


def write_figures(folder: RunFolder) -> None:
    """Write results.png once an epoch has ended, and the confusion matrices once there is a score.

    Confusions are of test where there is one, else of val. The same record gives the same bytes under one version of
    matplotlib. Raises RunDamaged or NewerVersion.
    """
    run = read_run(folder)
    if run.history:
        _save(folder, "results.png", _results(run))
    score = run.test if run.test and run.test.n else run.val
    if score and score.n:
        counts = np.array(score.confusion, dtype=np.float64)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
        _save(folder, "confusion_matrix.png", _confusion(score, counts, shares, normalized=False))
        _save(folder, "confusion_matrix_normalized.png", _confusion(score, shares, shares, normalized=True))


def _save(folder: RunFolder, name: str, figure: Figure) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    content = io.BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes; the report has it in full.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        FigureCanvasAgg(figure).print_png(content, metadata={"Software": None})
    folder.write_bytes(name, content.getvalue())


def _results(run: RunRecord) -> Figure:
    """2 x 3 panels over epochs."""
    from matplotlib.figure import Figure

    h = run.history
    figure = Figure(figsize=(13, 7), dpi=DPI, layout="constrained")
    panels: Sequence[Axes] = figure.subplots(2, 3).ravel()
    _accuracy(panels[0], run)
    _lines(
        panels[1],
        "loss",
        h,
        ("train as trained", [e.train_loss for e in h], TRAINED),
        ("train clean", [e.clean_loss for e in h], CLEAN),
        ("val", [e.val_loss for e in h], VAL),
    )
    _lines(panels[2], "learning rate", h, ("", [e.lr for e in h], VAL))
    _lines(panels[3], "val: expected calibration error", h, ("", [e.val_ece for e in h], VAL))
    _lines(
        panels[4],
        "gradient norm",
        h,
        ("mean", [e.grad_norm for e in h], VAL),
        ("largest", [e.grad_norm_max for e in h], TRAINED),
    )
    _lines(panels[5], "training images per second", h, ("", [e.images_per_second for e in h], VAL))
    for panel in panels:
        if run.best_epoch:
            panel.axvline(run.best_epoch, color=TRAINED, linewidth=0.8, linestyle=":")
    figure.suptitle(f"{printable(run.model, 60)}: best epoch {run.best_epoch} of {len(h)}", parse_math=False)
    return figure


def _lines(
    panel: Axes, title: str, h: Sequence[EpochRecord], *lines: tuple[str, Sequence[float], str]
) -> None:
    x = [e.epoch for e in h]
    for label, values, colour in lines:
        y = [v if math.isfinite(v) else math.nan for v in values]
        panel.plot(x, y, color=colour, label=label or None, marker="." if len(x) < 3 else None)
    if lines[0][0]:
        panel.legend(frameon=False)
    if title != "accuracy":
        panel.set_ylim(bottom=0.0)
    _dress(panel, title)


def _dress(panel: Axes, title: str) -> None:
    from matplotlib.ticker import MaxNLocator

    panel.set_title(title, loc="left", fontsize=11)
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(visible=True, color="#e0e0da", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)


def _accuracy(panel: Axes, run: RunRecord) -> None:
    h = run.history
    _lines(
        panel,
        "accuracy",
        h,
        ("train as trained", [e.train_accuracy for e in h], TRAINED),
        ("train clean", [e.clean_accuracy for e in h], CLEAN),
        ("val, 95 % interval", [e.val_accuracy for e in h], VAL),
    )
    measured = [e for e in h if e.val_n and math.isfinite(e.val_accuracy)]
    bands = [wilson(round(e.val_accuracy * e.val_n), e.val_n) for e in measured]
    panel.fill_between(
        [e.epoch for e in measured],
        [b.low for b in bands],
        [b.high for b in bands],
        color=VAL,
        alpha=0.16,
        linewidth=0,
    )
    if run.test and run.test.n:
        t = run.test
        error = [[t.accuracy - t.interval.low], [t.interval.high - t.accuracy]]
        panel.errorbar(
            [run.best_epoch],
            [t.accuracy],
            yerr=error,
            fmt="D",
            color="black",
            markersize=5,
            label=f"test {percent(t.accuracy)}",
        )
        panel.legend(frameon=False)


def _confusion(
    score: Score, values: NDArray[np.float64], shares: NDArray[np.float64], *, normalized: bool
) -> Figure:
    """A matrix coloured by shares of its rows; `values` are written in the cells while they are few."""
    from matplotlib.figure import Figure

    k = len(score.classes)
    names = [printable(c.name, NAME) for c in score.classes] if k <= NAMED else []
    size = 10 if k <= COUNTED else 7
    # Inches: a cell of half an inch holds a count, one of a sixth a name; beyond that the figure stops growing.
    cells = max(2.5, 0.5 * k) if k <= COUNTED else min(16.0, 0.16 * k)
    # Margins are set by hand, 0.65 of the type's size a character: fitting 200 labels takes matplotlib seconds.
    margin = 0.7 + 0.65 * size / 72 * max((len(name) for name in names), default=4)
    width, height = margin + cells + 0.3, margin + cells + 0.5
    figure = Figure(figsize=(width, height), dpi=DPI)
    panel = figure.add_axes((margin / width, margin / height, cells / width, cells / height))
    panel.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, interpolation="nearest")
    if names:
        panel.set_xticks(range(k), names, rotation=90, fontsize=size, parse_math=False)
        panel.set_yticks(range(k), names, fontsize=size, parse_math=False)
    if k <= COUNTED:
        _write_cells(panel, values, shares, normalized=normalized)
    what = "shares of each true class" if normalized else "counts"
    panel.set_title(f"{score.split}: {what}" + ("" if k <= NAMED else f", {k} classes by number"), loc="left")
    panel.set_xlabel("predicted")
    panel.set_ylabel("true")
    return figure


def _write_cells(
    panel: Axes, values: NDArray[np.float64], shares: NDArray[np.float64], *, normalized: bool
) -> None:
    for i, j in zip(*np.nonzero(values), strict=True):
        words = f"{values[i, j]:.2f}" if normalized else f"{values[i, j]:.0f}"
        # White type from the middle of the colour scale on.
        colour = "white" if shares[i, j] > 0.5 else WRONG if i != j else "black"
        panel.text(j, i, words, ha="center", va="center", fontsize=8, color=colour)
