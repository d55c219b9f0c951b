"""Mirror images: left-right and upside-down.

Knows nothing about which labels survive being mirrored: that is the policy's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from striate.augment.errors import TransformOutOfRange
from striate.augment.moves import Moves, MovingTransform
from striate.augment.transform import Draw, Key, Shape

__all__ = ["HorizontalFlip", "VerticalFlip"]


@dataclass(frozen=True)
class _Flip(MovingTransform):
    """Each image is mirrored with probability p, independently."""

    name: ClassVar[str]
    p: float = 0.5

    @classmethod
    def from_number(cls, number: float | None) -> Self:
        """`number` is the probability, 0 < p <= 1; 0.5 where none is given."""
        p = 0.5 if number is None else number
        if not 0.0 < p <= 1.0:
            raise TransformOutOfRange(
                f"the number of {cls.name} is the share of images it mirrors",
                got=f"{cls.name}{number:g}",
                expected="above 0, up to 1",
                next_step=f"{cls.name} alone mirrors half of them",
            )
        return cls(p)

    @property
    def text(self) -> str:
        return self.name if self.p == 0.5 else f"{self.name}{self.p:g}"

    def draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        return {"mirrored": key.uniform(indices)[:, 0] < self.p}


class HorizontalFlip(_Flip):
    """Mirror left and right: out[i, j] = in[i, W - 1 - j].

    Teaches that left and right carry no meaning: true of most photographs of things. Destroys what is told apart by
    handedness: letters and digits, arrows, the side of an organ, steering wheels.

    Policy: `flip` (half of the images), `flip0.3` (three of ten); `hflip` is the same.
    """

    name = "flip"

    def moves(self, draw: Draw, shape: Shape) -> Moves:
        stay = Moves.none(len(draw["mirrored"]), shape[1], shape[2])
        return Moves(stay.rows, _mirrored(stay.columns, draw["mirrored"]))


class VerticalFlip(_Flip):
    """Mirror top and bottom: out[i, j] = in[H - 1 - i, j].

    Teaches that up and down carry no meaning: true of what is seen from above (aerial images, microscopy). Destroys
    gravity: landscapes, animals, most photographs; digits too (a 6 becomes a mirrored 9, which is none).

    Policy: `vflip`, `vflip0.3`.
    """

    name = "vflip"

    def moves(self, draw: Draw, shape: Shape) -> Moves:
        stay = Moves.none(len(draw["mirrored"]), shape[1], shape[2])
        return Moves(_mirrored(stay.rows, draw["mirrored"]), stay.columns)


def _mirrored(source: NDArray[np.int64], mirrored: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(mirrored[:, None], source[:, ::-1], source)
