"""Images for looking at a network: from anywhere, the same every time, as the network takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from striate.data.errors import NoSuchData
from striate.data.pixel_errors import UnreadableImage
from striate.verbs.pictures import pictures_for
from striate.verbs.subject import Subject, load_subject
from tests.unit.verbs.conftest import write_images


def subject(channels: int = 3, side: int = 8) -> Subject:
    return load_subject(nn.Sequential(nn.Conv2d(channels, 2, 3)), input_size=(channels, side, side))


def test_crops_of_photographs_by_default() -> None:
    one, two = pictures_for(subject(), n=5), pictures_for(subject(), n=5)
    assert one.origin == "5 crops of scikit-learn's two photographs"
    assert one.tensor.shape == (5, 3, 8, 8)
    assert torch.equal(one.tensor, two.tensor)
    assert one.pixels is not None
    wanted = (one.pixels[2] / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(one.tensor[2].permute(1, 2, 0).numpy(), wanted, atol=1e-5)
    assert pictures_for(subject(1), n=2).tensor.shape == (2, 1, 8, 8)


def test_a_data_set_evenly_and_its_test_images_first(tmp_path: Path) -> None:
    write_images(tmp_path / "set" / "train", ["a", "b"], 6)
    write_images(tmp_path / "set" / "test", ["a", "b"], 4)
    found = pictures_for(subject(), tmp_path / "set", n=6)
    assert found.origin == "6 images of test of set"
    whole = pictures_for(subject(), [str(tmp_path / "set")], n=100)
    assert whole.tensor.shape[0] == 8


def test_files_all_of_them_in_their_order(tmp_path: Path) -> None:
    write_images(tmp_path, ["a"], 3)
    files = sorted((tmp_path / "a").iterdir(), reverse=True)
    found = pictures_for(subject(), files, n=2)
    assert found.origin == "3 image files"
    assert found.pixels is not None
    assert torch.equal(pictures_for(subject(), files[0]).tensor[0], found.tensor[0])


def test_a_run_shows_its_own_data(trained: Any) -> None:
    data, run = trained
    found = pictures_for(load_subject(run), n=4)
    assert found.origin == f"4 images of {Path(data).name}"
    assert found.tensor.shape == (4, 3, 16, 16)


def test_named_sets_tensors_and_noise() -> None:
    assert pictures_for(subject(1), "digits", n=3).origin == "3 images of digits"
    ready = torch.zeros(2, 3, 8, 8)
    assert pictures_for(subject(), ready).tensor is ready
    assert pictures_for(subject(5), n=2).origin == "2 images of Gaussian noise"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    write_images(tmp_path, ["a"], 1)
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"not an image")
    assert pictures_for(subject(), [bad, tmp_path / "a" / "000.png"]).origin == "1 image file"
    with pytest.raises(UnreadableImage):
        pictures_for(subject(), [bad])
    with pytest.raises(NoSuchData):
        pictures_for(subject(), [tmp_path / "gone.jpg", bad])
    with pytest.raises(NoSuchData):
        pictures_for(subject(), "gone")
