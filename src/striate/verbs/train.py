"""`striate train`: a folder of images in, a trained classifier and a report out.

Knows nothing about terminals.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from torch import nn

from striate.augment import policy
from striate.core.atomic import writing
from striate.core.progress import SILENT, Progress
from striate.core.run_folder import RunFolder, advising_elsewhere
from striate.core.run_place import place_for
from striate.data.class_names import safe_name
from striate.data.dataset import Dataset
from striate.models import catalogue
from striate.training.assemble import assemble_job, build_model, own_randomness
from striate.training.fit import check_fit
from striate.training.precision import trusted
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.watchers import SILENT_WATCHER, Watcher
from striate.verbs.own_data import anchored, prepare_for, recipe_name
from striate.verbs.run import Run
from striate.verbs.session import Session

__all__ = ["train", "train_on"]


def train(
    data: Any = "digits",
    *,
    model: str | nn.Module = "auto",
    watcher: Watcher = SILENT_WATCHER,
    progress: Progress = SILENT,
    command: str | None = None,
    **settings: Any,
) -> Run:
    """Train a classifier on `data` and report honestly; the run as an object.

    data: a folder, archive or CSV path, the name of a known set, arrays (x, y), or a map-style dataset.
    model: a name (see `striate.models.names`) or any nn.Module mapping (N, C, H, W) to logits (N, K); a module
    is trained in place and holds the best weights afterwards. settings: fields of `striate.Recipe`, by
    name or by the synonyms of other tools.

    SIGINT or SIGTERM finishes the step, saves and returns a run whose record says "interrupted". Raises
    StriateError in one of its families.

    >>> run = striate.train("photos/", model="resnet18", epochs=10)     # doctest: +SKIP
    """
    module = model if isinstance(model, nn.Module) else None
    named = PYTHON_MODEL + type(model).__name__ if module is not None else model
    source = str(data) if isinstance(data, str | Path) else recipe_name(data)
    recipe = anchored(Recipe.make({**settings, "data": recipe_name(data), "model": named}))
    # Typos and a folder that cannot be written should be known before the pictures are decoded, not after.
    if module is None and recipe.model != "auto":
        catalogue.defaults(recipe.model)
    if recipe.augment != "auto":
        policy.parse(recipe.augment)
    path = _checked_place(recipe, data)
    return train_on(
        prepare_for(recipe, data, progress),
        recipe,
        module=module,
        path=path,
        command=command or f"striate.train({source!r}, model={named!r}, **{settings!r})",
        watcher=watcher,
        progress=progress,
    )


def train_on(
    dataset: Dataset,
    recipe: Recipe,
    *,
    command: str,
    module: nn.Module | None = None,
    path: Path | None = None,
    watcher: Watcher = SILENT_WATCHER,
    progress: Progress = SILENT,
) -> Run:
    """Train as `train` does, on a data set that is prepared; `path`: where it lies, which no run may be written into."""
    job = assemble_job(recipe, dataset)
    with own_randomness(recipe.deterministic, job.choice):
        network = module if module is not None else build_model(job)
        check_fit(network, job)
        job = trusted(job, network, asked=recipe.precision)
        name = recipe.name or dataset.name
        folder = RunFolder.create(Path(recipe.project), name, recipe.exist_ok, data=path)
        with folder.locked():
            folder.clear()
            folder.write_text("args.yaml", job.recipe.to_yaml())
            session = Session(
                folder=folder,
                job=job,
                model=network,
                command=command,
                watcher=watcher,
                progress=progress,
            )
            signal = session.run()
    return Run(folder.path, model=module, interrupted_by=signal)


def _checked_place(recipe: Recipe, data: Any) -> Path | None:
    """Refuse at once a place where the run cannot be kept, and make the folder that runs stand in; the path of the data."""
    given = Path(data).expanduser() if isinstance(data, str | Path) else None
    path = given if given is not None and os.path.lexists(given) else None
    name = recipe.name or (safe_name(path.resolve().name) if path is not None and path.is_dir() else None)
    project = Path(recipe.project)
    with advising_elsewhere(), writing(project):
        if name is not None:
            place_for(project, name, recipe.exist_ok, path)
        project.mkdir(parents=True, exist_ok=True)
    return path
