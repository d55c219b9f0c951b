"""The verdict in a few plain lines: honest figure, its interval, the diagnosis, what next.

The terminal prints these lines at the end of a run and the report opens with them. Judges nothing itself: the
diagnosis is a record, too. Knows nothing about drawing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from striate.core.diagnosis_records import Diagnosis
from striate.core.diagnosis_words import summary_lines
from striate.core.metrics import wilson
from striate.core.records import DataRecord, Interval, RunRecord
from striate.core.wording import count, interval_percent, percent, printable

__all__ = ["Figure", "best_words", "honest_figure", "majority_share", "status_words", "verdict_text"]

# Names in a sentence are cut here; the report shows them whole elsewhere.
NAME = 60


@dataclass(frozen=True)
class Figure:
    """The accuracy to quote: from test where there is one, else from val, with what to bear in mind."""

    split: str
    accuracy: float
    n: int
    interval: Interval
    caveat: str


def honest_figure(run: RunRecord) -> Figure | None:
    """Test if it was measured; else val of the best weights; else the best epoch so far; None without any."""
    if run.test and run.test.n:
        return Figure(
            "test",
            run.test.accuracy,
            run.test.n,
            run.test.interval,
            "Test images were looked at once, after training; they chose nothing.",
        )
    if run.val and run.val.n:
        return Figure(
            "val",
            run.val.accuracy,
            run.val.n,
            run.val.interval,
            "These val images also chose the epoch, so expect a little less on new ones; "
            "--test-split sets images aside for that.",
        )
    epochs = [
        e for e in run.history if e.epoch == run.best_epoch and e.val_n and math.isfinite(e.val_accuracy)
    ]
    if not epochs:
        return None
    best = epochs[0]
    return Figure(
        "val",
        best.val_accuracy,
        best.val_n,
        wilson(round(best.val_accuracy * best.val_n), best.val_n),
        f"The best epoch so far, by these very val images; {count(run.epochs_planned, 'epoch')} are planned.",
    )


def majority_share(data: DataRecord, split: str) -> float:
    """What always answering the commonest class of `split` would get right; NaN for an empty split."""
    counts = data.counts.get(split, ())
    return max(counts) / sum(counts) if sum(counts) else math.nan


def status_words(run: RunRecord) -> str:
    """How the run stands, when that is anything but finished; empty otherwise."""
    done = f"epoch {len(run.history)} of {run.epochs_planned}"
    if run.status == "running":
        return f"Still training: {done} is done."
    if run.status == "interrupted":
        return f"Interrupted after {done}; `striate resume` goes on from there exactly."
    if run.status == "failed":
        why = (
            printable(run.failure.strip().splitlines()[0])
            if run.failure.strip()
            else "no reason was recorded"
        )
        return f"Failed after {done}: {why}."
    return ""


def best_words(run: RunRecord) -> str:
    """Which epoch's weights are kept, of how many, by which rule."""
    if not run.best_epoch:
        return "No epoch has ended yet, so no weights are kept as best."
    rule = f" ({run.best_rule})" if run.best_rule else ""
    early = " Stopped early: no better epoch for as long as --patience allows." if run.stopped_early else ""
    return f"Best epoch: {run.best_epoch} of {len(run.history)}{rule}.{early}"


def verdict_text(run: RunRecord, data: DataRecord, found: Diagnosis | None) -> str:
    """A few plain lines: figure with interval, its caveat, best epoch, what is wrong, what to do next.

    Without a diagnosis those lines are left out; without any figure the first line says so. Names
    are made printable, so that a class or folder name cannot command the terminal.
    """
    lines = [status_words(run), _figure_line(run, data)]
    figure = honest_figure(run)
    if figure:
        lines += [figure.caveat, best_words(run)]
    if found is not None:
        lines += summary_lines(found)
    return "\n".join(line for line in lines if line)


def _figure_line(run: RunRecord, data: DataRecord) -> str:
    what = f"{printable(run.model, NAME)} on {printable(data.name, NAME)}"
    figure = honest_figure(run)
    if figure is None:
        return f"{what}: no figure yet."
    return (
        f"{what}: {percent(figure.accuracy)} of {count(figure.n, f'{figure.split} image')} right "
        f"(95 % interval {interval_percent(figure.interval)})."
    )
