"""A diagnosis as a page of its own, for logs and loops that have no report.

One offline file without scripts. Knows nothing about how anything was judged or read.
"""

from __future__ import annotations

from dataclasses import dataclass

from striate.core.diagnosis_records import Diagnosis
from striate.core.diagnosis_words import LEVELS
from striate.core.observation_records import Observation
from striate.core.wording import count, percent, printable
from striate.report.diagnosis import DiagnosisSection, diagnosis_section
from striate.report.diagnosis_charts import accuracy_picture, gap_picture, loss_picture
from striate.report.diagnosis_plots import Plot
from striate.report.templates import filled

__all__ = ["DiagnosisPage", "build_diagnosis", "render_diagnosis"]

NAME = 80


@dataclass(frozen=True)
class DiagnosisPage:
    """Everything the template shows."""

    title: str
    name: str
    section: DiagnosisSection
    facts: tuple[tuple[str, str, str], ...]
    plots: tuple[Plot, ...]


def render_diagnosis(found: Diagnosis, seen: Observation, name: str) -> str:
    """The page as HTML; `name` is what was judged: a path, or what a loop is called."""
    return filled("diagnosis.html.jinja", page=build_diagnosis(found, seen, name))


def build_diagnosis(found: Diagnosis, seen: Observation, name: str) -> DiagnosisPage:
    """Decide what is shown, and say it in words."""
    section = diagnosis_section(found, seen)
    assert section is not None
    drawn = {plot.picture for card in section.cards for plot in card.plots}
    plots = (
        Plot(
            accuracy_picture(seen),
            "Accuracy. A band is a 95 % interval, where the number of images is known.",
        ),
        Plot(gap_picture(seen), "The gap between train and val, in percentage points."),
        Plot(loss_picture(seen), "Loss after each evaluation."),
    )
    return DiagnosisPage(
        title=f"Diagnosis of {printable(name, NAME)}",
        name=printable(name, NAME),
        section=section,
        facts=_facts(found, seen),
        plots=tuple(plot for plot in plots if plot.picture and plot.picture not in drawn),
    )


def _facts(found: Diagnosis, seen: Observation) -> tuple[tuple[str, str, str], ...]:
    """(label, value, remark), three of them."""
    setting = seen.setting
    n = count(len(seen.epochs), "evaluation")
    planned = f"of {setting.planned_epochs} epochs planned" if setting.planned_epochs else ""
    best = max((p.val_accuracy for p in seen.epochs if p.val_accuracy is not None), default=None)
    classes = count(setting.classes, "class", "classes") if setting.classes else "unknown"
    return (
        ("Seen", n, "; ".join(part for part in (planned, f"from {LEVELS[found.level]}") if part)),
        ("Best val accuracy", percent(best) if best is not None else "–", "of all evaluations"),
        ("Task", classes, setting.optimizer and f"trained with {printable(setting.optimizer, 40)}"),
    )
