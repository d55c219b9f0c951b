"""The autocast under which a loop calls its network, kept to be used again.

Knows nothing about scalers or gradients.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["AutocastState"]


@dataclass(frozen=True)
class AutocastState:
    """Whether autocast was on for a kind of device, and to which type."""

    device_type: str = "cpu"
    enabled: bool = False
    dtype: torch.dtype | None = None

    @classmethod
    def now(cls, device: torch.device) -> AutocastState:
        """As it is at this moment for `device`."""
        kind = device.type
        if not torch.is_autocast_enabled(kind):
            return cls(kind)
        return cls(kind, True, torch.get_autocast_dtype(kind))

    @property
    def scales(self) -> bool:
        """Whether such a loop usually scales its loss: half precision with few exponent bits."""
        return self.enabled and self.dtype == torch.float16

    def again(self) -> AbstractContextManager[Any]:
        """The same autocast; none inside where none was."""
        if not self.enabled:
            return nullcontext()
        return torch.autocast(self.device_type, dtype=self.dtype, cache_enabled=False)
