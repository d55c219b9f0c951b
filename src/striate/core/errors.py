"""Errors that a person can act on: what, where, got, expected, what to do next.

    StriateError                    anything striate refuses to do, said on one screen
    |- UsageError                   the request itself is off: a typo, an impossible combination (exit 2)
    |  |- RecipeError               a setting of the recipe is unknown, out of range or contradictory
    |  `- ModelError                a network cannot be built, or weights do not fit it
    |- DataError                    the pictures or labels cannot be used as they are (exit 3)
    |- RunFolderError               the run folder is missing, busy, damaged or newer than this striate (exit 4)
    |  `- CheckpointError           no checkpoint in it can be trusted
    |- TrainingError                training itself failed: non-finite loss, out of memory (exit 5)
    `- EnvironmentFailure           disk full, read-only folder, no network, missing library (exit 6)

Each error that users meet is a subclass of a family with a `slug`; the package that raises it defines it
in its own ``errors.py``, and its docstring is its page in ``docs/errors``. This module knows nothing
about images, networks or terminals.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

__all__ = [
    "CheckpointError",
    "DataError",
    "EnvironmentFailure",
    "ModelError",
    "RecipeError",
    "RunFolderError",
    "StriateError",
    "TrainingError",
    "UsageError",
    "all_slugs",
    "nearest",
]


class StriateError(Exception):
    """A refusal, with everything needed to act on it.

    `what` is one short sentence without a full stop. `next_step` tells what to do, as a command where there is
    one. The text of the exception is the whole screen a user sees: no traceback accompanies it.
    """

    slug: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        got: object = None,
        expected: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = None if where is None else str(where)
        self.got = None if got is None else str(got)
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        head = f"{self.what} [{self.slug}]" if self.slug else self.what
        rows = (
            ("where", self.where),
            ("got", self.got),
            ("expected", self.expected),
            ("next", self.next_step),
        )
        return "\n".join([head, *(_row(label, text) for label, text in rows if text)])


def _row(label: str, text: str) -> str:
    """One labelled line; continuation lines are indented under the text."""
    return f"  {label:<9} " + text.replace("\n", "\n" + " " * 12)


class UsageError(StriateError):
    """The request itself is off."""

    exit_code = 2


class RecipeError(UsageError):
    """A setting is unknown, out of range or contradicts another."""


class ModelError(UsageError):
    """A network cannot be built, or weights do not fit it."""


class DataError(StriateError):
    """The pictures or labels cannot be used as they are."""

    exit_code = 3


class RunFolderError(StriateError):
    """The run folder is missing, busy, damaged or newer than this striate."""

    exit_code = 4


class CheckpointError(RunFolderError):
    """No checkpoint in the run folder can be trusted."""


class TrainingError(StriateError):
    """Training itself failed."""

    exit_code = 5


class EnvironmentFailure(StriateError):
    """The machine is in the way: disk, permissions, network, a missing library."""

    exit_code = 6


def all_slugs() -> dict[str, type[StriateError]]:
    """Every slug whose module has been imported, with its class."""
    found: dict[str, type[StriateError]] = {}
    pending: list[type[StriateError]] = [StriateError]
    while pending:
        cls = pending.pop()
        pending.extend(cls.__subclasses__())
        if "slug" in vars(cls) and cls.slug:
            found[cls.slug] = cls
    return dict(sorted(found.items()))


def nearest(name: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """Up to `n` candidates that `name` may have been a typo for, best first.

    Case and the difference between ``-`` and ``_`` are ignored.

    >>> nearest("resnet_18", ["resnet18", "plain-20"])
    ['resnet18']
    """

    def plain(text: str) -> str:
        return text.lower().replace("_", "-")

    by_plain: dict[str, str] = {}
    for candidate in candidates:
        by_plain.setdefault(plain(candidate), candidate)
    # 0.6 is difflib's own default: below it suggestions stop looking like the typo.
    return [by_plain[m] for m in difflib.get_close_matches(plain(name), list(by_plain), n=n, cutoff=0.6)]
