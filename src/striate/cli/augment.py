"""`striate augment`: a line for each transform, and the policy to train with.

Knows nothing about how transforms are judged.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from striate.cli.arguments import Json
from striate.cli.columns import Cell, table
from striate.cli.errors import BadArguments
from striate.cli.looking import labelled, where_lines
from striate.cli.view import open_view
from striate.core.wording import count, interval_percent, percent, printable, signed_points

if TYPE_CHECKING:
    from striate.core.augment_records import AugmentationFinding, Probe, TransformSafety

__all__ = ["augment", "augmentation_lines"]

COLUMNS = 100
# Characters of a transform's name, of a class's, of all classes of a line.
TRANSFORM, NAME, CLASSES = 18, 28, 42

Data = Annotated[str | None, Parameter(help="folder, archive, CSV, or a named set", show_default=False)]
AskedRun = Annotated[
    str | None,
    Parameter(
        help="a run: its network judges what it was not trained with, and its policy is judged",
        metavar="RUN",
        show_default=False,
    ),
]
AskedPolicy = Annotated[
    str | None,
    Parameter(
        help="transforms to judge, as in flip+crop4; default: all that fit the images",
        metavar="POLICY",
        show_default=False,
    ),
]
Show = Annotated[
    bool,
    Parameter(
        help="judge nothing: only draw a few images under each transform", negative=(), show_default=False
    ),
]
Out = Annotated[
    str | None,
    Parameter(
        help="folder for the page, the pictures and the JSON [runs/augment/NAME]",
        metavar="DIR",
        show_default=False,
    ),
]
Seed = Annotated[int, Parameter(help="of splits, probes and draws [0]", metavar="N", show_default=False)]
DataDir = Annotated[
    str | None,
    Parameter(help="where local copies of named sets are looked for", metavar="PATH", show_default=False),
]
CacheDir = Annotated[
    str | None, Parameter(help="where unpacked archives are kept", metavar="PATH", show_default=False)
]


def augment(
    data: Data = None,
    /,
    *,
    run: AskedRun = None,
    policy: AskedPolicy = None,
    show: Show = False,
    out: Out = None,
    json: Json = False,
    seed: Seed = 0,
    data_dir: DataDir = None,
    cache_dir: CacheDir = None,
) -> int:
    """Say which transforms keep the labels of this data, which swap them, and which to drop."""
    if data is None and run is None:
        raise BadArguments("DATA is missing", next_step="usage: striate augment DATA [--run RUN] [--show]")
    if show and json:
        raise BadArguments("--show judges nothing, so there is no JSON", next_step="leave out one of them")
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.audit import audit
            from striate.verbs.contact_sheet import contact_sheet
        judge = contact_sheet if show else audit
        found = judge(
            data,
            run=run,
            policy=policy,
            seed=seed,
            data_dir=data_dir,
            cache_dir=cache_dir,
            out=out,
            progress=view,
        )
    if isinstance(found, Path):
        lines = where_lines([found])
    elif json:
        lines = [found.finding.to_json()]
    else:
        lines = augmentation_lines(found.finding, found.files)
    print("\n".join(lines))
    return 0


def augmentation_lines(finding: AugmentationFinding, files: Sequence[Path] = ()) -> list[str]:
    """What is found in one sentence, who judged, a line for each transform, what to type next, the files.

    Within 100 columns, but for the commands, which are to be copied whole.
    """
    from striate.report.safety_words import command, declared_command, grouped, headline, weak_probes

    lines = [*_wrapped(headline(finding) + "."), ""]
    for sentence in weak_probes(finding):
        lines += _wrapped(sentence)
    for reading in finding.findings:
        lines += _wrapped(reading.sentence)
    lines += [*labelled([_judge(p) for p in finding.probes if p.enough]), ""]
    rows = [_row(t) for _, some in grouped(finding) for t in some]
    lines += table(["transform", "verdict", "accuracy, points", "classes"], rows)
    for text in finding.left_out:
        lines += _wrapped(f"not judged: {text}", "  ")
    none = "No transform is shown to keep every label:"
    lines += ["", none if finding.policy == "none" else "To train with what keeps every label:"]
    lines.append(f"  {command(finding)}")
    if declared := declared_command(finding):
        lines += ["With the swaps declared:", f"  {declared}"]
    return [*lines, "", *where_lines(files)] if files else lines


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(printable(text), COLUMNS, subsequent_indent=indent)


def _judge(probe: Probe) -> tuple[str, str]:
    trained = printable(probe.policy, 36)
    return (
        "Judge",
        f"{percent(probe.accuracy)} ({interval_percent(probe.interval)}) of "
        f"{count(probe.n, 'image')}; trained with {trained}",
    )


def _row(safety: TransformSafety) -> list[Cell]:
    change = safety.change
    interval = f" ({signed_points(change.low)} to {signed_points(change.high)})"
    idle = safety.verdict == "no effect"
    return [
        printable(safety.transform, TRANSFORM),
        safety.verdict,
        "" if idle else f"{signed_points(change.estimate):>6}{interval}",
        _classes(safety),
    ]


def _classes(safety: TransformSafety) -> str:
    """What is swapped, then what is hurt, worst first; the strength where stronger did harm."""
    from striate.report.safety_words import swap_texts

    parts = []
    if safety.verdict == "swap":
        parts.append(_fitting(swap_texts(safety), CLASSES // 2))
    hurt = sorted((c for c in safety.classes if c.verdict == "hurt"), key=lambda c: c.change.estimate)
    if hurt and safety.verdict in ("drop", "swap"):
        room = CLASSES - sum(map(len, parts))
        every = len(hurt) == len(safety.classes)
        parts.append("every class is hurt" if every else "hurt: " + _fitting([c.name for c in hurt], room))
    unsettled = [c.name for c in safety.classes if c.verdict == "not shown"]
    if safety.verdict == "not shown" and 0 < len(unsettled) < len(safety.classes):
        parts.append("open: " + _fitting(unsettled, CLASSES - len("open: ")))
    if safety.verdict == "keep" and safety.learnt is not None:
        parts.append("once it was learnt")
    if safety.verdict == "keep" and safety.too_strong:
        parts.append(f"not at {', '.join(safety.too_strong)}")
    return printable("; ".join(parts), CLASSES)


def _fitting(names: Sequence[str], room: int) -> str:
    """As many names as there is room for, at least one, and how many more."""
    shown = [printable(names[0], NAME)]
    for name in names[1:]:
        if len(", ".join([*shown, printable(name, NAME)])) > room - len(" and 99 more"):
            break
        shown.append(printable(name, NAME))
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
