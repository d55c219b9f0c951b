"""What can be wrong with a command line, each with its page in docs/errors.

Knows nothing about settings.
"""

from __future__ import annotations

from striate.core.errors import RecipeError, UsageError

__all__ = ["BadArguments", "RecipeFileUnusable", "UnknownFlag", "UnknownVerb"]


class UnknownVerb(UsageError):
    """The first word after `striate` is not one of its verbs.

    Cause: a typo, or a flag's value that lost its flag.

    Cure: `striate --help` lists the verbs; the error names the nearest one.
    """

    slug = "unknown-verb"


class UnknownFlag(UsageError):
    """A flag has a name that this verb does not know.

    Cause: a typo, or a flag of another verb or another tool.

    Cure: `striate VERB --help` lists the flags; the error names the nearest ones. Dashes and underscores are equal,
    `key=value` works as `--key value`, and the common names of other tools (`imgsz`, `lr0`, `wd`, ...) are understood.
    """

    slug = "unknown-flag"


class BadArguments(UsageError):
    """The words of the command line do not fit the verb.

    Cause: a value is missing after a flag, a flag is given twice, an argument is missing or there is one too many
    (a path with a space in it needs quotes).

    Cure: the error shows how the verb is used.
    """

    slug = "bad-arguments"


class RecipeFileUnusable(RecipeError):
    """The file given with `--config` cannot be read as a recipe.

    Cause: the path is wrong, or the file is not YAML.

    Cure: give an `args.yaml` of a run, or a file of lines such as `epochs: 20`.
    """

    slug = "recipe-file-unusable"
