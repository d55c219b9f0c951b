"""The door of the lesson: every function in it is documented with an example that runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

from striate import conv

MODULES = [f"striate.conv.{module.name}" for module in pkgutil.iter_modules(conv.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", conv.__all__)
def test_what_the_door_shows_is_documented(name: str) -> None:
    shown = getattr(conv, name)
    text = inspect.getdoc(shown) or ""
    assert text.split("\n")[0].endswith(".")
    if inspect.isfunction(shown):
        assert ">>>" in text
