"""What a transform makes of a label: which classes it swaps, and which it must not touch.

    rot180: 6<->9, !4; flip: left<->right

says that half a turn makes a 6 a 9 and a 9 a 6 and is never done to a 4, and that a mirror image of `left` is a `right`. A circle
`up->left->down->right->up` is for quarter turns (counter-clockwise, one arrow a turn). Knows nothing about pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from striate.augment.errors import LabelMapUnusable, NotAPermutation
from striate.core.errors import nearest
from striate.core.label_text import circle_texts, quoted

__all__ = ["LabelMap", "LabelRule", "parse_label_map"]

_TOKEN = re.compile(r'\s*(?P<token><->|->|[:;,!]|"(?:[^"\\]|\\.)*"|[^:;,!<>"]*[^:;,!<>"\s-])\s*')
_MARKS = frozenset({":", ";", ",", "!", "<->", "->"})


@dataclass(frozen=True)
class LabelRule:
    """What one transform does to K classes: class c becomes ``becomes[c]``; it is never done where ``spared[c]``."""

    becomes: tuple[int, ...]
    spared: tuple[bool, ...]

    @classmethod
    def none(cls, classes: int) -> LabelRule:
        """Every label stays."""
        return cls(tuple(range(classes)), (False,) * classes)

    @property
    def swaps(self) -> bool:
        """Whether any label changes."""
        return self.becomes != tuple(range(len(self.becomes)))

    def after(self, labels: NDArray[np.int64], turns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Labels (N,) after the transform was done `turns` (N,) times to each."""
        step = np.asarray(self.becomes, dtype=np.int64)
        out = labels
        for done in range(int(turns.max(initial=0))):
            out = np.where(turns > done, step[out], out)
        return out

    def may(self, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(N,): whether the transform may be done to samples of these labels."""
        return ~np.asarray(self.spared, dtype=bool)[labels]

    def text(self, classes: Sequence[str]) -> str:
        """As a label map writes it: circles, then what is spared."""
        spared = [f"!{quoted(name)}" for name, spared in zip(classes, self.spared, strict=True) if spared]
        return ", ".join([*circle_texts(self.becomes, classes), *spared])


@dataclass(frozen=True)
class LabelMap:
    """Rules by the name of their transform, for `classes`."""

    classes: tuple[str, ...] = ()
    rules: Mapping[str, LabelRule] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What `parse_label_map` reads back; empty where nothing is said."""
        return "; ".join(f"{name}: {rule.text(self.classes)}" for name, rule in self.rules.items())

    def rule(self, name: str) -> LabelRule:
        """The rule of the transform called `name`."""
        return self.rules.get(name) or LabelRule.none(len(self.classes))


def parse_label_map(text: str, classes: Sequence[str], orders: Mapping[str, int]) -> LabelMap:
    """The label map that `text` writes, for `classes` and transforms by name.

    orders: for each transform of the policy, how often it has to be done to be undone; 0 where it may only spare classes.
    Raises LabelMapUnusable and NotAPermutation.
    """
    rules = {}
    for part in _split(list(_tokens(text)), ";"):
        if not part:
            continue
        name, items = _rule_parts(part, text)
        known = name.lower()
        if known not in orders:
            raise _not_in_policy(name, orders)
        if known in rules:
            raise LabelMapUnusable("a transform has two rules", got=name, next_step=f"one: {name}: A<->B, !C")
        rules[known] = _rule(known, items, tuple(classes), orders[known])
    return LabelMap(tuple(classes), rules)


# -- reading -------------------------------------------------------------------------------------------------------


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            if not text[place:].strip():
                return
            raise _unreadable(text, text[place:].strip()[:20])
        yield match["token"]
        place = match.end()


def _split(tokens: Sequence[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _rule_parts(part: list[str], text: str) -> tuple[str, list[list[str]]]:
    if len(part) < 3 or part[0] in _MARKS or part[1] != ":":
        raise _unreadable(text, " ".join(part))
    return _name(part[0]), _split(part[2:], ",")


def _rule(name: str, items: list[list[str]], classes: tuple[str, ...], order: int) -> LabelRule:
    becomes = list(range(len(classes)))
    spared = [False] * len(classes)
    said: set[int] = set()
    for item in items:
        circle, spares = _item(item, classes)
        for c in circle:
            if c in said:
                raise NotAPermutation("a class is named twice", got=f"{name}: {classes[c]}", expected="once")
            said.add(c)
        if spares:
            spared[circle[0]] = True
            continue
        if order == 0:
            raise LabelMapUnusable(
                f"nobody can say which class {name} makes of another: how much it does differs from image to image",
                got=f"{name}: " + "".join(item),
                expected=f"classes that it spares: {name}: !{quoted(classes[circle[0]])}",
            )
        if order % len(circle):
            raise NotAPermutation(
                f"{name} done {_times(order)} is undone, and these labels would not be back",
                got=f"a circle of {len(circle)}: " + "".join(item),
                expected=f"circles of {' or '.join(str(n) for n in range(2, order + 1) if order % n == 0)}",
            )
        for c, after in zip(circle, [*circle[1:], circle[0]], strict=True):
            becomes[c] = after
    return LabelRule(tuple(becomes), tuple(spared))


def _item(item: list[str], classes: tuple[str, ...]) -> tuple[list[int], bool]:
    """The classes of one item in order, and whether it spares: ``!a`` | ``a<->b`` | ``a->b->...->a``."""
    if len(item) == 2 and item[0] == "!":
        return [_class(item[1], classes)], True
    names, marks = item[0::2], item[1::2]
    if len(item) < 3 or len(item) % 2 == 0 or _MARKS & set(names) or set(marks) not in ({"<->"}, {"->"}):
        raise _unreadable("", " ".join(item) or "nothing between two commas")
    circle = [_class(name, classes) for name in names]
    if marks == ["<->"]:
        if circle[0] == circle[1]:
            raise NotAPermutation("a class is swapped with itself", got="".join(item))
        return circle, False
    if marks[0] == "->" and circle[0] == circle[-1] and len(circle) > 2:
        return circle[:-1], False
    raise NotAPermutation(
        "a label has no way back",
        got="".join(item),
        expected="a pair a<->b, or a circle that ends where it began: a->b->c->d->a",
        next_step=f"{item[0]}<->{item[2]}" if len(item) == 3 else None,
    )


def _class(token: str, classes: tuple[str, ...]) -> int:
    name = _name(token)
    if name in classes:
        return classes.index(name)
    close = nearest(name, classes)
    raise LabelMapUnusable(
        "the label map names a class that the data does not have",
        got=name,
        expected=", ".join(classes[:10]) + (", ..." if len(classes) > 10 else ""),
        next_step=f"did you mean {' or '.join(close)}?" if close else None,
    )


def _name(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _times(order: int) -> str:
    return {2: "twice", 4: "four times"}.get(order, f"{order} times")


def _unreadable(text: str, part: str) -> LabelMapUnusable:
    return LabelMapUnusable(
        "this label map cannot be read",
        got=part or text,
        expected="transform: class<->class, !class; for example 'rot180: 6<->9, !4'",
        next_step='a class with one of , ; : < > ! " in its name stands in double quotes',
    )


def _not_in_policy(name: str, orders: Mapping[str, int]) -> LabelMapUnusable:
    close = nearest(name.lower(), orders)
    return LabelMapUnusable(
        "the label map speaks of a transform that the policy does not have",
        got=name,
        expected=", ".join(orders) or "a policy with transforms; this one is none",
        next_step=f"did you mean {close[0]}?" if close else f"add it to the policy: --augment ...+{name}",
    )
