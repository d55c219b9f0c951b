"""A library that is missing is named, with what to do."""

from __future__ import annotations

import importlib
import sys

import pytest

from striate.callbacks.errors import LibraryMissing

MISSING = {
    "lightning": ("striate.callbacks.lightning", "Lightning", ("lightning", "pytorch_lightning")),
    "keras": ("striate.callbacks.keras", "Keras", ("keras",)),
    "hf": ("striate.callbacks.hugging_face", "The Hugging Face Trainer (transformers)", ("transformers",)),
}


@pytest.mark.parametrize("extra", MISSING)
def test_the_extra_is_named(extra, monkeypatch):
    module, library, names = MISSING[extra]
    for name in (*names, *(n for n in sys.modules if n.startswith(tuple(f"{n}." for n in names)))):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(LibraryMissing) as caught:
        importlib.import_module(module)
    assert str(caught.value) == (
        f"{library} is not installed here [library-missing]\n"
        f"  where     {module}\n"
        f"  next      pip install 'striate[{extra}]'"
    )
    assert isinstance(caught.value, ImportError)
