"""Where striate keeps what it can make again, and looks for data sets already here.

Knows nothing about what is stored there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["cache_dir_or_default", "default_cache_dir", "local_data_dirs"]


def default_cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """`$STRIATE_CACHE`, else `$XDG_CACHE_HOME/striate`, else `~/.cache/striate`. Not created here.

    A relative `$XDG_CACHE_HOME` counts as unset, as the XDG base directory specification asks.
    """
    env = os.environ if environ is None else environ
    if own := env.get("STRIATE_CACHE"):
        return Path(own).expanduser()
    if (xdg := env.get("XDG_CACHE_HOME")) and Path(xdg).is_absolute():
        return Path(xdg) / "striate"
    return Path("~/.cache/striate").expanduser()


def cache_dir_or_default(cache_dir: str | Path | None) -> Path:
    """What was asked for, else the default."""
    return default_cache_dir() if cache_dir is None else Path(cache_dir).expanduser()


def local_data_dirs(
    data_dir: str | Path | None = None,
    cache_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Folders that may hold a copy of a named set, first the one that was asked for; existing ones only.

    `data_dir`, `$STRIATE_DATA`, `./data`, `./datasets`, `../shared/data`, then `datasets` in the cache.
    """
    env = os.environ if environ is None else environ
    cache = default_cache_dir(env) if cache_dir is None else cache_dir
    asked = [data_dir, env.get("STRIATE_DATA")]
    usual = [Path("data"), Path("datasets"), Path("..", "shared", "data"), cache / "datasets"]
    candidates = [Path(place).expanduser() for place in asked if place] + usual
    return tuple(dict.fromkeys(place for place in candidates if place.is_dir()))
