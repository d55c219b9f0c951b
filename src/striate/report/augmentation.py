"""The page of `striate augment`: which transforms keep the labels, class by class.

`AugmentationFinding` -> page -> template, as for a run's report: one offline file without scripts; beside it sheet.png with
all the pictures. Knows nothing about torch, nor about how a transform was judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from striate.core.atomic import write_atomic
from striate.core.augment_records import AugmentationFinding, Probe
from striate.core.wording import count, interval_percent, percent, printable
from striate.report.contact_sheet import write_contact_sheet
from striate.report.diagnosis import FindingCard, finding_card
from striate.report.safety_cards import Card, Pair, safety_cards
from striate.report.safety_matrix import Matrix, safety_matrix
from striate.report.safety_words import command, declared_command, headline, weak_probes
from striate.report.strip_tiles import Pictured, Tile, tiles
from striate.report.templates import filled

__all__ = ["AugmentationPage", "build_augmentation", "render_augmentation", "write_augmentation"]


@dataclass(frozen=True)
class OtherStrip:
    """Pictures of what was not judged."""

    text: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class AugmentationPage:
    """Everything the template shows."""

    title: str
    data: str
    headline: str
    severity: str
    weak: tuple[str, ...]
    policy: str
    command: str
    declared: str
    facts: tuple[tuple[str, str, str], ...]
    findings: tuple[FindingCard, ...]
    matrix: Matrix
    cards: tuple[Card, ...]
    plain: tuple[Tile, ...]
    """The pictures as they are, which every card shows above its own."""
    others: tuple[OtherStrip, ...]
    left_out: tuple[str, ...]
    level: str
    each: str
    """Level of each single statement."""


def write_augmentation(
    finding: AugmentationFinding, strips: Sequence[Pictured], folder: Path
) -> tuple[Path, ...]:
    """Write augmentation.html and, where there are strips, sheet.png; return their paths.

    strips: the first shows the images as they are, the others the same images under the transform that their text names. Equal
    findings and strips give equal bytes. Raises DiskFull or CannotWrite.
    """
    page = folder / "augmentation.html"
    write_atomic(page, render_augmentation(finding, strips))
    return (page, write_contact_sheet(strips, finding.classes, folder)) if strips else (page,)


def render_augmentation(finding: AugmentationFinding, strips: Sequence[Pictured] = ()) -> str:
    """The page as HTML; names from outside are escaped."""
    return filled("augmentation.html.jinja", page=build_augmentation(finding, strips))


def build_augmentation(finding: AugmentationFinding, strips: Sequence[Pictured] = ()) -> AugmentationPage:
    """Decide what is shown, and say it in words."""
    data = printable(finding.data, 60)
    cards = safety_cards(finding, strips)
    weak = tuple(weak_probes(finding))
    level = finding.transforms[0].change.level if finding.transforms else finding.level
    return AugmentationPage(
        title=f"Augmentation of {data}",
        data=data,
        headline=headline(finding),
        severity="warning" if weak else "info",
        weak=weak,
        policy=printable(finding.policy),
        command=command(finding),
        declared=declared_command(finding),
        facts=_facts(finding),
        findings=tuple(finding_card(f) for f in finding.findings),
        matrix=safety_matrix(finding),
        cards=cards,
        plain=tiles(strips[0], finding.classes) if strips else (),
        others=_others(finding, strips),
        left_out=tuple(printable(text) for text in finding.left_out),
        level=f"{100 * finding.level:g} %",
        each=f"{100 * level:.4g} %",
    )


def _facts(finding: AugmentationFinding) -> tuple[tuple[str, str, str], ...]:
    """The networks that judged, then what they were asked about."""
    height, width = finding.img_size
    colour = {1: "grey", 3: "colour"}.get(finding.channels, f"{finding.channels}-channel")
    data = (
        "Data",
        count(len(finding.classes), "class", "classes"),
        f"{printable(finding.source, 60)}, {height} × {width} pixels, {colour}",
    )
    return (*(_probe_fact(p) for p in finding.probes), data)


def _probe_fact(probe: Probe) -> tuple[str, str, str]:
    """What the network was, its accuracy, and the interval of that."""
    trained = "on images as they are" if probe.policy == "none" else f"with {printable(probe.policy)}"
    if not probe.n:
        return "Judge", "–", f"{printable(probe.words)}, {trained}; no image was held out"
    return (
        "Judge",
        percent(probe.accuracy),
        f"({interval_percent(probe.interval)}) of {count(probe.n, 'held-out image')}: {printable(probe.words)}, {trained}",
    )


def _others(finding: AugmentationFinding, strips: Sequence[Pictured]) -> tuple[OtherStrip, ...]:
    judged = {t for safety in finding.transforms for t in (safety.transform, *safety.too_strong)}
    return tuple(
        OtherStrip(
            printable(strip.text),
            tuple(Pair(i, tile, tile.label) for i, tile in enumerate(tiles(strip, finding.classes))),
        )
        for strip in strips[1:]
        if strip.text not in judged
    )
