"""A sample over the whole pass, bounded."""

from __future__ import annotations

import torch

from striate.observe.clean_images import CleanImages


def test_an_ordered_pass_gives_all_classes():
    clean = CleanImages(most=50)
    for label in range(10):
        clean.take(torch.full((32, 1, 2, 2), float(label)), torch.full((32,), label), batches=10)
    images, targets = (torch.cat(part) for part in zip(*clean.batches(50), strict=True))
    assert clean.n == len(images) == 50
    assert torch.bincount(targets).tolist() == [5] * 10
    assert torch.equal(images[:, 0, 0, 0].long(), targets)
    assert len(torch.cat([y for _, y in clean.batches(10)])) <= 10


def test_bounds_and_copies():
    clean = CleanImages(most=1000, room=64)
    images = torch.ones(4, 1, 2, 2)
    for _ in range(9):
        clean.take(images, torch.zeros(4, dtype=torch.long), batches=0)
    assert clean.n == 4
    images.zero_()
    assert bool((clean.batches(9)[0][0] == 1).all())
    assert CleanImages().batches(5) == []
    clean.take(images[:0], torch.zeros(0), batches=1)
