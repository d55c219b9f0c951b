"""Networks by name: striate's own, and any of timm or torchvision.

Names and defaults are to be had without importing torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from striate.models.catalogue import ModelDefaults, build, defaults, names
    from striate.models.loading import load_weights

__all__ = ["ModelDefaults", "build", "defaults", "load_weights", "names"]


def __getattr__(name: str) -> Any:
    if name == "load_weights":
        from striate.models.loading import load_weights

        return load_weights
    if name in __all__:
        from striate.models import catalogue

        return getattr(catalogue, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
