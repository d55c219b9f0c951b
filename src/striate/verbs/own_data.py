"""A run's own data: named so that it is found from anywhere; asked for where it is not.

Knows nothing about what is done with the data.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from striate.core.progress import Progress
from striate.core.run_folder import RunFolder
from striate.data.dataset import Dataset
from striate.data.errors import NoSuchData
from striate.data.prepare import prepare
from striate.training.recipe import Recipe
from striate.verbs.errors import DataNeeded

__all__ = ["anchored", "own_data", "prepare_for", "recipe_name"]

OBJECT = "<"
"""Begins what a recipe calls data that was given as a Python object."""


def recipe_name(data: Any) -> str:
    """What a recipe calls `data`: the absolute path of what exists, the name of a set, ``<tuple>`` of an object.

    As in `striate.data.sources`, a path that exists goes before a set of that name.
    """
    if not isinstance(data, str | Path):
        return f"{OBJECT}{type(data).__name__}>"
    path = Path(data).expanduser()
    return str(path.absolute()) if os.path.lexists(path) else str(data)


def anchored(recipe: Recipe) -> Recipe:
    """The same recipe with the files it reads by absolute paths: it means the same in whatever folder it is read."""
    paths = {name: getattr(recipe, name) for name in ("weights", "cache_dir", "data_dir")}
    found = {
        name: str(Path(text).expanduser().absolute()) for name, text in paths.items() if text is not None
    }
    return recipe.but(**found)


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


def own_data(
    folder: RunFolder, recipe: Recipe, data: Any, progress: Progress, *, typed: str, called: str
) -> Dataset:
    """What the run in `folder` was trained on: where its recipe says, or `data`, where it lies now or is in memory.

    typed, called: how a person gives `data` on the command line, where RUN is put in, and from Python. Raises DataNeeded, NoSuchData and
    what `prepare` raises.
    """
    if data is not None:
        return prepare_for(recipe, data, progress)
    if recipe.data.startswith(OBJECT):
        raise DataNeeded(
            "this run's data was a Python object",
            where=folder.path,
            got=recipe.data.strip("<>"),
            next_step=f"from Python: {called}",
        )
    try:
        return prepare_for(recipe, recipe.data, progress)
    except NoSuchData as error:
        here = (
            None
            if Path(recipe.data).is_absolute()
            else f"a path from where training began; this is {Path.cwd()}"
        )
        raise NoSuchData(
            "the data of this run is not where it was",
            where=recipe.data,
            got=here or error.got,
            next_step=f"if it lies elsewhere now: {typed.replace('RUN', shlex.quote(str(folder.path)))}",
        ) from error
