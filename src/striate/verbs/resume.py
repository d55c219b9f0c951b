"""`striate resume`: go on where a run stopped, to the same bits.

Knows nothing about terminals.
"""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import Any

from torch import nn

from striate.core.atomic import advising
from striate.core.progress import SILENT, Progress
from striate.core.records import RunRecord
from striate.core.run_folder import RunFolder
from striate.data.listing import SPLITS
from striate.data.prepare import Dataset
from striate.data.splits import read_splits
from striate.training.assemble import assemble_job, build_model, own_randomness
from striate.training.checkpoint import started
from striate.training.errors import DataChanged, ModelNeeded, NothingToResume, RunDamaged
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.run_files import read_data, read_recipe, read_run
from striate.training.watchers import SILENT_WATCHER, Watcher
from striate.verbs.own_data import own_data, recipe_name
from striate.verbs.report import report
from striate.verbs.run import Run
from striate.verbs.session import Session

__all__ = ["check_unchanged", "resume"]

# Names of changed files shown in the error; the counts tell the rest.
SHOWN = 3


@advising(refused="make the run folder writable, or copy it to where you may write and resume the copy")
def resume(
    run: str | Path | Run,
    *,
    model: nn.Module | None = None,
    data: Any = None,
    watcher: Watcher = SILENT_WATCHER,
    progress: Progress = SILENT,
) -> Run:
    """Continue `run` from its newest whole checkpoint; on a CPU its final weights are the uninterrupted run's.

    To the bit with the torch, the precision and the number of threads it began with: threads are put back, and what differs
    otherwise is said. Edited settings are refused (RecipeChanged). model, data: the same Python objects as before, for a run that was given objects; `data` is also the path at
    which the data lies now, if it has moved, and the run remembers it. Raises NothingToResume, DataChanged (with what
    changed), ModelNeeded, DataNeeded, RunBusy, CheckpointDamaged, NewerVersion.
    """
    folder = run.folder if isinstance(run, Run) else RunFolder.open(run)
    with folder.locked():
        recipe = read_recipe(folder)
        before = _record_so_far(folder, progress)
        if before is not None and before.status == "finished":
            return _finish_report(folder, before)
        if recipe.model.startswith(PYTHON_MODEL) and model is None:
            raise _model_needed(folder, recipe)
        recipe, dataset = _with_data(folder, recipe, data, progress)
        job = assemble_job(recipe, dataset)
        with own_randomness(recipe.deterministic, job.choice):
            network = (
                model if model is not None else build_model(job, fresh=not started(folder / "checkpoints"))
            )
            session = Session(
                folder=folder,
                job=job,
                model=network,
                command=before.command if before else f"striate resume {folder.path}",
                watcher=watcher,
                progress=progress,
                before=before,
            )
            signal = session.run()
    return Run(folder.path, model=model, interrupted_by=signal)


def _model_needed(folder: RunFolder, recipe: Recipe) -> ModelNeeded:
    return ModelNeeded(
        "this run's network was a Python object",
        where=folder.path,
        got=recipe.model.removeprefix(PYTHON_MODEL),
        next_step="from Python: striate.resume(run, model=the_same_module)",
    )


def _record_so_far(folder: RunFolder, progress: Progress) -> RunRecord | None:
    """run.json; None where it is not there, or is damaged and a checkpoint is there to write it again from."""
    if not (folder / "run.json").exists():
        return None
    try:
        return read_run(folder)
    except RunDamaged as error:
        if not started(folder / "checkpoints"):
            error.next_step = "no checkpoint is there to go on from: start a new run"
            raise
        progress.say("run.json cannot be read; it is written again from the newest checkpoint.")
        return None


def _with_data(folder: RunFolder, recipe: Recipe, data: Any, progress: Progress) -> tuple[Recipe, Dataset]:
    """The run's own data, and the recipe that names the place where it was found."""
    dataset = own_data(
        folder,
        recipe,
        data,
        progress,
        typed="striate resume RUN --data PATH",
        called="striate.resume(run, data=the_same_data)",
    )
    check_unchanged(folder, dataset)
    if data is not None and recipe.data != recipe_name(data):
        recipe = recipe.but(data=recipe_name(data))
        folder.write_text("args.yaml", recipe.to_yaml())
    return recipe, dataset


def _finish_report(folder: RunFolder, record: RunRecord) -> Run:
    """A run killed while its report was drawn lacks only that; any other finished run has nothing to resume."""
    page = folder / "report.html"
    if page.exists() and page.stat().st_mtime_ns >= (folder / "run.json").stat().st_mtime_ns:
        raise NothingToResume(
            "this run has ended",
            where=folder.path,
            got=f"{len(record.history)} of {record.epochs_planned} epochs"
            + (", stopped early" if record.stopped_early else ""),
            next_step="start a new run; --weights of this one's weights/best.safetensors begins from it",
        )
    report(folder.path)
    return Run(folder.path)


def check_unchanged(folder: RunFolder, dataset: Dataset) -> None:
    """Refuse to continue on other data than the run began with."""
    path = folder / "data.json"
    if not path.exists():
        return
    began = read_data(folder)
    if began.fingerprint != dataset.fingerprint:
        raise DataChanged(
            "the data is not what this run began with",
            where=began.source,
            got=_difference(folder, dataset),
            expected="the same files with the same content in the same classes",
            next_step="put the data back, or start a new run: striate train " + shlex.quote(began.source),
        )


def _difference(folder: RunFolder, dataset: Dataset) -> str:
    """In words: files added, removed, moved to another class or split; else their content."""
    try:
        paths, labels, codes = read_splits(folder / "splits.csv")
    except (OSError, ValueError, csv.Error):
        return "which files changed is not known: the run's splits.csv cannot be read"
    then = {path: (label, SPLITS[code]) for path, label, code in zip(paths, labels, codes, strict=True)}
    now = {
        path: (dataset.classes[label], SPLITS[code])
        for path, label, code in zip(dataset.paths, dataset.labels, dataset.codes, strict=True)
    }
    changes = {
        "added": sorted(now.keys() - then.keys()),
        "removed": sorted(then.keys() - now.keys()),
        "in another class or split": sorted(p for p in now.keys() & then.keys() if now[p] != then[p]),
    }
    lines = [
        f"{len(p)} {what}: {', '.join(p[:SHOWN])}{', ...' if len(p) > SHOWN else ''}"
        for what, p in changes.items()
        if p
    ]
    return "\n".join(lines) or "files of the same names with other content"
