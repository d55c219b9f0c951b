"""Command-line words in one spelling: `--batch_size 32`, `-b32`, `batch=32` are the same.

People come with the habits of other tools; the parser behind this module then needs to know one form only.
Knows nothing about what the settings mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from striate.cli.errors import UnknownFlag
from striate.core.errors import nearest

__all__ = ["Spelling", "did_you_mean", "one_spelling"]

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
TRUTH = {"true", "false"}


@dataclass(frozen=True)
class Spelling:
    """What a verb's flags are called. Keys have underscores: ``{"imgsz": "img_size", "b": "batch_size"}``."""

    known: Mapping[str, str] = field(default_factory=dict)
    """Every accepted name -> the flag's own name. Only verbs with a recipe list their names here."""
    switches: frozenset[str] = frozenset()
    """Flags without a value."""


def one_spelling(
    words: list[str], spelling: Spelling, exists: Callable[[str], bool] = lambda word: Path(word).exists()
) -> list[str]:
    """`words` with every flag in the form ``--name=value`` (or ``--name``, ``--no-name`` for a switch).

    Words after ``--`` stay as they are, and so does a word with ``=`` in it that is a path which `exists`. Raises
    UnknownFlag for ``key=value`` with a key that is not known.
    """
    out: list[str] = []
    rest = iter(enumerate(words))
    for place, word in rest:
        if word == "--":
            return out + words[place:]
        following = words[place + 1] if place + 1 < len(words) else None
        written, took = _rewritten(word, following, spelling, exists)
        out.append(written)
        if took:
            next(rest)
    return out


def _rewritten(
    word: str, following: str | None, spelling: Spelling, exists: Callable[[str], bool]
) -> tuple[str, bool]:
    """The word's one spelling, and whether it took the following word as its value."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        return _flag(name, value if equals else None, following, spelling)
    if word.startswith("-") and len(word) > 1 and word[1] in spelling.known:
        value = word[2:].removeprefix("=")
        return _flag(word[1], value or None, following, spelling)
    key, equals, value = word.partition("=")
    if equals and spelling.known and KEY.fullmatch(key) and not exists(word):
        if key.replace("-", "_") not in spelling.known:
            raise UnknownFlag(
                "no such setting",
                got=word,
                expected="a setting, or a path that exists",
                next_step=did_you_mean(key, spelling.known),
            )
        return _flag(key, value, None, spelling)
    return word, False


def _flag(name: str, value: str | None, following: str | None, spelling: Spelling) -> tuple[str, bool]:
    key = name.replace("-", "_")
    if key.startswith("no_") and spelling.known.get(key[3:]) in spelling.switches:
        return "--no-" + _dashed(spelling.known[key[3:]]), False
    own = spelling.known.get(key, key)
    took = value is None and key in spelling.known and _is_value(following, own in spelling.switches)
    if took:
        value = following
    if value is not None and own in spelling.switches:
        value = value.lower()
    return "--" + _dashed(own) + ("" if value is None else f"={value}"), took


def _is_value(word: str | None, of_switch: bool) -> bool:
    """Whether the word after a flag is its value: a switch takes true or false, other flags all but flags."""
    if word is None:
        return False
    if of_switch:
        return word.lower() in TRUTH
    return not word.startswith("-") or bool(re.fullmatch(r"-\.?\d.*", word))


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def did_you_mean(name: str, known: Mapping[str, str]) -> str | None:
    """``did you mean --epochs?``: the flags whose names or synonyms `name` is near to; None when none is.

    known: every accepted name -> the flag's own name.
    """
    close = nearest(name, [n for n in known if len(n) > 1], n=2)
    flags = dict.fromkeys("--" + _dashed(known[n]) for n in close)
    return f"did you mean {' or '.join(flags)}?" if flags else None
