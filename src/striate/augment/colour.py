"""Brightness, contrast, saturation, hue, and grey: each image by its own factor.

x is a pixel, L = 0.2989 R + 0.587 G + 0.114 B its luma (ITU-R BT.601). Results are clamped to [0, white]. The formulas are
those of torchvision.transforms.v2.functional, to within a level: whole numbers are rounded here and cut off there.
Computed in float32. Knows nothing about geometry or labels.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import torch
from numpy.typing import NDArray

from striate.augment.levels import column, floats, pixels
from striate.augment.number import Number
from striate.augment.transform import Draw, ImageTransform, Key, Shape, white

__all__ = [
    "Brightness",
    "Contrast",
    "Grayscale",
    "Hue",
    "Saturation",
    "brightened",
    "contrasted",
    "grey",
    "saturated",
    "turned",
]

_LUMA = (0.2989, 0.587, 0.114)


def _luma(x: torch.Tensor) -> torch.Tensor:
    """(N, 1, H, W) of (N, 3, H, W); of grey images the pixels themselves."""
    if x.shape[1] == 1:
        return x
    red, green, blue = (x[:, c : c + 1] * _LUMA[c] for c in range(3))
    return red.add_(green).add_(blue)


def _mean(x: torch.Tensor, largest: float) -> torch.Tensor:
    """(N, 1, 1, 1): the mean of each image of (N, 1, H, W), values up to `largest`, to 24 bits.

    Whole numbers are added, whose sum is the same in any order: that of floats would depend on the number of threads,
    which depends on the batch.
    """
    unit = 2.0**24 / largest
    total = (x * unit).to(torch.int64).sum((1, 2, 3), keepdim=True)
    return total.to(torch.float32).div_(unit * x.shape[2] * x.shape[3])


def _blend(x: torch.Tensor, other: torch.Tensor, factor: NDArray[Any]) -> torch.Tensor:
    """Factor x + (1 - factor) other, written over `x`."""
    return x.mul_(column(factor, x)).add_(other * column(1.0 - factor, x))


def brightened(batch: torch.Tensor, factor: NDArray[Any]) -> torch.Tensor:
    """Light or dark: factor x. factor: (N,), 0 or more; any C."""
    return pixels(floats(batch).mul_(column(factor, batch)), batch)


def contrasted(batch: torch.Tensor, factor: NDArray[Any]) -> torch.Tensor:
    """Hard or soft: factor x + (1 - factor) mean(L), the mean over the image. factor: (N,), 0 or more; C = 1 or 3."""
    x = floats(batch)
    return pixels(_blend(x, _mean(_luma(x), white(batch)), factor), batch)


def saturated(batch: torch.Tensor, factor: NDArray[Any]) -> torch.Tensor:
    """Full or pale: factor x + (1 - factor) L. factor: (N,), 0 or more; C = 3, and C = 1 comes back as it is."""
    if batch.shape[1] == 1:
        return batch
    x = floats(batch)
    return pixels(_blend(x, _luma(x), factor), batch)


def turned(batch: torch.Tensor, shift: NDArray[Any]) -> torch.Tensor:
    """The hue of each pixel moved along the colour circle by `shift`, (N,), as a share of it; C = 3, and C = 1 comes back.

    With V the largest and m the smallest of R, G, B, the hue in sixths of the circle is h = (G - B) / (V - m) where R is
    the largest, (B - R) / (V - m) + 2 where G is, (R - G) / (V - m) + 4 where B is. Back from there, with d the way along
    the circle from h + 6 shift to the opposite of the channel's own colour (3, 5, 1 for R, G, B):
    V - (V - m) clamp(2 - |d|, 0, 1).
    """
    if batch.shape[1] == 1:
        return batch
    x = floats(batch)
    red, green, blue = x.split(1, dim=1)
    largest = x.amax(1, keepdim=True)
    spread = largest - x.amin(1, keepdim=True)
    # Where all three are equal every numerator is 0, and so is what the hue is multiplied with.
    divisor = torch.where(spread > 0, spread, 1.0)
    hue = torch.where(
        largest == red,
        (green - blue).div_(divisor),
        torch.where(
            largest == green, (blue - red).div_(divisor).add_(2.0), (red - green).div_(divisor).add_(4.0)
        ),
    )
    opposite = torch.tensor([3.0, 5.0, 1.0], device=x.device)[:, None, None]
    away = hue.add_(column(6.0 * shift, x)) - opposite
    away.sub_((away * (1.0 / 6.0)).round_().mul_(6.0))
    share = away.abs_().neg_().add_(2.0).clamp_(0.0, 1.0)
    return pixels(largest - share.mul_(spread), batch)


def grey(batch: torch.Tensor) -> torch.Tensor:
    """L in all three channels; C = 3, and C = 1 comes back as it is."""
    return batch if batch.shape[1] == 1 else pixels(_luma(floats(batch)), batch)


class _Colour(ImageTransform):
    """Refuses images whose channels mean nothing to it."""

    channels: ClassVar[tuple[int, ...]] = (1, 3)

    def fit(self, shape: Shape) -> Self:
        if shape[0] not in self.channels:
            if shape[0] == 1:
                raise self._misfit(
                    shape,
                    "changes nothing here: these images are grey",
                    "images of 3 channels",
                    "leave it out, or --channels 3",
                )
            raise self._misfit(
                shape,
                "does not know which channels are red, green and blue",
                f"images of {' or '.join(str(c) for c in self.channels)} channels",
                "leave it out",
            )
        return super().fit(shape)


class _Factor(_Colour):
    """A factor around 1: with the number s, uniform in [1 - s, 1 + s)."""

    takes = Number("the largest change of the factor from 1", 0.0, 1.0, usual=0.3)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        s = self.strength
        return {"factor": key.between(indices, 1.0 - s, 1.0 + s)[:, 0]}


class Brightness(_Factor):
    """Make the image lighter or darker: out = f x, f uniform in [1 - s, 1 + s).

    Teaches that a thing is the same in more or less light. Destroys what exposure tells (day or night, a density measured
    by its grey value), and details near white, which are cut off; black stays black. As ColorJitter's brightness
    (torchvision; Howard 2013, "Some improvements on deep convolutional neural network based image classification").

    Policy: `brightness` (s = 0.3), `brightness0.5`, `brightness@0.5` (half of the images). Any number of channels.
    """

    name = "brightness"

    def fit(self, shape: Shape) -> Self:
        return ImageTransform.fit(self, shape)

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return brightened(batch, draw["factor"])


class Contrast(_Factor):
    """Move pixels from or towards the mean grey of their image: out = f x + (1 - f) mean(L), f uniform in [1 - s, 1 + s).

    Teaches that a thing is the same in haze and in hard light. Destroys faint structure on low factors and both ends of the
    scale, which are cut off, on high ones; a class told by its contrast (fog, X-ray density). Howard 2013, as
    torchvision's ColorJitter.

    Policy: `contrast` (s = 0.3), `contrast0.5`. Images of 1 or 3 channels.
    """

    name = "contrast"

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return contrasted(batch, draw["factor"])


class Saturation(_Factor):
    """Move pixels from or towards their own grey: out = f x + (1 - f) L, f uniform in [1 - s, 1 + s).

    Teaches that a thing is the same in fuller and paler colours: films, cameras and white balance differ in that. Destroys
    differences of shade that are the label (ripeness, stains in microscopy). Howard 2013, as torchvision's
    ColorJitter.

    Policy: `saturation` (s = 0.3), `saturation0.8`. Colour images only.
    """

    name = "saturation"
    channels = (3,)

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return saturated(batch, draw["factor"])


class Hue(_Colour):
    """Turn the colour circle (HSV) by a share of it, uniform in [-s, s), with saturation and value kept.

    0.5 is half way round: red becomes cyan. Teaches that the colour of a thing, or of the light on it, is not its class.
    Destroys every class that is told by colour: flowers, ripe fruit, traffic lights, stains. As the hue of torchvision's
    ColorJitter.

    Policy: `hue` (s = 0.1), `hue0.02`. Colour images only; of them grey pixels stay grey.
    """

    name = "hue"
    takes = Number("the largest shift as a share of the colour circle", 0.0, 0.5, usual=0.1)
    channels = (3,)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        return {"shift": key.between(indices, -self.strength, self.strength)[:, 0]}

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return turned(batch, draw["shift"])


class Grayscale(_Colour):
    """Take the colour out of some images: out = L in all three channels.

    Teaches to tell things by shape and texture where colour helps too. Destroys, for a fifth of the images, every class
    that is told by colour alone. Usual in self-supervised training, with this share (Chen et al. 2020, "A simple framework
    for contrastive learning of visual representations", appendix A).

    Policy: `gray` (one image of five), `gray@0.1`; `grey` and `grayscale` are the same. Colour images only.
    """

    name = "gray"
    usual_p = 0.2
    channels = (3,)

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return grey(batch)
