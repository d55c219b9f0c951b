"""How a training ends on the screen: the verdict, where things are, what to type next.

Knows nothing about how the verdict was reached.
"""

from __future__ import annotations

import shlex
import signal
from typing import TYPE_CHECKING

from striate.cli.view import View
from striate.core.wording import printable

if TYPE_CHECKING:
    from striate.verbs.run import Run

__all__ = ["show_ending"]


def show_ending(run: Run, view: View) -> int:
    """Show how `run` ended; the exit code: 0, or 128 + the signal that interrupted it."""
    record = run.record
    if record.status == "interrupted":
        done = len(record.history)
        view.say("")
        view.say(
            f"Interrupted after {done} of {record.epochs_planned} epochs; everything is saved. Go on with:"
        )
        view.line("  " + printable(shlex.join(["striate", "resume", str(run.path)])))
        return 128 + int(run.interrupted_by or signal.SIGINT)
    from striate.report.verdict import verdict_text

    view.say("")
    view.say(verdict_text(record, run.data, run.diagnosis).rstrip())
    view.say("")
    rows = [
        ("Report", str(run.path / "report.html")),
        ("Weights", f"{run.best_weights} (epoch {record.best_epoch})"),
        ("Predict", shlex.join(["striate", "predict", str(run.path)]) + " IMAGE"),
    ]
    view.labelled([(label, printable(text)) for label, text in rows])
    return 0
