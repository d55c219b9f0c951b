"""What a network answered on the images of one split: path, class, answer.

Knows nothing about where the answers were kept or what they are good for.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answers"]


@dataclass(frozen=True)
class Answers:
    """Equally long columns, one entry an image: its path in the data set, the class it has, the class it was taken for."""

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    predicted: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """Path and class of each: what makes two images the same."""
        return tuple(zip(self.paths, self.labels, strict=True))

    @property
    def right(self) -> tuple[bool, ...]:
        """Whether each was taken for what it is."""
        return tuple(label == taken for label, taken in zip(self.labels, self.predicted, strict=True))
