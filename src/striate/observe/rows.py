"""A column that grows: rows are copied into one block of memory on their device.

Thousands of small tensors kept between large ones that come and go would leave holes that no large one fits into: a process then
grows by many times what is kept. Knows nothing about what the rows say.
"""

from __future__ import annotations

import torch

__all__ = ["Rows"]

_FIRST = 1024
"""Rows of the first block; each later one has twice as many."""


class Rows:
    """Rows of one shape and type, those of the first values put.

    >>> rows = Rows()
    >>> rows.put(torch.tensor([1, 2]))
    >>> rows.taken().tolist()
    [1, 2]
    """

    def __init__(self) -> None:
        self.n = 0
        self._block: torch.Tensor | None = None

    def put(self, values: torch.Tensor) -> None:
        """Copies (n, ...) behind what is there. Raises RuntimeError for rows of another shape."""
        end = self.n + len(values)
        if self._block is None:
            self._block = values.new_empty((max(_FIRST, end), *values.shape[1:]))
        elif end > len(self._block):
            larger = self._block.new_empty((max(2 * len(self._block), end), *self._block.shape[1:]))
            larger[: self.n] = self._block[: self.n]
            self._block = larger
        self._block[self.n : end].copy_(values)
        self.n = end

    def taken(self) -> torch.Tensor:
        """All rows, a view: it holds until the next are put after `clear`. Raises ValueError before any was put."""
        if self._block is None:
            raise ValueError("no rows were put")
        return self._block[: self.n]

    def clear(self) -> None:
        """Forgets the rows and keeps the memory."""
        self.n = 0
