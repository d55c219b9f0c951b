"""A batch as the network gets it: the policy's draws, its targets, partners from the whole training split."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.data.prepare import prepare
from striate.training.assemble import assemble_job
from striate.training.feed import Feed
from striate.training.job import Job
from striate.training.recipe import Recipe


def job(augment: str, label_map: str = "") -> Job:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
    dataset = prepare((images, np.arange(60) % 3), val_split=0.2)
    return assemble_job(Recipe(model="classic", augment=augment, label_map=label_map), dataset)


@pytest.mark.parametrize("augment", ["none", "flip+crop2", "mixup0.4", "translate+cutmix"])
def test_a_sample_is_the_same_in_any_batch_of_its_epoch(augment: str) -> None:
    feed = Feed(job(augment))
    rows = feed.job.dataset.indices("train")
    images, targets = feed(rows, 3)
    for some in (np.array([4]), np.array([30, 2, 11])):
        part, their = feed(rows[some], 3)
        assert torch.equal(part, images[some])
        assert torch.equal(their, targets[some])
    if augment != "none":
        assert not torch.equal(feed(rows, 4)[0], images)


def test_none_is_the_clean_image_and_its_label() -> None:
    feed = Feed(job("none"))
    rows = feed.job.dataset.indices("train")
    images, targets = feed(rows, 0)
    assert torch.equal(images, feed.clean(rows))
    assert torch.equal(targets, torch.from_numpy(feed.job.dataset.labels[rows]))


def test_partners_come_from_training_samples_alone() -> None:
    """The held-out images are white; a mixed batch that saw one would be brighter than the brightest of its own."""
    feed = Feed(job("mixup"))
    dataset = feed.job.dataset
    pixels = np.zeros_like(dataset.pixels)
    pixels[dataset.indices("val")] = 255
    object.__setattr__(dataset, "pixels", pixels)
    rows = dataset.indices("train")
    for epoch in range(5):
        assert feed.pixels(rows, epoch)[0].max() == 0


def test_the_label_map_reaches_the_targets() -> None:
    feed = Feed(job("flip@1", "flip: 0<->1"))
    rows = feed.job.dataset.indices("train")
    _, targets = feed(rows, 0)
    assert np.array_equal(targets.numpy(), np.array([1, 0, 2])[feed.job.dataset.labels[rows]])
    assert feed.job.recipe.label_map == "flip: 0<->1"
