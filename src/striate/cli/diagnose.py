"""`striate diagnose`: what is wrong with runs and logs, in words, as JSON, or as a page.

Knows nothing about how anything is judged.
"""

from __future__ import annotations

import json as plain_json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from striate.cli.arguments import Json
from striate.cli.errors import BadArguments
from striate.core.wording import printable

if TYPE_CHECKING:
    from striate.verbs.diagnose import Examined

__all__ = ["FOUND", "diagnose", "text_width"]

FOUND = 1
"""Exit code for a finding of the severity asked for: no error ends with it."""
SEVERITIES = ("info", "warning", "critical")
NARROW, WIDE = 40, 100
"""Columns within which text is wrapped, however wide the terminal is."""

HELP = "a run folder, another tool's training log (file or folder), or observation.json"
FailOn = Annotated[
    Literal["info", "warning", "critical"] | None,
    Parameter(
        help=f"end with {FOUND} where a finding is that severe or worse: info, warning or critical",
        metavar="NAME",
        show_default=False,
    ),
]
Everything = Annotated[
    bool,
    Parameter(
        name="--all", help="name the conditions that could not be judged", negative=(), show_default=False
    ),
]
Html = Annotated[
    str | None, Parameter(help="write a page with the plots", metavar="PATH", show_default=False)
]


def diagnose(
    target: Annotated[str, Parameter(help=HELP, show_default=False)],
    /,
    *targets: Annotated[str, Parameter(help="more of them", show_default=False)],
    fail_on: FailOn = None,
    json: Json = False,
    everything: Everything = False,
    html: Html = None,
) -> int:
    """Name what is wrong with a training, with evidence and what to do about it; nothing of it is changed."""
    from striate.verbs.diagnose import examined

    paths = (target, *targets)
    if html is not None and len(paths) > 1:
        raise BadArguments(
            "--html takes one target", got=f"{len(paths)} targets", next_step="write one page after the other"
        )
    found = [examined(path) for path in paths]
    if html is not None:
        _write_page(html, found[0])
    print(_as_json(found) if json else _as_text(found, everything))
    if html is not None and not json:
        print("\n" + printable(html))
    return FOUND if fail_on is not None and any(_severe(one, fail_on) for one in found) else 0


def _severe(one: Examined, least: str) -> bool:
    bar = SEVERITIES.index(least)
    # That something is wrong and nobody can say what is no finding, and no less a warning.
    if one.diagnosis.verdict == "unknown problem" and least != "critical":
        return True
    return any(SEVERITIES.index(f.severity) >= bar for f in one.diagnosis.findings)


def text_width() -> int:
    """Columns to wrap at: the terminal's, within limits; the widest where there is none."""
    return min(WIDE, max(NARROW, shutil.get_terminal_size((WIDE, 24)).columns))


def _as_text(found: list[Examined], everything: bool) -> str:
    from striate.core.diagnosis_text import diagnosis_lines

    texts = []
    for one in found:
        lines = diagnosis_lines(one.diagnosis, text_width(), everything=everything)
        texts.append("\n".join([*([printable(one.name)] if len(found) > 1 else []), *lines]))
    return "\n\n".join(texts)


def _as_json(found: list[Examined]) -> str:
    """The diagnosis; of several targets a list of them, each with its target."""
    if len(found) == 1:
        return found[0].diagnosis.to_json()
    several = [{"target": one.name, "diagnosis": one.diagnosis.to_dict()} for one in found]
    return plain_json.dumps(several, indent=2, ensure_ascii=False)


def _write_page(path: str, one: Examined) -> None:
    from striate.core.atomic import advising, write_atomic
    from striate.report.diagnosis_page import render_diagnosis

    with advising(refused="give --html a path that you may write to"):
        write_atomic(Path(path), render_diagnosis(one.diagnosis, one.observation, one.name))
