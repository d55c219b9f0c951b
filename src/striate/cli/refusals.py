"""What the argument parser refuses, in striate's words: one screen, the nearest name.

Knows nothing about any one verb.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from striate.cli.errors import BadArguments, UnknownFlag, UnknownVerb
from striate.cli.tokens import did_you_mean
from striate.core.errors import UsageError, nearest
from striate.training.policy_words import policy_hint

__all__ = ["refusal"]

# What people of other tools type, where striate has something else in its place.
ELSEWHERE = {
    "resume": "striate resume RUN goes on with a run",
    "amp": "--precision auto chooses (bf16 where the device has it); --precision fp32 turns it off",
    "no-amp": "--precision fp32",
    "cos-lr": "--sched cosine, which is the default",
    "freeze": "not offered yet",
}


def refusal(
    error: CycloptsError, verbs: Mapping[str, str], verb: str | None, known: Mapping[str, str]
) -> UsageError:
    """The same refusal as a UsageError. `verbs`: name -> usage line; `known`: the verb's accepted flag names
    -> the flags' own names.
    """
    usage = (
        f"usage: {verbs[verb]}" if verb is not None and verb in verbs else "striate --help lists the verbs"
    )
    if isinstance(error, UnknownCommandError):
        return _unknown_verb(error, verbs)
    if isinstance(error, UnknownOptionError):
        return _unknown_flag(error, verb, known)
    if isinstance(error, UnusedCliTokensError):
        words = error.unused_tokens or []
        if words and words[0].startswith("-"):
            return _named_flag(words[0], verb, known)
        return BadArguments("one argument too many", got=" ".join(words), next_step=usage)
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.keyword or error.argument.name
        if error.keyword is None and error.argument.index is not None:
            name = name.lstrip("-").upper()
        if name.startswith("-"):
            return BadArguments(f"{name} needs a value", next_step=f"striate {verb} --help tells which")
        return BadArguments(f"{name} is missing", next_step=usage)
    if isinstance(error, RepeatArgumentError):
        return BadArguments(f"{error.token.keyword or error.token.value} is given twice", next_step=usage)
    if isinstance(error, CoercionError) and error.argument is not None:
        return _wrong_value(error)
    return BadArguments(str(error).strip().rstrip("."), next_step=usage)


def _unknown_verb(error: UnknownCommandError, verbs: Mapping[str, str]) -> UsageError:
    word = (error.unused_tokens or [""])[0]
    close = nearest(word, verbs, n=1)
    return UnknownVerb(
        "no such verb",
        got=word,
        expected=", ".join(verbs),
        next_step=f"did you mean striate {close[0]}?" if close else "striate --help tells what each does",
    )


def _unknown_flag(error: UnknownOptionError, verb: str | None, known: Mapping[str, str]) -> UsageError:
    return _named_flag(error.token.keyword or error.token.value, verb, known)


def _named_flag(word: str, verb: str | None, known: Mapping[str, str]) -> UsageError:
    name = word.split("=", 1)[0]
    bare = name.lstrip("-")
    hint = (policy_hint(bare) or ELSEWHERE.get(bare)) if verb in ("train", "lr-find") else None
    hint = hint or did_you_mean(bare, known)
    return UnknownFlag(
        "no such flag",
        got=name,
        next_step=hint or f"striate {verb or ''} --help lists them".replace("  ", " "),
    )


def _wrong_value(error: CoercionError) -> UsageError:
    argument = error.argument
    assert argument is not None
    kinds = (argument.hint, *get_args(argument.hint))
    if bool in kinds:
        expected = "true or false, or no value"
    elif choices := argument.get_choices():
        expected = ", ".join(choices)
    else:
        expected = "a whole number" if int in kinds else "another value"
    typed = error.token.value if error.token is not None else ""
    return BadArguments(f"{argument.name} cannot be that", got=repr(typed), expected=expected)
