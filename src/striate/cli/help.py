"""Help pages in two columns without boxes: good at 80 columns and when piped into a file.

Knows nothing about the verbs.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

__all__ = ["HelpPage"]

# Labels up to this width stand beside their text; longer ones get a line of their own.
LABELS = 22
WIDEST = 100


class HelpPage:
    """A formatter for cyclopts, which calls it for the usage, the description and each group of entries."""

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        if usage:
            console.print(Text(str(usage).strip(), style="bold"), end="\n\n")

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        if description:
            console.print(Text(_plain(description, console)))

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        if not panel.entries:
            return
        lines = [(_label(entry), _plain(entry.description, console)) for entry in panel.entries]
        # Flags share one column over all groups of a page, so that the eye runs down one edge.
        longest = LABELS if panel.format == "parameter" else max(len(label) for label, _ in lines)
        column = min(LABELS, longest) + 4
        console.print()
        console.print(Text(str(panel.title), style="bold"))
        for label, text in lines:
            console.print(_line(label, text, column, min(console.width, WIDEST)), soft_wrap=True)


def _label(entry: HelpEntry) -> str:
    """``--batch-size, -b N``; a switch is ``--[no-]skip``, a verb all of its names."""
    names = [*entry.positive_names, *entry.positive_shorts]
    if entry.negative_names:
        names[0] = "--[no-]" + names[0].removeprefix("--")
    if entry.positional_label:
        return ", ".join([entry.positional_label, *names])
    return ", ".join(names) + (f" {entry.metavar}" if entry.metavar else "")


def _plain(description: Any, console: Console) -> str:
    """The description's text, on one line."""
    if description is None:
        return ""
    with console.capture() as capture:
        console.print(description, soft_wrap=True, no_wrap=True)
    return " ".join(Text.from_ansi(capture.get()).plain.split())


def _line(label: str, text: str, column: int, width: int) -> Text:
    """The label in bold, the text beside it or below it, a default in brackets dim."""
    indent = " " * column
    wrapped = textwrap.wrap(text, max(20, width - column), break_on_hyphens=False) or [""]
    start = f"  {label}"
    out = Text(start, style="cyan")
    out.append("\n" + indent if len(start) > column - 2 else " " * (column - len(start)), style="")
    body = Text(f"\n{indent}".join(wrapped))
    body.highlight_regex(r"\[[^\]]*\]$", style="dim")
    return Text("").append_text(out).append_text(body)
