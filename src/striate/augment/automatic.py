"""Automatic policies: RandAugment and TrivialAugment, whole batches at a time.

Each image draws which of fourteen operations happen to it, and how strongly; then every operation is done once, to all
images that drew it. Knows nothing about labels: an operation that turns one class into another is not kept from it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment import colour, tones
from striate.augment.frames import Frames, still, warp
from striate.augment.number import Number
from striate.augment.transform import Draw, ImageTransform, Key, Shape, white

__all__ = ["OPERATIONS", "RandAugment", "Ranges", "TrivialAugment"]

OPERATIONS = (
    *("identity", "shear-x", "shear-y", "translate-x", "translate-y", "rotate"),
    *("brightness", "saturation", "contrast", "sharpness"),
    *("posterize", "solarize", "autocontrast", "equalize"),
)
"""By number, in torchvision's order; there saturation is called color."""
_WARPS = range(1, 6)
LARGEST = 30
"""Magnitudes are 0, ..., 30: torchvision's 31 bins."""


@dataclass(frozen=True)
class Ranges:
    """What the largest magnitude means, as torchvision has it; smaller ones are in proportion."""

    shear: float
    """x_in = x + shear y."""
    translate: float
    """Pixels, or a share of the side where it is below 1; cut to whole pixels."""
    degrees: float
    factor: float
    """Brightness, saturation, contrast, sharpness: 1 - factor to 1 + factor."""
    bits: int
    """Taken away by posterize."""


class _Automatic(ImageTransform):
    """`turns_taken` operations for each image, one after the other, each of the fourteen equally likely every time.

    A draw holds "operation", "magnitude" and "sign", (N, turns) each. The sign is that of a shear, a shift, an angle or a
    change of a factor; posterize and solarize go one way only, and the rest have no magnitude.
    """

    turns_taken: ClassVar[int]
    ranges: ClassVar[Ranges]

    def fit(self, shape: Shape) -> Self:
        if shape[0] not in (1, 3):
            raise self._misfit(
                shape,
                "does not know which channels are red, green and blue",
                "images of 1 or 3 channels",
                "name transforms that take any channels, such as flip+crop",
            )
        return super().fit(shape)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        k = self.turns_taken
        return {
            "operation": key.within("operation").integers(indices, 0, len(OPERATIONS) - 1, k),
            "magnitude": self._magnitude(key.within("magnitude"), indices),
            "sign": 2 * key.within("sign").integers(indices, 0, 1, k) - 1,
        }

    @abstractmethod
    def _magnitude(self, key: Key, indices: NDArray[Any]) -> NDArray[np.int64]:
        """(N, turns), each 0, ..., 30."""

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        for turn in range(self.turns_taken):
            operation = draw["operation"][:, turn]
            share = draw["magnitude"][:, turn] / LARGEST
            batch = self._turn(batch, operation, share, draw["sign"][:, turn] * share)
        return batch

    def _turn(
        self,
        batch: torch.Tensor,
        operation: NDArray[np.int64],
        share: NDArray[np.float64],
        signed: NDArray[np.float64],
    ) -> torch.Tensor:
        """One operation for every image; share: (N,) of the largest magnitude, signed: the same with a sign."""
        kernel = np.where((operation >= _WARPS.start) & (operation < _WARPS.stop), _WARPS.start, operation)
        order = np.argsort(kernel, kind="stable")
        done = []
        for rows in np.split(order, np.flatnonzero(np.diff(kernel[order])) + 1):
            if len(rows) > 0:
                images = _taken(batch, rows, batch)
                done.append(self._changed(images, operation[rows], share[rows], signed[rows]))
        # Put back in one go: copying whole images is much faster than writing some of them in between.
        return _taken(torch.cat(done), np.argsort(order), batch) if done else batch

    def _changed(
        self,
        images: torch.Tensor,
        operation: NDArray[np.int64],
        share: NDArray[np.float64],
        signed: NDArray[np.float64],
    ) -> torch.Tensor:
        """Images of one operation; those of the five warps are together, as they are sampled alike."""
        if operation[0] not in _WARPS:
            return _toned(images, OPERATIONS[operation[0]], share, signed, self.ranges)
        changed = warp(images, _frames(operation, signed, self.ranges, images.shape[2], images.shape[3]))
        # The weights of four pixels add up to 1 only to within rounding.
        return changed.clamp(0.0, white(images)) if images.is_floating_point() else changed


def _taken(images: torch.Tensor, rows: NDArray[np.int64], like: torch.Tensor) -> torch.Tensor:
    """Some of the images, in this order, in the memory format of the batch `like`, which has no fewer."""
    out = torch.empty_like(like[: len(rows)])
    where = torch.from_numpy(rows).to(images.device)
    if not out.is_contiguous() and out.is_contiguous(memory_format=torch.channels_last):
        # Seen as (N, H, W, C) an image is one piece of memory here too.
        torch.index_select(images.permute(0, 2, 3, 1), 0, where, out=out.permute(0, 2, 3, 1))
    else:
        torch.index_select(images, 0, where, out=out)
    return out


