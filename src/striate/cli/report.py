"""`striate report`: write a run's report again, print where it is.

Knows nothing about what is in it.
"""

from __future__ import annotations

from striate.cli.arguments import RunPath
from striate.core.wording import printable

__all__ = ["report"]


def report(run: RunPath, /) -> int:
    """Write a run's report again from its records."""
    from striate.verbs.report import report as write

    print(printable(str(write(run))))
    return 0
