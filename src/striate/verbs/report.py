"""`striate report`: write a run's report again from its records.

Knows nothing about torch.
"""

from __future__ import annotations

from pathlib import Path

from striate.core.atomic import advising
from striate.core.run_folder import RunFolder
from striate.report.figures import write_figures
from striate.report.page import write_report
from striate.report.tables import write_tables
from striate.verbs.judging import keep_judgement, observe
from striate.verbs.run import Run

__all__ = ["report"]


@advising(refused="make the run folder writable, or copy it to where you may write and report on the copy")
def report(run: str | Path | Run) -> Path:
    """Judge `run` again, and write diagnosis.json, results.csv, the figures and report.html from its records; the report's path.

    Equal records give equal bytes. Raises NoSuchRun, RunDamaged, NewerVersion, CannotWrite.
    """
    folder = run.folder if isinstance(run, Run) else RunFolder.open(run)
    keep_judgement(folder, observe(folder))
    write_tables(folder)
    write_figures(folder)
    return write_report(folder)
