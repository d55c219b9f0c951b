"""The header of weights: what a newer striate wrote is said to be that, whatever else is new in it."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from striate.training.errors import NewerVersion, WeightsDamaged
from striate.training.weights import WeightsHeader, read_header, write_weights

HEADER = WeightsHeader(
    striate_version="0.1.0",
    model="classic",
    options={"classes": 2},
    classes=("a", "b"),
    preprocess={"mean": [0.5]},
    epoch=3,
)


def put(path, text):
    save_file({"w": torch.zeros(2)}, path, metadata={} if text is None else {"striate": text})


def test_the_header_comes_back(tmp_path):
    write_weights(tmp_path / "w.safetensors", {"w": torch.zeros(2)}, HEADER)
    assert read_header(tmp_path / "w.safetensors") == HEADER


def test_a_newer_format_with_a_new_key(tmp_path):
    path = tmp_path / "w.safetensors"
    put(path, json.dumps({**HEADER.to_dict(), "format": 2, "tiles": 4}))
    with pytest.raises(NewerVersion) as error:
        read_header(path)
    assert str(error.value) == (
        "these weights were written by a newer striate [newer-version]\n"
        f"  where     {path}\n"
        "  got       format 2\n"
        "  expected  format 1 or older\n"
        "  next      upgrade striate: pip install -U striate"
    )


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '{"format": 1}', '{"format": "2"}'])
def test_a_header_that_is_none(tmp_path, text):
    put(tmp_path / "w.safetensors", text)
    with pytest.raises(WeightsDamaged, match="this file has no striate header"):
        read_header(tmp_path / "w.safetensors")
