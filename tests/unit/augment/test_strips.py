"""Strips: the same images under each transform alone, then under all of them."""

from __future__ import annotations

import numpy as np
import torch

from striate.augment.policy import parse
from striate.augment.strips import strips_of

IMAGES = torch.randint(0, 256, (5, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = np.array([0, 1, 0, 1, 1])


def test_each_alone_then_all_together() -> None:
    strips = strips_of(parse("flip+vflip", shape=(3, 8, 8)).bind(["a", "b"]), IMAGES, LABELS)
    assert [strip.text for strip in strips] == ["as they are", "flip", "vflip", "all together: flip+vflip"]
    plain, flip, vflip, _ = (torch.from_numpy(strip.images).permute(0, 3, 1, 2) for strip in strips)
    assert torch.equal(plain, IMAGES)
    assert torch.equal(flip, IMAGES.flip(3))  # alone it happens to all of them
    assert torch.equal(vflip, IMAGES.flip(2))
    assert np.array_equal(strips[0].targets, np.eye(2)[LABELS])


def test_targets_follow_the_label_map_and_the_mixing() -> None:
    strips = strips_of(parse("flip+mixup").bind(["a", "b"], "flip: a<->b"), IMAGES, LABELS)
    assert np.array_equal(strips[1].targets, np.eye(2)[1 - LABELS])
    mixed = strips[2].targets
    assert np.allclose(mixed.sum(axis=1), 1)
    assert ((mixed > 0) & (mixed < 1)).any()


def test_one_transform_of_every_image_is_not_shown_twice() -> None:
    assert len(strips_of(parse("cutout4").bind(["a", "b"]), IMAGES, LABELS)) == 2
    assert len(strips_of(parse("flip").bind(["a", "b"]), IMAGES, LABELS)) == 3
    assert len(strips_of(parse("none").bind(["a", "b"]), IMAGES, LABELS)) == 1
