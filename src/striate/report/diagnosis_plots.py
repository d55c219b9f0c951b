"""Which plot of what was seen belongs to which finding, each plot on a page once.

Knows nothing about how anything was judged, nor about layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.diagnosis_records import Finding
from striate.core.observation_records import Observation
from striate.core.wording import percent, printable
from striate.report.dead_map import dead_map
from striate.report.diagnosis_charts import gap_picture, profile_picture

__all__ = ["Plot", "Plots"]

GAP = frozenset(
    {
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "over-regularised",
        "label-noise",
        "labels-unrelated",
    }
)
DEPTH = frozenset(
    {
        *("vanishing-gradient", "depth-without-skips", "bad-initialisation", "saturated-activations"),
        *(
            "learning-rate-too-high",
            "learning-rate-too-low",
            "parameters-not-updated",
            "gradients-not-zeroed",
        ),
    }
)
DEAD = frozenset({"dead-relu", "learning-rate-too-high", "bad-initialisation"})
SUSPECTS = frozenset({"label-noise", "classes-swapped", "corrupt-images"})
"""Conditions whose card shows that plot, the first that is found."""


@dataclass(frozen=True)
class Plot:
    """A picture and what it shows."""

    picture: Markup
    caption: str


class Plots:
    """Each plot of an observation once: in the first card that it belongs to."""

    def __init__(self, seen: Observation | None) -> None:
        self.seen = seen
        self.drawn: set[str] = set()

    def of(self, *findings: Finding) -> tuple[Plot, ...]:
        """The plots of a cause and what it explains that no card before has shown."""
        if self.seen is None:
            return ()
        wanted: tuple[tuple[str, frozenset[str], Callable[[Observation], Markup], str], ...] = (
            (
                "gap",
                GAP,
                gap_picture,
                "The gap between train and val in percentage points; the band is its 95 % interval.",
            ),
            (
                *("depth", DEPTH, profile_picture),
                f"Norm of the gradient, and of one update, over the norm of the weight; medians over the sampled steps, {self._layers()}.",
            ),
            (
                *("dead", DEAD, lambda seen: dead_map(seen.inside)),
                "Share of channels that were 0 for every probe image, from the first layer down; the last figure stands at the right.",
            ),
        )
        plots = []
        for name, conditions, draw, caption in wanted:
            if not self._first(name, conditions, findings):
                continue
            if picture := draw(self.seen):
                self.drawn.add(name)
                plots.append(Plot(picture, caption))
        return tuple(plots)

    def suspects(self, *findings: Finding) -> tuple[tuple[str, str, str, str], ...]:
        """Named suspects, surest first, of the card that their pictures belong to."""
        agreement = self.seen.data.agreement if self.seen and self.seen.data else None
        if agreement is None or not self._first("names", SUSPECTS, findings):
            return ()
        self.drawn.add("names")
        names = self.seen.setting.class_names if self.seen else ()

        def label(i: int) -> str:
            return printable(names[i] if 0 <= i < len(names) else f"class {i}", 28)

        return tuple(
            (printable(s.sample), label(s.given), label(s.suggested), percent(s.score))
            for s in agreement.suspects
        )

    def pictures(self, *findings: Finding) -> bool:
        """Whether the pictures of suspects belong to this card."""
        first = self._first("pictures", SUSPECTS, findings)
        if first:
            self.drawn.add("pictures")
        return first

    def _first(self, name: str, conditions: frozenset[str], findings: Sequence[Finding]) -> bool:
        return name not in self.drawn and any(f.condition in conditions for f in findings)

    def _layers(self) -> str:
        layers = (
            sorted(self.seen.inside.layers, key=lambda s: s.depth) if self.seen and self.seen.inside else []
        )
        return (
            f"from {printable(layers[0].name, 40)} to {printable(layers[-1].name, 40)}"
            if layers
            else "by depth"
        )
