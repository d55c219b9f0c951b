"""`striate train`: flags in, `striate.verbs.train` called, progress and verdict shown.

Knows nothing about how training works.
"""

from __future__ import annotations

import sys
from typing import Any

from striate.cli.ending import show_ending
from striate.cli.flags import command_line, settings_from, with_recipe_flags
from striate.cli.view import open_view

__all__ = ["train"]


@with_recipe_flags()
def train(data: str | None = None, **flags: Any) -> int:
    """Train a classifier on a folder of images, and report honestly."""
    # Settings are checked before torch is imported: a typo is answered at once.
    settings = settings_from({"data": data, **flags})
    with open_view(sys.stdout) as view:
        with view.task("Loading torch"):
            from striate.verbs.train import train as run_training
        run = run_training(
            settings.pop("data", "digits"),
            model=settings.pop("model", "auto"),
            watcher=view,
            progress=view,
            command=command_line("train", {"data": data, **flags}),
            **settings,
        )
        return show_ending(run, view)
