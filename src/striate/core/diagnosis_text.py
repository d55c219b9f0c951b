"""A diagnosis as lines of text: for terminals, logs and notebooks, of any width.

A cause stands first; what it explains is indented under it. Knows nothing about colours, pages, or how anything was judged.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from striate.core.diagnosis_records import Diagnosis, Finding
from striate.core.diagnosis_words import (
    LEVELS,
    SEVERITIES,
    candidates_words,
    evidence_words,
    nested,
    not_judged_words,
    plain_name,
    remedy_words,
    status_words,
    where_words,
)
from striate.core.wording import printable

__all__ = ["WIDTH", "diagnosis_lines"]

WIDTH = 100
LABEL = 11
"""Characters that the label of a line takes."""
NARROWEST = 16
"""Characters of text on a line, however narrow the terminal is."""


def diagnosis_lines(found: Diagnosis, width: int = WIDTH, *, everything: bool = False) -> list[str]:
    """The verdict, each finding with its evidence and remedies, what was assumed and what could not be judged.

    width: of a line, in characters; words longer than that stay whole. everything: name the conditions that could not be judged, too.
    """
    lines = [*_wrapped(printable(found.headline), width), *_wrapped(f"Seen: {LEVELS[found.level]}.", width)]
    for cause, explained in nested(found.findings):
        lines += ["", *_finding(cause, width, "")]
        for other in explained:
            lines += [*_finding(other, width, "    ")]
    about = _table(_about(found, everything), width, "")
    return [*lines, *([""] if about else []), *about]


def _about(found: Diagnosis, everything: bool) -> Iterator[tuple[str, str]]:
    """What holds for the whole of it, as (label, text)."""
    if candidates := candidates_words(found):
        yield "", candidates
    for note in found.notes:
        yield "Note", printable(note)
    for line in found.assumed:
        yield "Assumed", printable(line)
    if everything:
        for excluded in found.not_judged:
            yield "Not judged", f"{plain_name(excluded.condition)}: {printable(excluded.why)}"
    elif words := not_judged_words(found):
        yield "", f"{words} (--all names them)."


def _finding(finding: Finding, width: int, indent: str) -> Iterator[str]:
    because = f", because of {plain_name(finding.because_of)}" if finding.because_of else ""
    head = f"{SEVERITIES[finding.severity]}: {printable(finding.title)} ({status_words(finding)}{because})"
    yield from _wrapped(head[0].upper() + head[1:], width, indent)
    inner = indent + "  "
    yield from _wrapped(printable(finding.sentence), width, inner)
    yield from _table(_details(finding), width, inner)


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    for fact in finding.evidence:
        yield "Evidence", evidence_words(fact)
    if where := where_words(finding.where):
        yield "Where", where
    for excluded in finding.ruled_out:
        yield "Ruled out", f"{plain_name(excluded.condition)}: {printable(excluded.why)}"
    if finding.probe:
        yield "Decides", printable(finding.probe)
    for remedy in finding.remedies:
        change, effects = remedy_words(remedy)
        yield "Try", f"{change} ({effects})" if effects else change


def _table(rows: Iterable[tuple[str, str]], width: int, indent: str) -> list[str]:
    """One label for all the rows of it that follow each other."""
    lines, before = [], ""
    for label, text in rows:
        lines += _row(" " if label and label == before else label, text, width, indent)
        before = label
    return lines


def _row(label: str, text: str, width: int, indent: str) -> list[str]:
    """``Evidence   text``, with further lines under the text; without a label the whole width."""
    if not label:
        return _wrapped(text, width, indent)
    gap = " " * LABEL
    return _wrapped(text, width, f"{indent}{label:<{LABEL}}", indent + gap)


def _wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """At spaces only, so that a path or a command stays whole."""
    after = first if rest is None else rest
    room = max(width, len(first) + NARROWEST, len(after) + NARROWEST)
    return textwrap.wrap(
        text,
        room,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
