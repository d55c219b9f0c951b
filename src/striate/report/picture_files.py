"""A figure as files, PNG and SVG side by side, and the dress that all figures wear.

Drawn with matplotlib's objects alone (no pyplot, hence no global state), imported only when called. Knows nothing about what
a figure shows.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from striate.core.atomic import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BLUE", "BROWN", "DPI", "GREY", "RED", "dress", "new_figure", "note", "save_figure"]

DPI = 110
BLUE, BROWN, GREY, RED = "#2456c7", "#9a5b00", "#7b8087", "#b3261e"
"""The colours of the HTML report."""
GRID = "#e0e0da"


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def save_figure(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``name.png`` and ``name.svg`` in `folder`; equal figures give equal bytes under one version of matplotlib.

    Raises DiskFull or CannotWrite.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    png, svg = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings(), mpl.rc_context({"svg.hashsalt": "striate"}):
        # A name in a script that the font lacks is drawn as boxes; the JSON has it in full.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})
        FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None, "Creator": None})
    paths = folder / f"{name}.png", folder / f"{name}.svg"
    for path, content in zip(paths, (png, svg), strict=True):
        write_atomic(path, content.getvalue())
    return paths


def dress(panel: Axes, title: str, x: str = "", y: str = "") -> None:
    """Title on the left, names of the axes, a quiet grid, no box."""
    panel.set_title(title, loc="left", fontsize=11, parse_math=False)
    panel.set_xlabel(x)
    panel.set_ylabel(y)
    panel.grid(visible=True, color=GRID, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)


def note(figure: Figure, heading: str, below: str) -> None:
    """What the figure is about, at its head, and what it was measured on, at its foot."""
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, parse_math=False)
    # 0.067 inches a character at this size.
    columns = int(figure.get_figwidth() / 0.067)
    below = "\n".join(textwrap.fill(line, columns) for line in below.split("\n"))
    figure.supxlabel(below, x=0.01, ha="left", fontsize=8.5, color=GREY, parse_math=False)
