"""How much memory is held, by the device or else by this process.

Knows nothing about who holds it.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import torch

__all__ = ["process_memory"]

_STATM = Path("/proc/self/statm")


def process_memory(device: torch.device) -> float:
    """Bytes: allocated on a CUDA device, else resident in this process where the system tells (Linux), else NaN."""
    if device.type == "cuda":
        return float(torch.cuda.memory_allocated(device))
    try:
        return float(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        return math.nan
