"""How to do it again: the command, settings off their defaults, the machine.

Knows nothing about results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from striate.core.records import RunRecord
from striate.core.wording import count, duration, printable
from striate.training.recipe import Recipe

__all__ = ["PLACES", "Circumstances", "circumstances"]

# Where a run is kept and read from: it decides nothing about the result and is in the command anyway.
PLACES = frozenset({"data", "data_dir", "cache_dir", "project", "name", "exist_ok"})


@dataclass(frozen=True)
class Circumstances:
    """Three tables of (name, value[, default]), and the command."""

    command: str
    settings: tuple[tuple[str, str, str], ...]
    machine: tuple[tuple[str, str], ...]
    run: tuple[tuple[str, str], ...]


def circumstances(
    run: RunRecord, settings: Mapping[str, Any], environment: Mapping[str, str]
) -> Circumstances:
    """The section. Settings that this striate does not know are listed with an unknown default."""
    return Circumstances(
        command=printable(run.command),
        settings=tuple(_differences(settings)),
        machine=tuple((printable(name), printable(value)) for name, value in environment.items()),
        run=(
            ("started", run.started),
            ("wall time", f"{duration(run.seconds)} in {count(run.sittings, 'sitting')}"),
            ("device", f"{run.device}, {run.precision}, {run.memory_format.replace('_', ' ')}"),
            ("because", printable(run.device_reason)),
            ("striate", run.striate_version),
        ),
    )


def _differences(settings: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Settings that are not at their default, in the order of args.yaml. "auto" and none become a choice."""
    rows = []
    for name, value in settings.items():
        field = Recipe.model_fields.get(name)
        default = field.default if field else None
        plain = list(default) if isinstance(default, tuple) else default
        if name in PLACES or (field and value == plain):
            continue
        shown = (
            "unknown"
            if field is None
            else "chosen by striate"
            if default in (None, "auto")
            else _shown(default)
        )
        rows.append((f"--{printable(name).replace('_', '-')}", _shown(value), shown))
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " × ".join(str(v) for v in value)
    return printable(str(value), 120)
