"""What a setting can be, in words for the person who gave something else.

Read off its field. Knows nothing about any one setting.
"""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from striate.core.errors import nearest

__all__ = ["allowed", "what_next"]

KINDS: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
BOUNDS = {Ge: ("of at least", "ge"), Gt: ("above", "gt"), Le: ("at most", "le"), Lt: ("below", "lt")}


def allowed(info: FieldInfo, given: Any = None) -> str:
    """``a whole number of at least 1``; ``a number of at least 0 and below 1``; ``crop, squash or pad``.

    ``at most``, which only keeps arithmetic finite, is said to who gave more.
    """
    kind = _kind(info)
    if get_origin(kind) is Literal:
        return _listed(get_args(kind))
    if get_origin(kind) is tuple:
        return "height and width, two whole numbers"
    bounds = [
        f"{words} {getattr(bound, name):g}"
        for bound in info.metadata
        for of, (words, name) in BOUNDS.items()
        if isinstance(bound, of) and (of is not Le or _exceeds(given, bound))
    ]
    return " ".join([KINDS[kind], " and ".join(bounds)]).rstrip()


def what_next(info: FieldInfo, given: Any) -> str:
    """The nearest choice where there is one; else what happens without the setting."""
    kind = _kind(info)
    close = nearest(str(given), map(str, get_args(kind))) if get_origin(kind) is Literal else []
    if close:
        return f"did you mean {close[0]}?"
    if info.default not in (None, "auto", ""):
        return f"leave it out for the default, {info.default}"
    chosen = (info.description or "").partition("default: ")[2]
    return f"leave it out for the default: {chosen}" if chosen else "leave it out"


def _exceeds(given: Any, bound: Any) -> bool:
    """Whether `given`, a number or the text of one, is above the bound or no number at all."""
    try:
        return not float(given) <= bound.le
    except (TypeError, ValueError, OverflowError):
        return False


def _kind(info: FieldInfo) -> Any:
    """The type of a value; None, which says that nothing was chosen, apart."""
    hint = info.annotation
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return next(part for part in parts if part is not type(None))


def _listed(choices: tuple[Any, ...]) -> str:
    return " or ".join(filter(None, [", ".join(map(str, choices[:-1])), str(choices[-1])]))
