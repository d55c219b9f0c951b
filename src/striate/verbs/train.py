"""`striate train`: a folder of images in, a trained classifier and a report out.

Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from striate.augment import policy
from striate.core.atomic import writing
from striate.core.progress import SILENT, Progress
from striate.core.run_folder import RunFolder
from striate.data.prepare import Dataset, prepare
from striate.models import catalogue
from striate.training.assemble import assemble_job, build_model, check_output, own_randomness
from striate.training.precision import trusted
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.watchers import SILENT_WATCHER, Watcher
from striate.verbs.run import Run
from striate.verbs.session import Session

__all__ = ["prepare_for", "train"]


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
    source = str(data) if isinstance(data, str | Path) else f"<{type(data).__name__}>"
    recipe = Recipe.make({**settings, "data": source, "model": named})
    # Typos and a folder that cannot be written should be known before the pictures are decoded, not after.
    if module is None and recipe.model != "auto":
        catalogue.defaults(recipe.model)
    if recipe.augment != "auto":
        policy.parse(recipe.augment)
    with writing(Path(recipe.project)):
        Path(recipe.project).mkdir(parents=True, exist_ok=True)
    dataset = prepare_for(recipe, data, progress)
    job = assemble_job(recipe, dataset)
    with own_randomness(recipe.deterministic, job.choice):
        network = module if module is not None else build_model(job)
        check_output(network, job)
        job = trusted(job, network, asked=recipe.precision)
        folder = RunFolder.create(Path(recipe.project), recipe.name or dataset.name, recipe.exist_ok)
        with folder.locked():
            folder.clear()
            folder.write_text("args.yaml", job.recipe.to_yaml())
            session = Session(
                folder=folder,
                job=job,
                model=network,
                command=command or f"striate.train({source!r}, model={named!r}, **{settings!r})",
                watcher=watcher,
                progress=progress,
            )
            signal = session.run()
    return Run(folder.path, model=module, interrupted_by=signal)


def prepare_for(recipe: Recipe, data: Any, progress: Progress) -> Dataset:
    """The data set as `recipe` wants it: scanned, decoded, split."""
    return prepare(
        data,
        img_size=recipe.img_size,
        channels=recipe.channels,
        resize=recipe.resize,
        val_split=recipe.val_split,
        test_split=recipe.test_split,
        seed=recipe.seed,
        on_bad=recipe.on_bad,
        memory_budget=recipe.memory_budget,
        cache_dir=recipe.cache_dir,
        data_dir=recipe.data_dir,
        workers=recipe.workers,
        progress=progress,
    )
