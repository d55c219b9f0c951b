"""`striate lr-find`: the learning-rate range test as a small chart and a sentence.

Knows nothing about training.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from striate.cli.flags import settings_from, with_recipe_flags
from striate.cli.view import open_view

if TYPE_CHECKING:
    from striate.verbs.lr_find import LrFinding

__all__ = ["chart", "lr_find"]

WIDTH, HEIGHT = 64, 10

# Nothing is written and no rate is followed, so these decide nothing here.
MEANINGLESS = (
    "lr",
    "sched",
    "warmup_epochs",
    "epochs",
    "patience",
    "ema",
    "project",
    "name",
    "exist_ok",
    "save_every",
)


@with_recipe_flags(hidden=MEANINGLESS)
def lr_find(data: str | None = None, **flags: Any) -> int:
    """Measure a good learning rate; leaves no trace."""
    settings = settings_from({"data": data, **flags})
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.lr_find import lr_find as find
        source, model = settings.pop("data", "digits"), settings.pop("model", "auto")
        finding = find(source, model=model, progress=view, **settings)
    print("\n".join([*chart(finding), "", finding.sentence]))
    return 0


def chart(finding: LrFinding) -> list[str]:
    """The smoothed loss over the learning rate (logarithmic), one dot a column; the suggestion is marked below."""
    if len(finding.lr) < 2:
        return []
    low, high = math.log10(finding.lr[0]), math.log10(finding.lr[-1])
    # Past twice the first loss the curve only says that training broke, and would flatten what matters.
    losses = [min(loss, 2 * finding.loss[0]) for loss in finding.loss]
    bottom, top = min(losses), max(losses)
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for rate, loss in zip(finding.lr, losses, strict=True):
        x = round((WIDTH - 1) * (math.log10(rate) - low) / (high - low))
        y = round((HEIGHT - 1) * (top - loss) / (top - bottom)) if top > bottom else HEIGHT - 1
        grid[y][x] = "•"
    labels = {0: f"{top:.2f}", HEIGHT - 1: f"{bottom:.2f}"}
    lines = [f"{labels.get(y, ''):>8} {''.join(line)}".rstrip() for y, line in enumerate(grid)]
    place = round((WIDTH - 1) * (math.log10(finding.suggestion) - low) / (high - low))
    axis = f"{finding.lr[0]:.0e}".ljust(WIDTH - 6) + f"{finding.lr[-1]:.0e}"
    return ["    loss", *lines, " " * (9 + min(max(place, 0), WIDTH - 1)) + "^", " " * 9 + axis + "  lr"]
