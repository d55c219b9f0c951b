"""`striate val`: score a run, print the figures with their intervals.

Knows nothing about how scores are made.
"""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from striate.cli.arguments import Json, OwnData, RunPath, Tta, Weights
from striate.cli.columns import Cell, table
from striate.cli.view import open_view
from striate.core.records import ClassScore, Score
from striate.core.run_folder import RunFolder
from striate.core.wording import count, interval_percent, percent, printable

__all__ = ["score_text", "val"]

# Enough to see where it fails; --json has them all.
WORST = 8


def val(
    run: RunPath,
    data: Annotated[
        str | None, Parameter(help="other data to score it on; default: the run's own", show_default=False)
    ] = None,
    /,
    *,
    own_data: OwnData = None,
    split: Annotated[
        Literal["train", "val", "test"] | None,
        Parameter(
            help="train, val or test; default: val, or what other data has",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    weights: Weights = None,
    tta: Tta = None,
    json: Json = False,
) -> int:
    """Score a run on its held-out images, or on other data."""
    RunFolder.open(run)
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.augment.views import described
            from striate.verbs.val import val as score_run
        views = "" if tta is None else described(tta)
        score = score_run(run, data, own_data=own_data, split=split, weights=weights, tta=tta, progress=view)
    print(score.to_json() if json else score_text(score, views))
    return 0


def score_text(score: Score, views: str = "") -> str:
    """The score on one screen: accuracy and its interval first, the worst classes last. views: what was averaged over."""
    lines = [
        f"{score.split}{' with ' * bool(views)}{views}: accuracy {percent(score.accuracy)} ({100 * score.interval.level:.0f} % interval "
        f"{interval_percent(score.interval)}), {score.correct:,} of {count(score.n, 'image')}",
        f"loss {score.loss:.4f}, calibration error {percent(score.ece)}, "
        f"balanced accuracy {percent(score.balanced_accuracy)}, top-5 {percent(score.top5)}",
    ]
    seen = [c for c in score.classes if c.n]
    worst = sorted(seen, key=lambda c: (c.recall, c.name))[:WORST]
    rows = [_class_row(c, score) for c in worst]
    head = ["class", "recall", "interval", "precision", "images", "most taken for"]
    title = "Classes, worst first" if len(worst) == len(seen) else f"The {WORST} worst of {len(seen)} classes"
    return "\n".join([*lines, "", title, *table(head, rows, right={1, 2, 3, 4})])


def _class_row(c: ClassScore, score: Score) -> list[Cell]:
    number = next(i for i, other in enumerate(score.classes) if other.name == c.name)
    wrong = [(n, j) for j, n in enumerate(score.confusion[number]) if j != number and n]
    taken = ""
    if wrong:
        n, j = max(wrong, key=lambda pair: (pair[0], -pair[1]))
        taken = f"{score.classes[j].name} ({n})"
    return [
        printable(c.name),
        percent(c.recall),
        interval_percent(c.recall_interval),
        percent(c.precision),
        f"{c.n:,}",
        printable(taken),
    ]
