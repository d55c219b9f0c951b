"""Files, archives, tables, named sets and arrays in; pixels, labels and splits out.

    sources   what the user gave -> Listing                    splits    Listing -> who trains, validates, tests
    decode    one file -> pixels and facts                     scan      all files once, in worker processes
    pixels    one array, in memory or mapped                   prepare   all of it in one call -> Dataset
    batches   tensors for the training loop: the one module here that imports torch

Functions are imported from the module that is named like them (``from striate.data.prepare import prepare, scan``); the
names below are imported when first used, for decoding workers import this package and little else. Knows nothing
about networks or augmentation.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from striate.data.dataset import Dataset
    from striate.data.listing import Listing
    from striate.data.preprocess import Preprocess
    from striate.data.scan_report import ScanReport
    from striate.data.sources import open_source

__all__ = ["Dataset", "Listing", "Preprocess", "ScanReport", "open_source"]

_DOORS = {
    "Dataset": "striate.data.dataset",
    "Listing": "striate.data.listing",
    "Preprocess": "striate.data.preprocess",
    "ScanReport": "striate.data.scan_report",
    "open_source": "striate.data.sources",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, once (PEP 562)."""
    if name not in _DOORS:
        raise AttributeError(f"module 'striate.data' has no attribute {name!r}")
    value: object = getattr(_importlib.import_module(_DOORS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
