"""`striate compare`: two runs beside each other, the classes that the second hurts first.

Knows nothing about how runs are compared.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from striate.cli.arguments import Json
from striate.cli.columns import Cell, shortened, table
from striate.core.comparison_records import ClassComparison, ComparedRun, Comparison
from striate.core.wording import interval_percent, percent, printable, signed_points

__all__ = ["compare", "comparison_text"]

COLUMNS = 100
LABEL = 9
# Characters of a class's name, of a setting's value.
NAME, VALUE = 28, 32
# Enough to see where it hurts; --json and the page have them all.
ROWS = 20
SETTINGS = 12

RunA = Annotated[
    str, Parameter(help="the run to compare with: a folder such as runs/train/photos", show_default=False)
]
RunB = Annotated[str, Parameter(help="the run to judge", show_default=False)]
Html = Annotated[
    str | None,
    Parameter(help="write a page with both runs drawn beside each other", metavar="PATH", show_default=False),
]


def compare(run_a: RunA, run_b: RunB, /, *, json: Json = False, html: Html = None) -> int:
    """Compare two finished runs class by class: what does the second one hurt?"""
    from striate.verbs.compare import compare as compare_runs

    found = compare_runs(run_a, run_b)
    if html is not None:
        from striate.core.atomic import write_atomic
        from striate.report.comparison import render_comparison

        write_atomic(Path(html), render_comparison(found))
    print(found.to_json() if json else comparison_text(found))
    if html is not None and not json:
        print("\n" + printable(html))
    return 0


def comparison_text(found: Comparison) -> str:
    """The comparison on one screen: the finding, the runs and their settings, the table, what to believe."""
    d = found.difference
    lines = textwrap.wrap(found.headline + ".", COLUMNS)
    lines += ["", _run("A", found.a, found.split), _run("B", found.b, found.split)]
    change = f"{signed_points(d.estimate)} points ({signed_points(d.low)} to {signed_points(d.high)})"
    lines += [f"{'B - A':<{LABEL}}{change}, 95 % intervals all three", ""]
    lines += [*_settings(found), "", *_table(found), ""]
    for sentence in found.sentences:
        lines += textwrap.wrap(sentence, COLUMNS)
    return "\n".join(lines)


def _run(label: str, run: ComparedRun, split: str) -> str:
    figure = f"{percent(run.accuracy)} ({interval_percent(run.interval)}) of {run.n:,} {split} images right"
    return f"{label:<{LABEL}}{figure}: {shortened(printable(run.name), COLUMNS - LABEL - len(figure) - 2)}"


def _settings(found: Comparison) -> list[str]:
    if not found.settings:
        return ["No setting differs."]
    shown = found.settings[:SETTINGS]
    rows = [[f"--{s.name.replace('_', '-')}", printable(s.a, VALUE), printable(s.b, VALUE)] for s in shown]
    lines = table(["differs", "A", "B"], rows)
    more = len(found.settings) - len(shown)
    return [*lines, *([f"and {more} more (--json)"] if more else [])]


def _table(found: Comparison) -> list[str]:
    many = len(found.classes) > ROWS
    shown = found.classes[:ROWS] if many else found.classes
    level = next((c.difference.level for c in shown), 0.95)
    head = ["class", "A", "B", "B - A", f"{100 * level:.4g} % interval", "images", ""]
    lines = table(head, [_row(c) for c in shown], right={1, 2, 3, 4, 5})
    title = f"Recall on {found.split}; differences in percentage points"
    return [title, *lines, *([f"and {len(found.classes) - ROWS} more (--json)"] if many else [])]


def _row(c: ClassComparison) -> list[Cell]:
    d = c.difference
    seen = c.n_a and c.n_b
    return [
        printable(c.name, NAME),
        percent(c.recall_a),
        percent(c.recall_b),
        signed_points(d.estimate),
        f"{signed_points(d.low)} to {signed_points(d.high)}" if seen else "",
        f"{c.n_a:,}" if c.n_a == c.n_b else f"{c.n_a:,} / {c.n_b:,}",
        c.verdict if seen else "no images",
    ]
