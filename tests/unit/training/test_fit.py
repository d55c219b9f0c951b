"""A network and a recipe that cannot be trained together are refused before a run begins, with advice that fits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import striate
from striate.core.errors import StriateError
from striate.data.arrays import from_arrays
from striate.data.prepare import prepare
from striate.training.assemble import assemble_job, build_model
from striate.training.fit import check_fit
from striate.training.recipe import Recipe


def arrays(n, side=8):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8), np.arange(n) % 2


@pytest.fixture
def quick(tmp_path):
    fixed = {"project": str(tmp_path / "runs"), "epochs": 1}
    return lambda data, **settings: striate.train(data, **{**fixed, **settings})


def named(model, **settings):
    """The check of a network by name, on 20 images of its size."""
    size = settings.setdefault("img_size", 8)
    recipe = Recipe.make({"model": model, "precision": "fp32", **settings})
    job = assemble_job(recipe, prepare(arrays(20, size)))
    check_fit(build_model(job), job)


class Pooled(nn.Module):
    """Batch norm over one number for each channel and image, where torch itself refuses a single image."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm1d(4)
        self.fc = nn.Linear(4, 2)

    def forward(self, images):
        return self.fc(self.norm(self.conv(images).mean((2, 3))))


class FrozenNorm(Pooled):
    """Keeps its batch norm in eval mode, as one does with a backbone that others trained."""

    def train(self, mode=True):
        super().train(mode)
        self.norm.eval()
        return self


def screen(call):
    with pytest.raises(StriateError) as error:
        call()
    return str(error.value)


def test_batch_norm_and_a_batch_of_one_by_the_network_that_is_there(quick):
    text = (
        "batch norm cannot train on one image at a time [too-few-to-train]\n"
        "  where     {}\n"
        "  got       --batch-size 1\n"
        "  expected  at least two images in a step\n"
        "  next      a larger --batch-size, or {}"
    )
    group, without = "--norm group", "a network without batch norm"
    assert screen(lambda: named("resnet20", batch_size=1)) == text.format("bn1 of resnet20", group)
    library = "torchvision/resnet18"
    assert screen(lambda: named(library, batch_size=1, img_size=32)) == text.format(
        f"bn1 of {library}", without
    )
    module = screen(lambda: quick(arrays(20), model=Pooled(), batch_size=1, norm="none"))
    assert module == text.format("norm of python:Pooled", without)


def test_a_training_split_of_one_image(quick):
    x, y = arrays(4)
    data = from_arrays(x, y, splits=["train", "val", "val", "val"])
    assert screen(lambda: quick(data, model=Pooled())) == (
        "batch norm cannot train on one image at a time [too-few-to-train]\n"
        "  where     norm of python:Pooled\n"
        "  got       a training split of one image\n"
        "  expected  at least two images in a step\n"
        "  next      more images, or a network without batch norm"
    )


def test_networks_without_batch_norm_take_a_batch_of_one(quick):
    named("vit_tiny_patch16_224", batch_size=1, img_size=224)
    named("resnet20", batch_size=1, norm="group")
    plain = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    assert quick(arrays(20), model=plain, batch_size=1).record.status == "finished"
    assert quick(arrays(20), model=FrozenNorm(), batch_size=1).record.status == "finished"


@pytest.mark.parametrize(("n", "batch"), [(21, 4), (3, 2), (5, 2)])
def test_a_last_batch_of_one_never_meets_batch_norm_alone(quick, n, batch):
    x, y = arrays(n)
    data = {"train": (x, y), "val": (x, y)}
    assert n % batch == 1
    run = quick(data, model=Pooled(), batch_size=batch)
    assert (run.history[0].steps, run.record.status) == (n // batch, "finished")
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        Pooled()(torch.zeros(1, 3, 8, 8))


def test_a_network_that_is_frozen_whole(quick, tmp_path):
    model = Pooled().requires_grad_(False)
    assert screen(lambda: quick(arrays(20), model=model)) == (
        "nothing in the network can learn [nothing-to-train]\n"
        "  where     python:Pooled\n"
        "  got       6 parameters, none of which requires a gradient\n"
        "  expected  at least one with requires_grad=True\n"
        "  next      leave the last layer free: model.fc.requires_grad_(True), whatever it is called"
    )
    assert list((tmp_path / "runs").iterdir()) == []
    model.fc.requires_grad_(True)
    before = model.conv.weight.clone()
    assert quick(arrays(20), model=model).record.status == "finished"
    assert torch.equal(model.conv.weight, before)


def test_looking_leaves_no_trace(no_trace):
    model = FrozenNorm()
    job = assemble_job(Recipe.make({"model": "python:FrozenNorm", "batch_size": 1}), prepare(arrays(20)))
    with no_trace(model):
        check_fit(model, job)
