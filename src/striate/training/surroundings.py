"""The machine and the versions a run was made with: env.json.

Knows nothing about the run itself.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

import torch

from striate.core.devices import DeviceChoice

__all__ = ["surroundings"]

_PACKAGES = ("striate", "torch", "torchvision", "timm", "numpy", "pillow", "simplejpeg", "safetensors")


def surroundings(choice: DeviceChoice) -> dict[str, str]:
    """Name -> value, all text. Reads nothing that identifies a person or a host."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "device": str(choice.device),
        "device_name": torch.cuda.get_device_name(choice.device) if choice.device.type == "cuda" else "CPU",
        "precision": choice.precision,
        "memory_format": choice.memory_format_name,
        "why": choice.reason,
        **{f"{name} version": _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
