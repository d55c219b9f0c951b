"""Writes docs/errors: one page for each error slug, made from the docstring of its class, and an index.

A docstring's first paragraph says what happened, a paragraph ``Cause:`` why, a paragraph ``Cure:`` what to do;
more paragraphs may follow each. Knows nothing about when the errors are raised.

Run it as ``make docs``; a house test holds the pages to what this would write.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from striate.core.errors import StriateError

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
PAGES = ROOT / "docs" / "errors"

INDEX_HEAD = """\
# Errors

Whatever striate refuses, it says on one screen that ends with a slug in brackets: `[out-of-memory]`. Each slug has a
page here. Written by `make docs` from the docstrings of the classes; edit those.

| slug | what happened | exit code |
|---|---|---|
"""


def import_errors() -> None:
    """Import every module that defines a slug, so that its classes exist."""
    for path in sorted((SOURCE / "striate").rglob("*.py")):
        if re.search(r'^    slug\b.*= "\w', path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))


def with_slug(cls: type[StriateError] = StriateError) -> Iterator[type[StriateError]]:
    """All classes below `cls` that striate itself gives a slug; import them first."""
    if vars(cls).get("slug") and cls.__module__.startswith("striate."):
        yield cls
    for child in cls.__subclasses__():
        yield from with_slug(child)


def page(cls: type[StriateError]) -> str:
    """The page of one error; raises ValueError when its docstring lacks a part."""
    text = inspect.getdoc(cls) or ""
    parts = re.fullmatch(
        r"(?P<what>.+?)\n\nCause: (?P<cause>.+?)\n\nCure: (?P<cure>.+)", text, flags=re.DOTALL
    )
    if parts is None or text.count("\nCause: ") != 1 or text.count("\nCure: ") != 1:
        raise ValueError(f"{cls.__module__}.{cls.__name__}: the docstring needs one Cause: and one Cure:")
    cause, cure = (text[0].upper() + text[1:] for text in parts.group("cause", "cure"))
    return (
        f"# {cls.slug}\n\n{parts['what']}\n\n"
        f"Exit code {cls.exit_code}; in Python `{cls.__module__}.{cls.__name__}`, a `{cls.__base__.__name__}`.\n\n"
        f"## Cause\n\n{cause}\n\n## Cure\n\n{cure}\n"
    )


def pages() -> dict[str, str]:
    """File name -> text, the index included; raises ValueError when two classes share a slug."""
    import_errors()
    classes: dict[str, type[StriateError]] = {}
    for cls in with_slug():
        if classes.setdefault(cls.slug, cls) is not cls:
            raise ValueError(f"{cls.slug}: both {classes[cls.slug].__name__} and {cls.__name__}")
    rows = [
        f"| [{slug}]({slug}.md) | {summary(cls)} | {cls.exit_code} |" for slug, cls in sorted(classes.items())
    ]
    made = {f"{slug}.md": page(cls) for slug, cls in classes.items()}
    return made | {"README.md": INDEX_HEAD + "\n".join(rows) + "\n"}


def summary(cls: type[StriateError]) -> str:
    """The first paragraph on one line, as a table cell."""
    return " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split()).replace("|", "\\|")


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
