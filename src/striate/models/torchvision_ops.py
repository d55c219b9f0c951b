"""The one door to torchvision and timm: they load beside any torch.

torchvision's wheel carries compiled operators (box suppression and the like) that no classifier needs. Beside a torch
of another build (a CPU torch with the registry's default torchvision, say) the compiled file does not load, and the
import then stops at Python code which describes operators that nobody declared. Declaring their signatures first lets
the import pass; calling one still fails, as it should. Knows nothing about networks.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

import torch

__all__ = ["prepare"]

# The operators that torchvision/_meta_registrations.py describes without asking whether they are there
# (0.26 to 0.28).
_DESCRIBED = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@lru_cache(maxsize=1)
def prepare() -> torch.library.Library | None:
    """Make `import torchvision` (hence `import timm`) work; to be called before either.

    Returns the declarations, which live as long as this function's cache, or None where the compiled operators
    load (or torchvision is imported already, or absent): then nothing is changed.
    """
    spec = None if "torchvision" in sys.modules else importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None or _compiled_load(Path(spec.origin).parent):
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for signature in _DESCRIBED:
        library.define(signature)
    return library


def _compiled_load(package: Path) -> bool:
    """Whether torchvision's compiled operators load into this torch. Loading them twice is harmless."""
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        compiled = package / f"_C{suffix}"
        if compiled.exists():
            try:
                torch.ops.load_library(compiled)
            except OSError:
                return False
            return True
    return False
