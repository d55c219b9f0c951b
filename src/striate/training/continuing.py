"""What must be as it was for a run to go on to the same bits.

Settings that decide the computation are bound to the checkpoint, and a change of them is refused. The number of threads
decides the order of sums, so it is put back where the processor has as many; another device or torch gives a result that is
as good and not equal to the bit, which is said. Knows nothing about files.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from striate.training.errors import RecipeChanged
from striate.training.job import Job

__all__ = ["binding", "check_binding", "threads"]

# Where things are kept, how they are read, how long one waits: none of it changes a bit of the result.
_FREE = frozenset(
    {"data", "data_dir", "cache_dir", "workers", "memory_budget", "project", "name", "exist_ok", "save_every"}
    | {"patience", "device", "precision", "memory_format", "on_bad"}
)


def binding(job: Job) -> dict[str, Any]:
    """What a checkpoint keeps of the circumstances, as strict JSON values."""
    settings = {name: value for name, value in job.recipe.to_dict().items() if name not in _FREE}
    return {
        "settings": settings,
        "threads": torch.get_num_threads(),
        "machine": {
            "device": job.choice.device.type,
            "precision": job.choice.precision,
            "memory format": job.choice.memory_format_name,
            "torch": torch.__version__,
        },
    }


def check_binding(kept: Mapping[str, Any], job: Job, say: Callable[[str], None]) -> None:
    """Refuse other settings than a checkpoint was written with, put its threads back, and say what else is different.

    Raises RecipeChanged, which names every setting with its old and its new value.
    """
    now = binding(job)
    changed = [
        f"{name}: {kept['settings'].get(name)} -> {value}"
        for name, value in now["settings"].items()
        if name in kept["settings"] and kept["settings"][name] != value
    ]
    if changed:
        raise RecipeChanged(
            "the settings of this run have been changed since it began",
            got="\n".join(changed),
            expected="the args.yaml that it was begun with",
            next_step="put them back; or start a new run with them, and\n--weights RUN/weights/last.safetensors",
        )
    other = [
        f"{name} {kept['machine'].get(name)}, now {v}"
        for name, v in now["machine"].items()
        if kept["machine"].get(name) != v
    ]
    wanted = int(kept["threads"])
    if wanted <= (os.cpu_count() or 1):
        torch.set_num_threads(wanted)
    else:
        other.append(f"{wanted} threads, now {now['threads']}")
    if other:
        say(f"The run began with {'; '.join(other)}: the result is as good, but not equal to the bit.")


@contextlib.contextmanager
def threads() -> Iterator[None]:
    """Whatever number of threads is set inside, the caller's is back afterwards."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)
