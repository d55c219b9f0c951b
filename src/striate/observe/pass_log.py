"""What is kept of one pass over a split: a row an image, thinned so that it stays small.

Batches come as tensors on any device and stay there, reduced, until they are asked for: then there is one copy a column. Images to look at are
those of every 2**k-th batch, k growing as the pass does, so that they are spread over the whole pass however long it is: a
sorted pass shows all of its classes. Knows nothing about networks or about other passes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.observe.answers import classes_given, said, width
from striate.observe.looking import Look, grid, look, prints, ranges
from striate.observe.rows import Rows

__all__ = ["Looked", "PassLog", "Wanted"]

LONGEST = 1 << 16
"""Images of one pass whose label, answer and print are kept; of later ones nothing is."""


_HELD = 1 << 17
"""Numbers of targets and outputs that are held before they are reduced: half a megabyte, a hundred batches of 128 in ten classes."""


@dataclass(frozen=True)
class Wanted:
    """How much of a pass is kept."""

    looks: int = 0
    """Images to look at; 0 for none."""
    prints: bool = False
    """Without them nothing is looked at."""
    ranges: bool = False
    sureness: bool = False


@dataclass
class Looked:
    """The images looked at. All of one length n."""

    at: NDArray[np.int64]
    """Position in the pass."""
    thumbs: NDArray[np.float32]
    """(n, C, h, w)"""
    mean: NDArray[np.float64]
    square: NDArray[np.float64]
    sharp: NDArray[np.float64]


@dataclass
class PassLog:
    """One pass, as it goes."""

    wanted: Wanted
    stride: int = 1
    """Every which batch is looked at; doubled when there are too many."""
    n: int = 0
    ended: bool = False
    expected: int = 0
    after: int = 0
    """Passes over train that had ended when this one began."""
    step: int = 0
    shape: tuple[int, ...] = ()
    dtype: str = ""
    sizes: list[int] = field(default_factory=list)
    """Images by batch, as far as labels are kept."""
    _held: tuple[Rows, Rows] = field(default_factory=lambda: (Rows(), Rows()))
    """Targets and outputs."""
    _held_n: int = 0
    _held_numbers: int = 0
    _kind: tuple[object, ...] = ()
    _columns: dict[str, Rows] = field(default_factory=dict)
    _looks: list[tuple[int, NDArray[np.int64], Look]] = field(default_factory=list)
    """(batch, positions, look)."""

    def saw(self, images: torch.Tensor | None, targets: object, logits: torch.Tensor | None, n: int) -> None:
        """One batch of `n`: images as `striate.observe.looking.as_images` returns them, None to look at none of it."""
        if self.n + n <= LONGEST:
            self.sizes.append(n)
            self._hold(targets, logits, n)
            if self.wanted.prints:
                self._put_images(images, n)
        self.n += n

    def _hold(self, targets: object, logits: torch.Tensor | None, n: int) -> None:
        """Keeps copies until there are enough to be worth the calls that reduce them."""
        given = targets.detach() if isinstance(targets, torch.Tensor) and targets.ndim in (1, 2) else None
        outputs = logits.detach() if logits is not None and width(logits, n) else None
        kind = tuple(
            (part.shape[1:], part.dtype, part.device) if part is not None else None
            for part in (given, outputs)
        )
        if kind != self._kind or self._held_numbers > _HELD:
            self._reduce()
            self._held = (Rows(), Rows()) if kind != self._kind else self._held
        self._kind = kind
        for rows, part in zip(self._held, (given, outputs), strict=True):
            if part is not None:
                rows.put(part)
                self._held_numbers += part.numel()
        self._held_n += n

    def _reduce(self) -> None:
        """Held targets and outputs become labels, answers and how sure these are."""
        n = self._held_n
        if not n:
            return
        targets, outputs = (rows.taken() if rows.n else None for rows in self._held)
        self._put("labels", classes_given(targets, n))
        if outputs is None:
            answers, sure = torch.full((n,), -1, dtype=torch.int32), torch.zeros(n)
        else:
            answers, sure = said(outputs)
        self._put("answers", answers)
        if self.wanted.sureness:
            self._put("sureness", sure)
        self._held_n = self._held_numbers = 0
        for rows in self._held:
            rows.clear()

    def _put(self, column: str, values: torch.Tensor) -> None:
        self._columns.setdefault(column, Rows()).put(values)

    def _put_images(self, images: torch.Tensor | None, n: int) -> None:
        if images is not None and not self.shape:
            self.shape, self.dtype = tuple(images.shape[1:]), str(images.dtype).removeprefix("torch.")
        if images is None or tuple(images.shape[1:]) != self.shape:
            # Not looked at, or of another size: the places of later images stay right.
            self._put("prints", torch.zeros(n, dtype=torch.int64))
            if self.wanted.ranges:
                for column in ("low", "high"):
                    self._put(column, torch.zeros(n))
                self._put("blank", torch.zeros(n, dtype=torch.bool))
            return
        pixels = grid(images)
        self._put("prints", prints(pixels))
        if self.wanted.ranges:
            low, high = ranges(pixels)
            self._put("low", low.amin(1))
            self._put("high", high.amax(1))
            self._put("blank", (low == high).all(1))
        batch = len(self.sizes) - 1
        if self.wanted.looks and batch % self.stride == 0:
            self._look(batch, images, pixels)

    def _look(self, batch: int, images: torch.Tensor, pixels: torch.Tensor) -> None:
        every = -(-len(images) // self.wanted.looks)
        self._looks.append(
            (batch, self.n + np.arange(0, len(images), every), look(images[::every], pixels[::every]))
        )
        while sum(len(at) for _, at, _ in self._looks) > self.wanted.looks and len(self._looks) > 1:
            self.stride *= 2
            self._looks = [kept for kept in self._looks if kept[0] % self.stride == 0]

    def column(self, name: str) -> NDArray[Any]:
        """A row an image: ``labels``, ``answers``, ``sureness``, ``prints`` (0: not looked at), ``low``, ``high``, ``blank`` (each
        channel of one value); empty where it was not wanted.
        """
        self._reduce()
        rows = self._columns.get(name)
        return rows.taken().cpu().numpy() if rows is not None else np.empty(0)

    def looked(self) -> Looked | None:
        """What the images look like; None where none was looked at. Images with pixels that are not finite are left out."""
        if not self._looks:
            return None
        if len(self._looks) > 1:
            whole = Look(
                *(torch.cat([getattr(kept[2], name) for kept in self._looks]).cpu() for name in _FIELDS)
            )
            at = np.concatenate([kept[1] for kept in self._looks])
        else:
            whole, at = self._looks[0][2], self._looks[0][1]
        thumbs, mean, square, sharp = (getattr(whole, name).cpu().numpy() for name in _FIELDS)
        sound = np.isfinite(square).all(1) & np.isfinite(thumbs).all((1, 2, 3))
        return Looked(
            at[sound],
            thumbs[sound],
            mean[sound].astype(float),
            square[sound].astype(float),
            sharp[sound].astype(float),
        )


_FIELDS = ("thumbs", "mean", "square", "sharp")
