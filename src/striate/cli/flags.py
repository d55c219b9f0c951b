"""The recipe as flags: names, types, defaults and help, all read off the recipe.

A flag hands on the text that was typed; the recipe checks it, so that a flag, a key of args.yaml and a keyword of
``striate.train`` meet the same rules and the same words. Knows nothing about torch.
"""

from __future__ import annotations

import inspect
import shlex
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from cyclopts import Group, Parameter
from pydantic.fields import FieldInfo

from striate.cli.errors import RecipeFileUnusable
from striate.cli.tokens import Spelling
from striate.core.errors import StriateError
from striate.training.errors import InvalidSetting
from striate.training.recipe import GROUPS, Recipe, aliases

__all__ = ["RECIPE_SPELLING", "command_line", "settings_from", "size_from", "with_recipe_flags"]

Command = Callable[..., int]

PATHS = {"data_dir", "weights", "cache_dir", "project"}
"""Settings that are text to the recipe and a path to the person who types them."""

# args.yaml is the recipe, whatever it is called by.
CONFIG = {"config": "config", "recipe": "config", "cfg": "config"}


def _switches() -> frozenset[str]:
    return frozenset(name for name, info in Recipe.model_fields.items() if info.annotation is bool)


RECIPE_SPELLING = Spelling(known=aliases() | CONFIG, switches=_switches())


def _alternatives(info: FieldInfo) -> tuple[Any, ...]:
    """The types a setting may have, None left out."""
    hint = info.annotation
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return tuple(part for part in parts if part is not type(None))


def _choices(info: FieldInfo) -> tuple[Any, ...]:
    return tuple(c for part in _alternatives(info) if get_origin(part) is Literal for c in get_args(part))


def _metavar(name: str, info: FieldInfo) -> str:
    kinds = _alternatives(info)
    if int in kinds:
        return "N"
    if float in kinds:
        return "X"
    if any(get_origin(kind) is tuple for kind in kinds):
        return "SIZE"
    return "PATH" if name in PATHS else "NAME"


def _help(info: FieldInfo) -> str:
    text, choices = info.description or "", [str(c) for c in _choices(info)]
    # A description that explains each choice needs no list of them.
    if choices and not all(choice in text for choice in choices):
        text += ": " + ", ".join(choices)
    if info.annotation is bool:
        return f"{text} [{'on' if info.default else 'off'}]"
    return text if info.default in (None, "") else f"{text} [{info.default}]"


def _extra(info: FieldInfo) -> dict[str, Any]:
    assert isinstance(info.json_schema_extra, dict)
    return info.json_schema_extra


def _parameter(name: str, info: FieldInfo, hidden: bool) -> inspect.Parameter:
    switch = info.annotation is bool
    extra = _extra(info)
    shorts = ["-" + other for other in extra["also"] if len(other) == 1]
    flag = Parameter(
        name=["--" + name.replace("_", "-"), *shorts],
        help=_help(info),
        group=Group(extra["group"], sort_key=GROUPS.index(extra["group"])),
        metavar=None if switch else _metavar(name, info),
        show=not hidden,
        show_default=False,
    )
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if name == "data" else inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(
        name, kind, default=None, annotation=Annotated[bool | None if switch else str | None, flag]
    )


def with_recipe_flags(hidden: Iterable[str] = ()) -> Callable[[Command], Command]:
    """Give a command that takes ``data, **flags`` one flag for each setting of the recipe, and ``--config``.

    Flags in `hidden` work and are not listed: they decide nothing for this verb.
    """
    config = Parameter(
        help="take settings from this file, such as the args.yaml of a run; flags win",
        group=Group("Data", sort_key=0),
        metavar="PATH",
        show_default=False,
    )
    flags = [_parameter(name, info, name in set(hidden)) for name, info in Recipe.model_fields.items()]
    only_named = inspect.Parameter.KEYWORD_ONLY
    flags.append(
        inspect.Parameter("config", only_named, default=None, annotation=Annotated[str | None, config])
    )

    def decorate(command: Command) -> Command:
        # The parser reads both: hints by name where there are any, the signature for the rest.
        command.__annotations__ = {flag.name: flag.annotation for flag in flags}
        command.__signature__ = inspect.Signature(flags, return_annotation=int)  # type: ignore[attr-defined]
        return command

    return decorate


def settings_from(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the flags and the file of ``--config`` make: flags win; unset flags are None.

    Raises what the recipe raises, and RecipeFileUnusable.
    """
    given = {
        name: _read(name, value) for name, value in flags.items() if value is not None and name != "config"
    }
    settings = {**(_from_file(flags["config"]) if flags.get("config") else {}), **given}
    Recipe.make(settings)
    return settings


def _from_file(path: str) -> dict[str, Any]:
    """The settings that a recipe file sets, by their own names."""
    try:
        recipe = Recipe.from_yaml(Path(path).read_text(encoding="utf-8"))
    except StriateError as error:
        error.where = error.where or path
        raise
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        got = error.strerror if isinstance(error, OSError) else f"not YAML: {str(error).splitlines()[0]}"
        raise RecipeFileUnusable(
            "this recipe cannot be read",
            where=path,
            got=got,
            expected="a file such as runs/train/photos/args.yaml",
        ) from error
    return {name: getattr(recipe, name) for name in recipe.model_fields_set}


def _read(name: str, value: Any) -> Any:
    """What the recipe should check: numbers stay text, which it reads; sizes and whole-number choices do not."""
    if not isinstance(value, str):
        return value
    info = Recipe.model_fields[name]
    if info.default is None and str not in _alternatives(info) and value.lower() in ("auto", "none"):
        return None
    if any(get_origin(kind) is tuple for kind in _alternatives(info)):
        return size_from(name, value)
    return next((choice for choice in _choices(info) if str(choice) == value), value)


def size_from(name: str, text: str) -> tuple[int, int]:
    """``224`` -> (224, 224); ``224x192`` and ``224,192`` -> (224, 192), height first."""
    parts = text.lower().strip("[]()").replace("x", ",").split(",")
    if len(parts) in (1, 2) and all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        return int(parts[0]), int(parts[-1])
    raise InvalidSetting(
        f"--{name.replace('_', '-')} cannot be that",
        got=repr(text),
        expected="224, or height and width: 224x192",
    )


def command_line(verb: str, flags: Mapping[str, Any]) -> str:
    """What to type to do this again: ``striate train photos --epochs 20``, quoted for a shell."""
    words = ["striate", verb]
    if flags.get("data") is not None:
        words.append(str(flags["data"]))
    for name, value in flags.items():
        if value is None or name == "data":
            continue
        dashed = name.replace("_", "-")
        words += (
            [f"--{dashed}" if value else f"--no-{dashed}"]
            if isinstance(value, bool)
            else [f"--{dashed}", str(value)]
        )
    return shlex.join(words)
