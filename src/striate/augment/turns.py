"""Half turns and quarter turns, which move pixels and compute none.

Knows nothing about turns by other angles, nor about which labels survive being turned.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.moves import Moves, MovingTransform
from striate.augment.transform import Draw, ImageTransform, Key, Shape

__all__ = ["Rot90", "Rot180"]


class Rot180(MovingTransform):
    """Half a turn: out[i, j] = in[H - 1 - i, W - 1 - j].

    Teaches that up and down carry no meaning, without the mirror image that a vertical flip makes: true of what is seen from
    above and keeps its handedness (aerial images, microscopy, Cohen & Welling 2016, "Group equivariant convolutional
    networks"). Destroys gravity, hence most photographs; a 6 becomes a 9, of which a label map can be told.

    Policy: `rot180` (half of the images), `rot180@0.3`.
    """

    name = "rot180"
    usual_p = 0.5
    order = 2

    def _moves(self, draw: Draw, shape: Shape) -> Moves:
        stay = Moves.none(len(draw["on"]), shape[1], shape[2])
        return Moves(stay.rows[:, ::-1], stay.columns[:, ::-1])


class Rot90(ImageTransform):
    """One to three quarter turns counter-clockwise: k times out[i, j] = in[j, W - 1 - i], k = 1, 2, 3 equally likely.

    Three images of four are turned, so that all four directions are equally likely. Teaches that no direction is up: true of
    what is seen from above and of tissue (Cohen & Welling 2016, "Group equivariant convolutional networks"). Destroys
    gravity and writing, and every label that is a direction, unless a label map turns it too. Square images only:
    another shape would come out lying down.

    Policy: `rot90` (three quarters of the images), `rot90@0.3`.
    """

    name = "rot90"
    usual_p = 0.75
    order = 4

    def fit(self, shape: Shape) -> Self:
        if shape[1] != shape[2]:
            raise self._misfit(
                shape,
                "turns square images only",
                "images as high as wide",
                "rot180 turns images of any shape",
            )
        return super().fit(shape)

    def once(self, draw: Draw) -> Draw:
        return {**draw, "k": np.ones_like(draw["k"])}

    def turns(self, draw: Draw) -> NDArray[np.int64]:
        return np.where(draw["on"], draw["k"], 0)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        self.fit(shape)
        return {"k": key.integers(indices, 1, 3)[:, 0]}

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        out = torch.empty_like(batch)
        for k in (1, 2, 3):
            where = torch.from_numpy(np.flatnonzero(draw["k"] == k)).to(batch.device)
            out.index_copy_(0, where, torch.rot90(batch.index_select(0, where), k, (2, 3)))
        return out
