"""Small folders of pictures and a train call that takes a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import striate


def write_images(folder: Path, classes: list[str], n: int, side: int = 16) -> Path:
    """`n` PNG files of noise for each class; the tint tells the classes apart."""
    rng = np.random.default_rng(0)
    for c, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            pixels = rng.integers(0, 200, (side, side, 3))
            pixels[..., c % 3] += 50
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{i:03}.png")
    return folder


@pytest.fixture
def images(tmp_path):
    """``images("name", ["a", "b"], 10)`` -> a folder of them."""
    return lambda name, classes, n: write_images(tmp_path / name, classes, n)


@pytest.fixture
def quick(tmp_path):
    """`striate.train` with settings that make it quick, into a folder of the test's own."""
    fixed = {
        "project": str(tmp_path / "runs"),
        "cache_dir": str(tmp_path / "cache"),
        "epochs": 2,
        "workers": 0,
    }
    return lambda data, **settings: striate.train(data, **{**fixed, **settings})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of two classes and a run on it, shared by the tests of one module; none may change it."""
    root = tmp_path_factory.mktemp("trained")
    data = write_images(root / "photos", ["ants", "bees"], 20)
    run = striate.train(
        data,
        project=str(root / "runs"),
        cache_dir=str(root / "cache"),
        epochs=4,
        workers=0,
        test_split=0.2,
        ema=0.9,
    )
    return data, run
