"""`striate compare`: two finished runs class by class, and which the second one hurts.

Nothing is trained and nothing is written: the answers are those that each run kept. Knows nothing about torch.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from striate.core.comparison_records import Comparison
from striate.core.errors import nearest
from striate.core.wording import count, printable
from striate.diagnosis.comparing import Arm, compare_arms
from striate.report.circumstances import PLACES
from striate.report.predictions import read_predictions
from striate.verbs.errors import NotComparable, NotFinished
from striate.verbs.run import Run

__all__ = ["compare"]

_STATUS = {"running": "still training", "interrupted": "interrupted", "failed": "failed"}


def compare(run_a: str | Path | Run, run_b: str | Path | Run) -> Comparison:
    """How `run_b` differs from `run_a` for each class, on test where both were scored on it, else on val.

    Recalls and accuracies are shares with Wilson intervals, differences are B minus A with Newcombe's. Where both runs kept
    answers on the same images these are compared in pairs. A class is hurt or helped at a level that allows for the number
    of classes; see `striate.diagnosis.comparing`. Raises NoSuchRun, NotFinished, NotComparable, RunDamaged, NewerVersion.

    >>> found = striate.compare("runs/train/plain", "runs/train/flipped")           # doctest: +SKIP
    >>> [c.name for c in found.hurt]                                                # doctest: +SKIP
    ['2', '5']
    """
    a, b = _arm(run_a), _arm(run_b)
    if a.name == b.name and a.path != b.path:
        a, b = replace(a, name=a.path), replace(b, name=b.path)
    _check_classes(a, b)
    return compare_arms(a, b, _split(a, b))


def _arm(given: str | Path | Run) -> Arm:
    run = given if isinstance(given, Run) else Run(given)
    record = run.record
    if record.status != "finished":
        raise NotFinished(
            "this run has not ended, so it has no answers to compare",
            where=run.path,
            got=f"{_STATUS[record.status]} after {count(len(record.history), 'epoch')} of {record.epochs_planned}",
            next_step=f"striate resume {shlex.quote(str(run.path))}",
        )
    data, path = run.data, run.path.resolve()
    return Arm(
        name=path.name,
        path=str(path),
        run=record,
        data=data,
        settings={name: value for name, value in run.recipe.to_dict().items() if name not in PLACES},
        answers=read_predictions(run.folder, record, data.classes),
    )


def _check_classes(a: Arm, b: Arm) -> None:
    only_a = [name for name in a.data.classes if name not in set(b.data.classes)]
    only_b = [name for name in b.data.classes if name not in set(a.data.classes)]
    if not only_a and not only_b:
        return
    close = next(((name, *found) for name in only_b if (found := nearest(name, only_a, 1))), None)
    raise NotComparable(
        "the two runs tell other classes apart",
        where=b.path,
        got="; ".join(
            f"only in {arm}: {_some(names)}" for arm, names in (("A", only_a), ("B", only_b)) if names
        ),
        expected="the same classes in both",
        next_step=f"is {printable(close[0])} the class {printable(close[1])}? One name for both, and train again"
        if close
        else "compare runs on the same data",
    )


def _some(names: list[str]) -> str:
    """The first five, and how many more."""
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(printable(name, 40) for name in names[:5]) + more


def _split(a: Arm, b: Arm) -> str:
    """Test where both have answers on it, else val."""
    for split in ("test", "val"):
        if split in a.answers and split in b.answers:
            return split
    raise NotComparable(
        "there is no split that both runs were scored on",
        where=b.path,
        got="; ".join(f"{arm}: {', '.join(found.answers) or 'none'}" for arm, found in (("A", a), ("B", b))),
        expected="test or val in both",
        next_step="train both with --val-split or --test-split",
    )
