"""Which share of a layer's channels is dead, as a map of layers and probes.

Knows nothing about what makes a channel dead, nor about how many are too many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from striate.core.inside_records import ActivationSeries, Inside
from striate.core.wording import count, percent, printable
from striate.report.svg import drawing, element, text

__all__ = ["dead_map"]

ROWS, COLUMNS = 24, 24
"""Layers and probes on the map: of more layers those with the most dead channels, of more probes evenly many."""
CELL, HEIGHT = 24.0, 20.0
NAME = 26
LEFT, TOP, RIGHT = 190.0, 24.0, 74.0


def dead_map(inside: Inside | None) -> Markup:
    """The map, deepest layer last, or nothing where no probe was made or no channel was ever dead."""
    series = [s for s in inside.activations if s.dead] if inside else []
    if inside is None or not any(v > 0 for s in series for v in s.dead):
        return Markup("")
    worst = sorted(series, key=lambda s: (-_last(s), s.depth))[:ROWS]
    shown = sorted(worst, key=lambda s: s.depth)
    steps = inside.probe_step[: len(shown[0].dead)]
    columns = _spread(len(steps))
    right = LEFT + CELL * len(columns)
    parts = [text(LEFT, TOP - 8, f"steps {steps[columns[0]]:,} to {steps[columns[-1]]:,}", class_="tick")]
    for row, s in enumerate(shown):
        parts += _row(s, TOP + row * HEIGHT, columns, steps)
    left_out = len(series) - len(shown)
    label = f"Share of dead channels in {count(len(shown), 'layer')} over {count(len(columns), 'probe')}"
    label += f"; {left_out} with fewer are not shown" if left_out else ""
    return drawing(right + RIGHT, TOP + HEIGHT * len(shown) + 4, label, *parts, class_="heat dead")


def _row(s: ActivationSeries, y: float, columns: Sequence[int], steps: Sequence[int]) -> list[Markup]:
    parts = [text(LEFT - 8, y + 14, printable(s.name, NAME), title=printable(s.name), class_="tick end")]
    for place, i in enumerate(columns):
        share = s.dead[i]
        known = math.isfinite(share)
        cell = element(
            "rect",
            element("title", f"{printable(s.name)}, step {steps[i]:,}: {percent(share)} dead"),
            class_="cell wrong" if known and share > 0 else "cell none",
            x=LEFT + place * CELL + 0.5,
            y=y + 0.5,
            width=CELL - 1,
            height=HEIGHT - 1,
            rx=2.0,
            # The square root keeps a few dead channels visible beside a dead layer.
            fill_opacity=f"{math.sqrt(share):.2f}" if known and share > 0 else None,
        )
        parts.append(cell)
    parts.append(text(LEFT + CELL * len(columns) + 8, y + 14, f"{percent(_last(s))}", class_="tick"))
    return parts


def _last(s: ActivationSeries) -> float:
    return next((v for v in reversed(s.dead) if math.isfinite(v)), 0.0)


def _spread(n: int) -> list[int]:
    """Up to COLUMNS of n places, the first and the last among them."""
    if n <= COLUMNS:
        return list(range(n))
    return sorted({round(i * (n - 1) / (COLUMNS - 1)) for i in range(COLUMNS)})
