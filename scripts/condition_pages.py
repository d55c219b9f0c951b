"""Writes docs/conditions: one page for each condition that a run can be diagnosed with, and an index.

A condition's module docstring begins with what it is and has a paragraph for each name in `PARAGRAPHS`; its `CONDITION` gives the rest. Knows
nothing about how a condition is examined.

Run it as ``make docs``; a house test holds the pages to what this would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from striate.core.diagnosis_records import Remedy
from striate.core.diagnosis_words import plain_name, remedy_words
from striate.diagnosis.condition import GROUPS, PARAGRAPHS, Condition
from striate.diagnosis.conditions import all_conditions

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "conditions"
HEADINGS = {
    "Means": "What it means",
    "Hurts": "Why it hurts",
    "Rule": "When it is said",
    "Origin": "Where the numbers come from",
    "False alarms": "What looks like it and is not",
    "Changes its mind": "What would change its mind",
}
GROUP_WORDS = {
    "integrity": "The loop does not do what it seems to do; every other figure means little until that is mended.",
    "data": "Images, labels or what is done to them.",
    "dynamics": "The steps: their size, their schedule, how gradients come through the network.",
    "capacity": "What the network can learn, how long it learns, and how that is measured.",
    "efficiency": "Time and memory.",
}
INDEX_HEAD = """\
# Conditions

What `striate diagnose` and `striate.attach` can find in a training, one page each: what it means, when it is said, what it is mistaken for, what
to do. Causes are looked for in the order of the groups. How to use the diagnosis is in [DIAGNOSIS.md](../DIAGNOSIS.md). Written by `make docs`
from the modules in `src/striate/diagnosis/conditions`; edit those.
"""


def paragraphs(condition: Condition) -> dict[str, str]:
    """What opens a condition's module as ``""``, and each named paragraph. Raises ValueError where one is missing or twice."""
    text = sys.modules[_module(condition)].__doc__ or ""
    found = {"": ""}
    for block in re.split(r"\n\s*\n", text.strip()):
        name = next((name for name in PARAGRAPHS if block.startswith(f"{name}: ")), "")
        if name and name in found:
            raise ValueError(f"{_module(condition)}: the docstring has {name}: twice")
        if name:
            found[name] = block.removeprefix(f"{name}: ")
        elif len(found) == 1:  # what stands before the first of them is the opening
            found[""] = f"{found['']} {block}"
    missing = [name for name in PARAGRAPHS if name not in found]
    if missing:
        raise ValueError(f"{_module(condition)}: the docstring lacks {', '.join(missing)}")
    return {name: _flat(found[name]) for name in ("", *PARAGRAPHS)}


def _module(condition: Condition) -> str:
    return f"striate.diagnosis.conditions.{condition.name.replace('-', '_')}"


def _flat(text: str) -> str:
    flat = " ".join(text.split()).replace("``", "`")
    return flat[:1].upper() + flat[1:]


def page(condition: Condition, known: Sequence[Condition]) -> str:
    """One condition's page; `known` are all of them, for links."""
    said = paragraphs(condition)
    titles = {c.name: c.title for c in known}
    parts = [
        f"# {condition.title}",
        said[""],
        f"`{condition.name}`, {condition.id} of the catalogue; group {condition.group}.",
    ]
    parts += [f"## {HEADINGS[name]}\n\n{said[name]}" for name in PARAGRAPHS]
    parts.append("## What to do\n\n" + "\n".join(_remedy(remedy) for remedy in condition.remedies))
    if condition.probe:
        parts.append(f"## What decides where watching cannot\n\n{_flat(condition.probe).rstrip('.')}.")
    around = [
        f"{words}: {', '.join(_link(name, titles) for name in names)}."
        for words, names in (
            ("It can bring about", condition.explains),
            ("It looks like", condition.rivals),
            ("It can come from", [c.name for c in known if condition.name in c.explains]),
        )
        if names
    ]
    if around:
        parts.append("## Other conditions\n\n" + "\n\n".join(around))
    return "\n\n".join(parts) + "\n"


def _remedy(remedy: Remedy) -> str:
    change, effects = remedy_words(remedy)
    return f"- {change}" + (f" *{effects[0].upper()}{effects[1:]}.*" if effects else "")


def _link(name: str, titles: dict[str, str]) -> str:
    return f"[{titles[name].lower()}]({name}.md)" if name in titles else plain_name(name)


def pages() -> dict[str, str]:
    """File name -> text, the index included."""
    known = all_conditions()
    made = {f"{c.name}.md": page(c, known) for c in known}
    return made | {"README.md": index(known)}


def index(known: Sequence[Condition]) -> str:
    """A table for each group, in the order in which causes are sought."""
    tables = []
    for group in GROUPS:
        rows = [
            f"| [{c.title}]({c.name}.md) | {c.id} | {paragraphs(c)['Means'].replace('|', chr(92) + '|')} |"
            for c in known
            if c.group == group
        ]
        if rows:
            head = f"## {group.capitalize()}\n\n{GROUP_WORDS[group]}\n\n| condition | number | what it means |\n|---|---|---|\n"
            tables.append(head + "\n".join(rows) + "\n")
    return "\n".join([INDEX_HEAD, *tables])


def main() -> int:
    wanted = pages()
    PAGES.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in PAGES.glob("*.md")} - set(wanted):
        (PAGES / stale).unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    print(f"wrote {len(wanted)} pages in {PAGES.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
