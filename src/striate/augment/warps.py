"""Warps: rotation by any angle, scale, shear, and a random box resized to the image.

Each maps the places of the result back to places of the image about its centre, and samples there (`striate.augment.frames`).
Knows nothing about how pixels are sampled.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.frames import Frames, linear, still, warp
from striate.augment.number import Number
from striate.augment.transform import Draw, ImageTransform, Key, Shape

__all__ = ["RandomResizedCrop", "Rotate", "Scale", "Shear", "WarpingTransform"]

ASPECT = 4 / 3
"""A resized crop's box is up to this much wider than high, or higher than wide (Szegedy et al. 2015, section 6)."""


class WarpingTransform(ImageTransform):
    """A transform that samples each image at places given by an affine map.

    What enters from outside is the image mirrored at its border, as for `crop`: black corners are no colour that the data has
    there, and would tell the network by how much the image was turned.
    """

    def matrix(self, draw: Draw, shape: Shape) -> Frames:
        """(N, 2, 3): place in the result -> place in the image, x and y in pixels from the centre.

        Of those it does not happen to, the place itself.
        """
        on = draw["on"]
        frames = self._matrix(draw, shape)
        return frames if on.all() else np.where(on[:, None, None], frames, still(len(on)))

    @abstractmethod
    def _matrix(self, draw: Draw, shape: Shape) -> Frames:
        """`matrix` where it happens to every image."""

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return warp(batch, self._matrix(draw, (batch.shape[1], batch.shape[2], batch.shape[3])))


class Rotate(WarpingTransform):
    """Turn the image about its centre by an angle t, uniform from -n to n degrees, counter-clockwise where positive.

    x_in = x cos t - y sin t, y_in = x sin t + y cos t (y points down).

    Teaches that a thing is the same when the camera or the thing is tilted (Simard, Steinkraus & Platt 2003, "Best practices
    for convolutional neural networks", section 2). Destroys what is told by angle (a 6 and a 9 beyond 90 degrees, hands of a clock,
    horizons), blurs by the resampling, and mirrors the border into the corners.

    Policy: `rotate` (up to 15 degrees), `rotate180` (any angle), `rotate30@0.5` (half of the images).
    """

    name = "rotate"
    takes = Number("the largest angle in degrees", 0.0, 180.0, usual=15.0)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        return {"degrees": key.between(indices, -self.strength, self.strength)[:, 0]}

    def _matrix(self, draw: Draw, shape: Shape) -> Frames:
        t = np.deg2rad(draw["degrees"])
        return linear(np.cos(t), -np.sin(t), np.sin(t), np.cos(t))


class Scale(WarpingTransform):
    """Magnify the image about its centre by f, with log f uniform between -log(1 + s) and log(1 + s): in = out / f.

    As often larger as smaller, by the same factor. Teaches that a thing is the same nearer and further off, which convolution does
    not give at all (Simonyan & Zisserman 2015, "Very deep convolutional networks", section 3.1, scale jittering). Destroys what
    is told by size (a cat from a lion, cells, coins); enlarged, the rim is lost; made small, mirrored copies surround the
    thing, and below a half pixels are skipped, so that fine texture turns coarse.

    Policy: `scale` (from 1/1.2 to 1.2), `scale0.5` (from 2/3 to 1.5), `scale@0.5` (half of the images).
    """

    name = "scale"
    takes = Number("s, where images are made up to 1 + s times larger or smaller", 0.0, 3.0, usual=0.2)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        widest = np.log1p(self.strength)
        return {"factor": np.exp(key.between(indices, -widest, widest)[:, 0])}

    def _matrix(self, draw: Draw, shape: Shape) -> Frames:
        back, zero = 1.0 / draw["factor"], np.zeros(len(draw["factor"]))
        return linear(back, zero, zero, back)


class Shear(WarpingTransform):
    """Slide rows past each other by an angle a and columns by an angle b, each uniform from -n to n degrees.

    y' = y + x tan b, then x_in = x + y' tan a, y_in = y': one after the other, so that areas stay and no pair of angles
    flattens the image.

    Teaches that a thing is the same slanted or seen from the side, as handwriting is (Simard, Steinkraus & Platt 2003, section 2).
    Destroys right angles, hence what is told by shape alone at large angles (a square from a rhombus), and blurs a little.

    Policy: `shear` (up to 10 degrees), `shear20`, `shear@0.5` (half of the images).
    """

    name = "shear"
    takes = Number("the largest angle in degrees", 0.0, 60.0, usual=10.0)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        return {"degrees": key.between(indices, -self.strength, self.strength, 2)}

    def _matrix(self, draw: Draw, shape: Shape) -> Frames:
        across, down = np.tan(np.deg2rad(draw["degrees"])).T
        return linear(1.0 + across * down, across, down, np.ones_like(down))


class RandomResizedCrop(WarpingTransform):
    """Cut out a box and resize it to the image's own size.

    The box has a share of the area, uniform from s to 1, and an aspect w / h with log(w / h) uniform between log(3/4) and log(4/3);
    cut down to the image where it is wider or higher; every place inside equally likely. With its top left corner at
    (t, l) and size (h, w), x_in = x w / W + l + w / 2 - W / 2, and likewise y.

    Teaches that a thing is the same at another size, place and aspect, and by a part of it (Szegedy et al. 2015, "Going deeper with
    convolutions", section 6, from s = 0.08). Destroys the thing itself where the box misses it: the smaller the thing, the more of
    the labels are wrong; and it makes training images larger than those of the test (Touvron et al. 2019, "Fixing the train-test
    resolution discrepancy"). Usually from 0.35 here, as small images have no detail to enlarge.

    Policy: `resizedcrop` (from 0.35 of the area), `resizedcrop0.08` (as for ImageNet); `rrc` is the same.
    """

    name = "resizedcrop"
    takes = Number("the smallest share of the area", 0.0, 1.0, usual=0.35)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        u = key.uniform(indices, 4)
        area = (self.strength + (1.0 - self.strength) * u[:, 0]) * shape[1] * shape[2]
        aspect = ASPECT ** (2.0 * u[:, 1] - 1.0)
        height = np.clip(np.sqrt(area / aspect), 1.0, shape[1])
        width = np.clip(np.sqrt(area * aspect), 1.0, shape[2])
        top, left = u[:, 2] * (shape[1] - height), u[:, 3] * (shape[2] - width)
        return {"box": np.stack([top, left, height, width], axis=1)}

    def _matrix(self, draw: Draw, shape: Shape) -> Frames:
        _, H, W = shape
        top, left, height, width = draw["box"].T
        zero = np.zeros_like(top)
        frames = linear(width / W, zero, zero, height / H)
        frames[:, :, 2] = np.stack([left + width / 2 - W / 2, top + height / 2 - H / 2], axis=1)
        return frames
