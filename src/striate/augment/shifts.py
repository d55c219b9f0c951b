"""Shifts by whole pixels: the padded random crop, and translation over a blank ground.

Both move the image by (di, dj), each of -k, ..., k equally likely; they differ in what enters at the border. Knows
nothing about sub-pixel shifts or scale.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from striate.augment.moves import OUTSIDE, Moves, MovingTransform
from striate.augment.number import LARGEST, Number
from striate.augment.transform import Draw, Key, Shape

__all__ = ["PaddedCrop", "Translate"]

SHARE = 8
"""Without a number an image is shifted by up to an eighth of its shorter side: 4 pixels of 32, the customary CIFAR
crop (He et al. 2016, section 4.2), carried over to other sizes."""


class _Shift(MovingTransform):
    """Each image is shifted by up to k pixels either way, independently in both directions."""

    takes = Number("the largest shift in pixels", 1, LARGEST, whole=True)

    def fit(self, shape: Shape) -> Self:
        side = min(shape[1:])
        largest = side - 1
        k = max(1, side // SHARE) if self.number is None else self.number
        if k > largest:
            raise self._misfit(
                shape,
                "shifts by more than the image has",
                f"{self.name}1 to {self.name}{largest}" if largest else "images of at least 2 pixels a side",
                f"{self.name} alone shifts by up to an eighth of the image" if largest else None,
            )
        return self.at(k)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        k = int(self.fit(shape).strength)
        shift = key.integers(indices, -k, k, 2)
        return {"di": shift[:, 0], "dj": shift[:, 1]}

    def _moves(self, draw: Draw, shape: Shape) -> Moves:
        rows = np.arange(shape[1]) + draw["di"][:, None]
        columns = np.arange(shape[2]) + draw["dj"][:, None]
        return Moves(self._border(rows, shape[1]), self._border(columns, shape[2]))

    @staticmethod
    def _border(source: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        raise NotImplementedError


class PaddedCrop(_Shift):
    """Cut a window of the image's own size from the image with k mirrored pixels added on each side.

    out[i, j] = in[i + di, j + dj]; outside of the image the pixels next to the border are mirrored at it
    (3 2 | 1 2 3 4 | 3 2). Mirrored rather than black, which is no colour the data has at its borders: a black edge
    would tell the network how far the image was moved. He et al. pad with zeros, but after subtracting the mean.

    Teaches that a thing is the same a few pixels on, which striding and padding do not give for free. Destroys little on
    photographs; where position is the label (a gauge, a fovea left or right) it destroys that, and a thing that
    fills the frame to its edge is cut.

    Policy: `crop4` (up to 4 pixels), `crop` (up to an eighth of the shorter side).
    """

    name = "crop"

    @staticmethod
    def _border(source: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Mirrored at the first and the last pixel, which are not repeated."""
        source = np.abs(source)
        return np.where(source >= size, 2 * (size - 1) - source, source)


class Translate(_Shift):
    """Move the image over a ground of zeros: out[i, j] = in[i + di, j + dj], 0 outside.

    Teaches the same as `crop`, for things on an empty ground that is 0: digits, sketches, spectra, where mirrored pixels
    would draw strokes nobody wrote. Destroys what touches the border, and puts a black edge into photographs.

    Policy: `translate2` (up to 2 pixels), `translate` (up to an eighth of the shorter side).
    """

    name = "translate"

    @staticmethod
    def _border(source: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        return np.where((source < 0) | (source >= size), OUTSIDE, source)
