"""Writes docs/TRANSFORMS.md: every transform of a policy, made from the docstring of its class.

A docstring's first line says what is done, a sentence that begins with ``Teaches`` what invariance comes of it, one with
``Destroys`` what may be lost, and a paragraph ``Policy:`` how it is written. Knows nothing about pixels.

Run it as ``make docs``; a house test holds the page to what this would write.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from striate.augment.catalogue import PRESETS, SYNONYMS, TRANSFORMS
from striate.augment.transform import Transform

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "TRANSFORMS.md"

HEAD = """\
# Transforms

What a policy may be made of: `name[number][@share]`, joined by `+`. The number is a strength, the share says which part of the images it
happens to. How policies, label maps and audits work is in [AUGMENTATION.md](AUGMENTATION.md). Written by `make docs` from the docstrings
of the classes; edit those.

"""


def parts(kind: type[Transform]) -> dict[str, str]:
    """What the docstring of a transform says: what, teaches, destroys, policy. Raises ValueError where one is missing."""
    text = inspect.getdoc(kind) or ""
    flat = "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    found = {"what": text.splitlines()[0]}
    for name, pattern in {
        "teaches": r"Teaches,? (.+?)(?= Destroys|$)",
        "destroys": r"Destroys,? (.+?)$",
        "policy": r"^Policy: (.+)$",
    }.items():
        match = re.search(pattern, flat, flags=re.MULTILINE)
        if match is None:
            raise ValueError(f"{kind.__module__}.{kind.__name__}: the docstring does not say what it {name}")
        found[name] = match[1]
    return found


def number(kind: type[Transform]) -> str:
    """What its number means, in words."""
    if kind.takes is None:
        return "none"
    usual = "read off the image's size" if kind.takes.usual is None else f"{kind.takes.usual:g}"
    return f"{kind.takes.means}; {kind.takes.range}; usually {usual}"


def section(name: str) -> str:
    """One transform."""
    kind = TRANSFORMS[name]
    said = parts(kind)
    also = [word for word, of in SYNONYMS.items() if of == name]
    called = f" (also {', '.join(f'`{word}`' for word in also)})" if also else ""
    return (
        f"## {name}\n\n{said['what']}\n\n"
        f"- Number: {number(kind)}. Share: {kind.usual_p:g}.{called}\n"
        f"- Teaches {said['teaches']}\n- Destroys {said['destroys']}\n- Written: {said['policy']}\n"
    )


def page() -> str:
    """The whole page."""
    presets = "\n".join(f"| `{name}` | `{text or 'none'}` |" for name, text in PRESETS.items())
    table = f"| preset | is |\n|---|---|\n{presets}\n\n"
    return HEAD + table + "\n".join(section(name) for name in TRANSFORMS)


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
