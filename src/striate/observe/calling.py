"""Calling a network beside its loop: uncompiled, its images under their name.

Knows nothing about why it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

__all__ = ["as_called"]


@contextmanager
def as_called(model: nn.Module, keyword: str) -> Iterator[None]:
    """Inside, ``model(images)`` is what the loop's ``model(keyword=images)`` is ("" for a plain argument), without compiled code."""
    compiled = getattr(model, "_compiled_call_impl", None)
    if compiled is not None:
        model._compiled_call_impl = None

    def renamed(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return ((), {keyword: args[0], **kwargs}) if len(args) == 1 else None

    handle = model.register_forward_pre_hook(renamed, with_kwargs=True) if keyword else None
    try:
        yield
    finally:
        if handle is not None:
            handle.remove()
        if compiled is not None:
            model._compiled_call_impl = compiled
