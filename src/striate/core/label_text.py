"""How a label map writes classes: names, in quotes where needed; pairs and circles.

Knows nothing about transforms, nor about reading a map.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["circle_texts", "quoted"]

MARKS = frozenset(':;,!<>"\\')


def quoted(name: str) -> str:
    """The name as it stands, or in double quotes where it holds a mark of the map or ends as none of its words can."""
    if (
        name
        and name == name.strip()
        and not name.endswith("-")
        and not MARKS & set(name)
        and name.isprintable()
    ):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def circle_texts(becomes: Sequence[int], names: Sequence[str]) -> list[str]:
    """``a<->b`` for two classes that become each other, ``a->b->c->d->a`` for more; class i becomes becomes[i]."""
    texts, seen = [], set()
    for start, after in enumerate(becomes):
        if after == start or start in seen:
            continue
        circle = [start]
        while becomes[circle[-1]] != start:
            circle.append(becomes[circle[-1]])
        seen.update(circle)
        words = [quoted(names[c]) for c in circle]
        texts.append("<->".join(words) if len(words) == 2 else "->".join([*words, words[0]]))
    return texts
