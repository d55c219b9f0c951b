"""Which device, precision and memory format, and why: decided once, said in words.

The one module of `core` that imports torch. Knows nothing about models or data.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from striate.core.errors import RecipeError

__all__ = ["DeviceChoice", "DeviceUnavailable", "choose", "native_bf16_on_cpu"]


class DeviceUnavailable(RecipeError):
    """The device or precision asked for does not exist on this machine.

    Cause: `--device cuda` without a GPU that torch can see (often a CPU build of torch), or `--precision
    fp16` on a CPU.

    Cure: leave `--device` and `--precision` at `auto`; `env.json` of any run says what was chosen and why.
    """

    slug = "device-unavailable"


@dataclass(frozen=True)
class DeviceChoice:
    """Where and how arithmetic runs. `autocast` is None for plain float32."""

    device: torch.device
    precision: str
    autocast: torch.dtype | None
    memory_format: torch.memory_format
    reason: str

    @property
    def memory_format_name(self) -> str:
        """'channels_last' (NHWC in memory) or 'contiguous' (NCHW)."""
        return "channels_last" if self.memory_format is torch.channels_last else "contiguous"


def native_bf16_on_cpu() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (avx512_bf16 or AMX; Arm bf16).

    Without it bf16 is emulated and slower than float32. Read from the kernel's flag list, since torch
    reports AVX-512 without saying whether the bf16 extension is there.
    """
    try:
        flags = (
            Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split("\n\n", 1)[0].split()
        )
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", "bf16"))


def choose(device: str = "auto", precision: str = "auto", memory_format: str = "auto") -> DeviceChoice:
    """Resolve the three settings; each 'auto' is replaced by what suits the machine.

    device: auto, cpu, cuda, cuda:N or N, mps. precision: auto, fp32, bf16, fp16. memory_format: auto,
    channels_last, contiguous. Raises DeviceUnavailable where a named one is not to be had.
    """
    chosen, why_device = _device(device)
    name, why_precision = _precision(precision, chosen)
    layout = torch.contiguous_format if memory_format == "contiguous" else torch.channels_last
    autocast = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
    return DeviceChoice(chosen, name, autocast, layout, f"{why_device}; {why_precision}")


def _device(asked: str) -> tuple[torch.device, str]:
    if asked == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device()), f"GPU {torch.cuda.get_device_name()}"
        if torch.backends.mps.is_available():
            return torch.device("mps"), "Apple GPU"
        return torch.device("cpu"), f"no GPU that torch can see, so {_threads()}"
    name = f"cuda:{asked}" if asked.isdigit() else asked
    try:
        device = torch.device(name)
        # A number is asked back: `meta` has tensors, and no memory for what is in them.
        torch.ones(1, device=device).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        raise DeviceUnavailable(
            "this device is not to be had",
            got=f"--device {asked}",
            expected=_available(),
            next_step="leave out --device, or install a torch build for that device",
        ) from error
    return device, f"{name} as asked"


def _threads() -> str:
    n = torch.get_num_threads()
    return f"{n} CPU thread" if n == 1 else f"{n} CPU threads"


def _available() -> str:
    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    return ", ".join(["cpu", *gpus, *(["mps"] if torch.backends.mps.is_available() else [])])


def _precision(asked: str, device: torch.device) -> tuple[str, str]:
    if asked == "auto":
        return _auto_precision(device)
    if asked == "fp16" and device.type == "cpu":
        raise DeviceUnavailable(
            "fp16 does not train on a CPU",
            got="--precision fp16",
            expected="auto, fp32 or bf16",
            next_step="use --precision auto",
        )
    return asked, f"{asked} as asked"


def _auto_precision(device: torch.device) -> tuple[str, str]:
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bf16", "bf16 is native here and needs no loss scaling"
        return "fp16", "fp16 with loss scaling: this GPU has no native bf16"
    if device.type == "mps":
        return "fp32", "fp32: mixed precision on this device is not faster"
    if native_bf16_on_cpu():
        return "bf16", "bf16 is native on this CPU"
    return "fp32", "fp32: this CPU has no native bf16, which would then be slower"