def _frames(
    operation: NDArray[np.int64], signed: NDArray[np.float64], ranges: Ranges, height: int, width: int
) -> Frames:
    """(N, 2, 3) of `striate.augment.frames`. Shears keep the corner at the top left, rotations the centre."""
    frames = still(len(operation))
    for number in _WARPS:
        rows = operation == number
        s = signed[rows]
        if OPERATIONS[number] == "rotate":
            t = np.deg2rad(ranges.degrees * s)
            frames[rows, 0, :2] = np.stack([np.cos(t), -np.sin(t)], axis=1)
            frames[rows, 1, :2] = np.stack([np.sin(t), np.cos(t)], axis=1)
            continue
        kind, _, axis = OPERATIONS[number].partition("-")
        along, across = (0, 1) if axis == "x" else (1, 0)
        if kind == "shear":
            frames[rows, along, across] = ranges.shear * s
            frames[rows, along, 2] = ranges.shear * s * (height if axis == "x" else width) / 2
        else:
            side = width if axis == "x" else height
            pixels = ranges.translate * (side if ranges.translate < 1 else 1.0)
            # A hair before the cut, or 9 tenths of 10 pixels might be 8.
            frames[rows, along, 2] = -np.trunc(pixels * s + 1e-9 * np.sign(s))
    return frames


def _toned(
    images: torch.Tensor,
    operation: str,
    share: NDArray[np.float64],
    signed: NDArray[np.float64],
    ranges: Ranges,
) -> torch.Tensor:
    """An operation that moves nothing."""
    factor = 1.0 + ranges.factor * signed
    match operation:
        case "brightness":
            return colour.brightened(images, factor)
        case "saturation":
            return colour.saturated(images, factor)
        case "contrast":
            return colour.contrasted(images, factor)
        case "sharpness":
            return tones.sharpened(images, factor)
        case "posterize":
            return tones.posterized(images, 8 - np.rint(ranges.bits * share).astype(np.int64))
        case "solarize":
            return tones.solarized(images, 1.0 - share)
        case "autocontrast":
            return tones.autocontrasted(images)
        case "equalize":
            return tones.equalized(images)
    return images


class RandAugment(_Automatic):
    """Two of fourteen operations for each image, all at one magnitude m of 30.

    At m / 30 of: shear by 0.3, translation by 150/331 of the side, rotation by 30 degrees, a change by 0.9 of the factor of
    brightness, saturation, contrast or sharpness, each with a random sign; posterize by 4 bits, solarize from white down;
    identity, autocontrast and equalize as they are (Cubuk et al. 2020, "RandAugment: Practical automated data augmentation
    with a reduced search space"; operations and ranges are those of torchvision's RandAugment with 31 bins).

    Teaches, by one number, most invariances that photographs of things have. Destroys labels that are told by colour,
    exposure, orientation or place, and thin strokes; a small network may be kept from fitting at all.

    Differs from torchvision's: geometric operations sample bilinearly (there: the nearest pixel) with the border mirrored
    (there: black), whole numbers are rounded (there: mostly cut off), floats are taken too, and each turn does every
    operation once, for all images of the batch that drew it.

    Policy: `randaugment` (m = 9), `randaugment14`, `randaugment9@0.5` (half of the images). Images of 1 or 3 channels.
    """

    name = "randaugment"
    takes = Number("the magnitude of its operations, of 30", 1, LARGEST, usual=9, whole=True)
    turns_taken = 2
    ranges = Ranges(shear=0.3, translate=150.0 / 331.0, degrees=30.0, factor=0.9, bits=4)

    def _magnitude(self, key: Key, indices: NDArray[Any]) -> NDArray[np.int64]:
        return np.full((len(indices), self.turns_taken), int(self.strength), dtype=np.int64)


class TrivialAugment(_Automatic):
    """One of fourteen operations for each image, at a magnitude of 0, ..., 30, both drawn anew: nothing to tune.

    At m / 30 of: shear by 0.99, translation by 32 pixels, rotation by 135 degrees, a change by 0.99 of the factor of
    brightness, saturation, contrast or sharpness, each with a random sign; posterize by 6 bits, solarize from white down;
    identity, autocontrast and equalize as they are (Müller & Hutter 2021, "TrivialAugment: Tuning-free yet state-of-the-art
    data augmentation"; operations and ranges are those of torchvision's TrivialAugmentWide with 31 bins).

    Teaches most invariances that photographs of things have, weakly and strongly. Destroys labels that are told by colour,
    exposure, orientation or place: some images are turned by 135 degrees (a 6 is nearly a 9), shifted by 32 pixels, which
    is all of a small image, or left almost black.

    Differs from torchvision's as `randaugment` does: bilinear (there: the nearest pixel), the border mirrored (there:
    black), rounded (there: mostly cut off), floats too, and batch by batch.

    Policy: `trivialaugment`, `trivialaugment@0.5` (half of the images); `ta` is the same. Images of 1 or 3 channels.
    """

    name = "trivialaugment"
    turns_taken = 1
    ranges = Ranges(shear=0.99, translate=32.0, degrees=135.0, factor=0.99, bits=6)

    def _magnitude(self, key: Key, indices: NDArray[Any]) -> NDArray[np.int64]:
        return key.integers(indices, 0, LARGEST, self.turns_taken)
