"""A card for each transform: verdict, pictures before and after, classes it changes.

Knows nothing about how a class was judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from striate.core.augment_records import AugmentationFinding, ClassSafety, TransformSafety
from striate.core.comparison_records import Difference
from striate.core.wording import count, interval_percent, percent, printable, signed_points
from striate.report.safety_matrix import SIGNS, class_state
from striate.report.safety_words import GROUPS, change_interval, grouped
from striate.report.strip_tiles import Pictured, Tile, tiles

__all__ = ["Card", "ClassRow", "Pair", "safety_cards"]

# Classes in view; the rest of those that change are folded away, and so are those that stay while they are few.
IN_VIEW, KEPT_ROWS, KEPT_NAMES = 6, 16, 40
NAME = 40
CHANGED = ("hurt", "swapped", "unfamiliar", "not shown")


@dataclass(frozen=True)
class ClassRow:
    """A class in a card's table."""

    state: str
    sign: str
    name: str
    title: str
    before: str
    after: str
    change: str
    interval: str
    flows: tuple[tuple[str, str, str], ...]
    """What it is taken for after: class, share, interval."""


@dataclass(frozen=True)
class Pair:
    """A picture before and after. `place`: of the first among the pictures as they are; `label`: before -> after where it changes."""

    place: int
    after: Tile
    label: str


@dataclass(frozen=True)
class Card:
    """Everything about one transform."""

    key: str
    transform: str
    verdict: str
    heading: str
    sentence: str
    change: str
    interval: str
    images: str
    notes: tuple[str, ...]
    pairs: tuple[Pair, ...]
    pictured: str
    """The strength in the pictures, where it is not the one that was judged."""
    label_map: str
    rows: tuple[ClassRow, ...]
    folded: tuple[ClassRow, ...]
    kept: str


def safety_cards(finding: AugmentationFinding, strips: Sequence[Pictured]) -> tuple[Card, ...]:
    """The cards, in the order of the matrix. The first strip shows the images as they are; a card without a strip has no pictures."""
    places = {t.transform: i for i, t in enumerate(finding.transforms)}
    return tuple(
        _card(t, f"t{places[t.transform]}", finding, strips) for _, some in grouped(finding) for t in some
    )


def _card(
    safety: TransformSafety, key: str, finding: AugmentationFinding, strips: Sequence[Pictured]
) -> Card:
    strip = _strip_of(safety, strips)
    states = [(class_state(safety, c), c) for c in safety.classes]
    changed = [_row(state, c) for state, c in _worst_first(states)]
    stay = [_row(state, c) for state, c in states if state == "kept"]
    few = len(stay) <= KEPT_ROWS
    idle = safety.verdict == "no effect"
    # What is kept needs no table at first sight: what a network was merely unfamiliar with is no harm.
    view = 0 if safety.verdict == "keep" else IN_VIEW
    return Card(
        key=key,
        transform=safety.transform,
        verdict=safety.verdict.replace(" ", "-"),
        heading=GROUPS[safety.verdict][0],
        sentence=printable(safety.sentence),
        change="" if idle else signed_points(safety.change.estimate),
        interval="" if idle else change_interval(safety.change),
        images=count(sum(c.n for c in safety.classes), "image"),
        notes=_notes(safety),
        pairs=_pairs(safety, strip, finding.classes) if strip else (),
        pictured="" if strip is None or strip.text == safety.transform else printable(strip.text),
        label_map=printable(safety.label_map),
        rows=tuple(changed[:view]),
        folded=(*changed[view:], *(stay if few else ())),
        kept="" if few else _names([row.title for row in stay]),
    )


def _strip_of(safety: TransformSafety, strips: Sequence[Pictured]) -> Pictured | None:
    """The strip of the transform: at this strength, else at one that was tried before."""
    by_text = {strip.text: strip for strip in strips[1:]}
    return next((by_text[t] for t in (safety.transform, *safety.too_strong) if t in by_text), None)


def _worst_first(states: Sequence[tuple[str, ClassSafety]]) -> list[tuple[str, ClassSafety]]:
    changed = [(state, c) for state, c in states if state in CHANGED and c.n]
    # Swaps first: they are few, and what is to be declared.
    return sorted(
        changed, key=lambda pair: (pair[0] != "swapped", CHANGED.index(pair[0]), pair[1].change.estimate)
    )


def _row(state: str, c: ClassSafety) -> ClassRow:
    return ClassRow(
        state=state.replace(" ", "-"),
        sign=SIGNS[state],
        name=printable(c.name, NAME),
        title=printable(c.name),
        before=percent(c.recall_before),
        after=percent(c.recall_after),
        change=signed_points(c.change.estimate),
        interval="" if math.isnan(c.change.estimate) else change_interval(c.change),
        flows=tuple(
            (printable(f.to, NAME), percent(f.after), interval_percent(f.interval))
            for f in c.flows
            if state != "kept" and f.after >= 0.05
        ),
    )


def _notes(safety: TransformSafety) -> tuple[str, ...]:
    """What was tried before, what a network trained with it says, how many images it leaves alone."""
    notes = []
    if safety.too_strong:
        tried = ", ".join(safety.too_strong)
        notes.append(
            f"Judged at {safety.transform}; stronger did not keep the labels: {tried}."
            if safety.verdict == "keep"
            else f"Tried as well, and no better: {tried}."
        )
    if safety.learnt is not None:
        notes.append(
            f"A network that learnt it, beside one that did not: {_points(safety.learnt)} on images as they are"
            + (
                f", and {_points(safety.learnt_under)} of its own on transformed ones"
                if safety.learnt_under
                else ""
            )
            + (f"; it recognises less of {_names(safety.learnt_hurt)}" if safety.learnt_hurt else "")
            + "."
        )
    if 0.01 <= safety.flow.changed < 0.995:
        notes.append(f"It changes {percent(safety.flow.changed)} of these images.")
    return tuple(printable(note) for note in notes)


def _points(change: Difference) -> str:
    return f"{signed_points(change.estimate)} points ({change_interval(change)})"


def _pairs(safety: TransformSafety, strip: Pictured, classes: Sequence[str]) -> tuple[Pair, ...]:
    found = []
    for i, (tile, target) in enumerate(zip(tiles(strip, classes), strip.targets, strict=True)):
        after = safety.classes[int(target.argmax())].becomes
        found.append(Pair(i, tile, f"{tile.label} → {printable(after, 24)}" if after else tile.label))
    return tuple(found)


def _names(names: Sequence[str]) -> str:
    more = len(names) - KEPT_NAMES
    shown = ", ".join(printable(name, NAME) for name in names[:KEPT_NAMES])
    return shown + (f" and {more} more" if more > 0 else "")
