"""The number behind a transform's name: what it means and what it may be.

Knows nothing about any particular transform.
"""

from __future__ import annotations

from dataclasses import dataclass

from striate.augment.errors import TransformOutOfRange

__all__ = ["LARGEST", "Number"]


LARGEST = 1e6
"""A bound that no image reaches: none, in words."""


@dataclass(frozen=True)
class Number:
    """A strength: low < number <= high, or low <= number <= high where `whole`."""

    means: str
    """What it is, in words that follow "the number of NAME is"."""
    low: float
    high: float
    usual: float | None = None
    """Where none is written; None: the transform reads it off the size of the image."""
    whole: bool = False

    def check(self, name: str, number: float) -> float:
        """`number`, if it may stand behind `name`. Raises TransformOutOfRange."""
        above = number >= self.low if self.whole else number > self.low
        if above and number <= self.high and not (self.whole and number != int(number)):
            return number
        alone = "takes it off the image's size" if self.usual is None else f"means {name}{self.usual:g}"
        raise TransformOutOfRange(
            f"the number of {name} is {self.means}",
            got=f"{name}{number:g}",
            expected=self.range,
            next_step=f"{name} alone {alone}",
        )

    @property
    def range(self) -> str:
        """In words: ``above 0, up to 180``; without a bound that no image reaches."""
        if self.whole:
            end = f" to {self.high:g}" if self.high < LARGEST else " or more"
            return f"a whole number, {self.low:g}{end}"
        return f"above {self.low:g}" + (f", up to {self.high:g}" if self.high < LARGEST else "")
