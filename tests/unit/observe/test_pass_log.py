"""A pass is kept small, spread over its whole length, with every image at its place."""

from __future__ import annotations

import numpy as np
import torch

from striate.observe.answers import said
from striate.observe.pass_log import PassLog, Wanted

ALL = Wanted(looks=32, prints=True, ranges=True, sureness=True)


def logged(batches: int, size: int = 8, wanted: Wanted = ALL, **more: bool) -> PassLog:
    log = PassLog(wanted)
    for i in range(batches):
        images = torch.full((size, 1, 8, 8), float(i))
        images[:, 0, 0, 0] = torch.arange(size) + 100.0
        log.saw(None if more.get("blind") and i % 2 else images, torch.full((size,), i % 3), None, size)
    return log


def test_what_is_looked_at_is_spread_over_the_pass() -> None:
    log = logged(40)
    looked = log.looked()
    assert looked is not None
    assert 16 <= len(looked.at) <= 32
    assert looked.at[0] == 0
    assert looked.at[-1] > 200
    assert np.allclose(looked.thumbs[:, 0, 4, 4], looked.at // 8)


def test_one_large_batch_is_thinned_too() -> None:
    looked = logged(1, size=100).looked()
    assert looked is not None
    assert looked.at.tolist() == list(range(0, 100, 4))


def test_every_image_keeps_its_place() -> None:
    log = logged(6, blind=True)
    assert log.column("labels").tolist() == np.repeat([0, 1, 2, 0, 1, 2], 8).tolist()
    assert (log.column("prints").reshape(6, 8) != 0).all(1).tolist() == [True, False] * 3


def test_another_size_shifts_nothing() -> None:
    log = PassLog(ALL)
    for side in (8, 9, 8):
        log.saw(torch.rand(4, 1, side, side), torch.zeros(4, dtype=torch.int64), None, 4)
    assert (log.column("prints") != 0).tolist() == [True] * 4 + [False] * 4 + [True] * 4


def test_answers_reduced_together_are_those_of_each_batch() -> None:
    generator = torch.Generator().manual_seed(0)
    outputs = [torch.randn(16, 5, generator=generator) for _ in range(9)]
    log = PassLog(Wanted(sureness=True))
    for part in outputs:
        log.saw(None, torch.zeros(16, dtype=torch.int64), part, 16)
        part += 1000 * torch.eye(5)[0]  # what the loop does with its outputs later is its own business
    before = [part - 1000 * torch.eye(5)[0] for part in outputs]
    assert log.column("answers").tolist() == torch.cat([said(part)[0] for part in before]).tolist()
    assert np.allclose(log.column("sureness"), torch.cat([said(part)[1] for part in before]), atol=1e-4)


def test_images_that_are_not_finite_are_left_out_of_looks() -> None:
    images = torch.rand(6, 1, 8, 8)
    images[2, 0, 1, 1] = float("inf")
    log = PassLog(ALL)
    log.saw(images, torch.zeros(6, dtype=torch.int64), None, 6)
    looked = log.looked()
    assert looked is not None
    assert looked.at.tolist() == [0, 1, 3, 4, 5]
