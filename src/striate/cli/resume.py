"""`striate resume`: go on with a run, shown as its training is.

Knows nothing about how exactness is kept.
"""

from __future__ import annotations

import sys

from striate.cli.arguments import OwnData, RunPath
from striate.cli.ending import show_ending
from striate.cli.view import open_view
from striate.core.run_folder import RunFolder

__all__ = ["resume"]


def resume(run: RunPath, /, *, data: OwnData = None) -> int:
    """Go on with a run that was interrupted."""
    # A wrong path is answered before torch is imported.
    RunFolder.open(run)
    with open_view(sys.stdout) as view:
        with view.task("Loading torch"):
            from striate.verbs.resume import resume as run_on
        return show_ending(run_on(run, data=data, watcher=view, progress=view), view)
