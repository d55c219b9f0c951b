"""report.html: one offline file on what was trained, how well, and what is wrong with it.

Records -> `Page` -> template. The page asks nothing of the network (its own policy forbids it), runs no script, and has
the same bytes for the same records. Knows nothing about how anything was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from striate.core.records import DataRecord, RunRecord, Score
from striate.core.run_folder import RunFolder
from striate.core.wording import count, duration, interval_percent, percent, printable
from striate.report.circumstances import Circumstances, circumstances
from striate.report.classes import ClassesSection, classes_section
from striate.report.confusion import ConfusionSection, confusion_section
from striate.report.curves import CurvesSection, accuracy_chart, curves_section
from striate.report.diagnosis import DiagnosisSection, diagnosis_section
from striate.report.glossary import GLOSSARY
from striate.report.material import Material, gather_material
from striate.report.network import NetworkSection, network_section
from striate.report.pictures import (
    FiltersSection,
    Shown,
    ShownStrip,
    filters_section,
    shown_pictures,
    shown_strips,
)
from striate.report.scan_findings import NoticeGroup, notice_groups, skipped_words
from striate.report.templates import filled
from striate.report.verdict import best_words, honest_figure, majority_share, status_words

__all__ = ["Page", "build_page", "render", "write_report"]

# A page lists so many classes by name before it folds them away.
CLASSES_OPEN = 12


@dataclass(frozen=True)
class Head:
    """The first screen: what a busy person reads in ten seconds."""

    model: str
    data: str
    status: str
    accuracy: str
    of: str
    interval: str
    baseline: str
    caveat: str
    best: str
    facts: tuple[tuple[str, str, str], ...]
    picture: Markup


@dataclass(frozen=True)
class DataSection:
    """What the run was trained on."""

    source: str
    split_origin: str
    pixels: str
    skipped: str
    splits: tuple[str, ...]
    classes: tuple[tuple[str, tuple[int, ...]], ...]
    totals: tuple[int, ...]
    fold: bool
    notices: tuple[NoticeGroup, ...]
    fingerprint: str


@dataclass(frozen=True)
class Page:
    """Everything the template shows; a section that cannot be shown yet is None."""

    title: str
    head: Head
    curves: CurvesSection | None
    score: Score | None
    confusion: ConfusionSection | None
    classes: ClassesSection | None
    mistakes: tuple[Shown, ...]
    augmented: tuple[Shown, ...]
    strips: tuple[ShownStrip, ...]
    diagnosis: DiagnosisSection | None
    suspects: tuple[Shown, ...]
    data: DataSection
    network: NetworkSection | None
    filters: FiltersSection | None
    circumstances: Circumstances
    failure: str
    missing: tuple[str, ...]


def write_report(folder: RunFolder) -> Path:
    """Write report.html of `folder` and return its path.

    Needs run.json and data.json only; the page says what else is not there yet. Raises RunDamaged or NewerVersion
    when those two cannot be used, DiskFull or CannotWrite when the page cannot be written.
    """
    return folder.write_text("report.html", render(build_page(gather_material(folder))))


def render(page: Page) -> str:
    """The page as HTML: everything from outside is escaped by the template engine."""
    return filled("report.html.jinja", page=page, glossary=GLOSSARY)


def build_page(material: Material) -> Page:
    """Decide what is shown, and say it in words."""
    run, data = material.run, material.data
    score = run.test if run.test and run.test.n else run.val if run.val and run.val.n else None
    mistakes, unreadable = shown_pictures(material.mistakes)
    augmented, also_unreadable = shown_pictures(material.augmented)
    strips, strips_lost = shown_strips(material.strips)
    suspects, suspects_lost = shown_pictures(material.suspects)
    lost = unreadable + also_unreadable + strips_lost + suspects_lost
    return Page(
        title=f"{printable(run.model, 60)} on {printable(data.name, 60)}",
        head=_head(run, data, score),
        curves=curves_section(run),
        score=score,
        confusion=confusion_section(score) if score else None,
        classes=classes_section(score) if score else None,
        mistakes=mistakes,
        augmented=augmented,
        strips=strips,
        diagnosis=diagnosis_section(material.diagnosis, material.observation),
        suspects=suspects,
        data=_data_section(material),
        network=network_section(material.layers, (data.channels, *data.img_size), run.parameters),
        filters=filters_section(material.filters),
        circumstances=circumstances(run, material.settings, material.environment),
        failure="\n".join(printable(line) for line in run.failure.splitlines()),
        missing=material.missing + ((f"{count(lost, 'picture')} not shown",) if lost else ()),
    )


def _head(run: RunRecord, data: DataRecord, score: Score | None) -> Head:
    figure = honest_figure(run)
    baseline = majority_share(data, figure.split) if figure else float("nan")
    return Head(
        model=printable(run.model, 60),
        data=printable(data.name, 60),
        status=status_words(run),
        accuracy=percent(figure.accuracy) if figure else "",
        of=f"of {count(figure.n, f'{figure.split} image')} right" if figure else "",
        interval=interval_percent(figure.interval) if figure else "",
        baseline=percent(baseline) if figure else "",
        caveat=figure.caveat if figure else "",
        best=best_words(run),
        facts=_facts(run, data, score),
        picture=accuracy_chart(run, long=False).draw(440, 250, right=108) if run.history else Markup(""),
    )


def _facts(run: RunRecord, data: DataRecord, score: Score | None) -> tuple[tuple[str, str, str], ...]:
    """(label, value, remark), three of them."""
    sizes = ", ".join(f"{sum(n):,} {split}" for split, n in data.counts.items() if sum(n))
    facts = [("Trained on", count(len(data.classes), "class", "classes"), sizes)]
    seen = [c for c in score.classes if c.n] if score else []
    if seen:
        weakest = min(seen, key=lambda c: (c.recall, -c.n))
        facts.append(
            (
                "Weakest class",
                printable(weakest.name, 22),
                f"{percent(weakest.recall)} recognised ({interval_percent(weakest.recall_interval)})",
            )
        )
    done = f"{len(run.history)} of {count(run.epochs_planned, 'epoch')}"
    facts.append(("Took", duration(run.seconds), f"{done} on {run.device}, {run.precision}"))
    return tuple(facts)


def _data_section(material: Material) -> DataSection:
    data = material.data
    splits = tuple(data.counts)
    rows = tuple(
        (printable(name), tuple(data.counts[split][i] for split in splits))
        for i, name in enumerate(data.classes)
    )
    height, width = data.img_size
    mean = ", ".join(f"{v:.3f}" for v in data.mean)
    std = ", ".join(f"{v:.3f}" for v in data.std)
    return DataSection(
        source=printable(data.source),
        split_origin=printable(data.split_origin),
        pixels=f"{height} × {width} pixels, {'grey' if data.channels == 1 else 'colour'}; "
        f"mean {mean}, standard deviation {std} on the training split",
        skipped=skipped_words(data),
        splits=splits,
        classes=rows,
        totals=tuple(sum(data.counts[split]) for split in splits),
        fold=len(rows) > CLASSES_OPEN,
        notices=notice_groups(material.notices, data),
        fingerprint=data.fingerprint,
    )
