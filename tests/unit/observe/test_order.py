"""Order is told from labels: shuffled, sorted, and the same twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from striate.observe.order import batch_entropy, order_seen
from striate.observe.pass_log import PassLog, Wanted

RNG = np.random.default_rng(0)
MIXED = RNG.permutation(np.repeat(np.arange(5), 60))


def pass_of(labels: np.ndarray, images: np.ndarray | None = None, size: int = 20) -> PassLog:
    log = PassLog(Wanted(looks=8, prints=images is not None))
    for start in range(0, len(labels), size):
        part = None if images is None else torch.from_numpy(images[start : start + size])
        log.saw(part, torch.from_numpy(labels[start : start + size]), None, len(labels[start : start + size]))
    log.ended = True
    return log


def test_entropy_is_that_of_each_batch() -> None:
    labels, batch = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 1])
    by_hand = (0 - sum(p * math.log(p) for p in (0.25, 0.5, 0.25))) / 2
    assert batch_entropy(labels, batch) == pytest.approx(by_hand)


def test_shuffled_labels_are_like_their_null_and_sorted_ones_are_not() -> None:
    mixed, ordered = (order_seen([pass_of(labels)], 1) for labels in (MIXED, np.sort(MIXED)))
    assert mixed is not None
    assert ordered is not None
    assert mixed.null_low <= mixed.entropy <= mixed.null_entropy + 0.05
    assert ordered.entropy == 0 < 0.5 < ordered.null_low
    assert (mixed.batches, mixed.same_order) == (15, None)


@pytest.mark.parametrize(
    ("second", "same"),
    [(MIXED, True), (RNG.permutation(MIXED), False), (MIXED[:10], None)],
    ids=["again", "shuffled", "too-few"],
)
def test_whether_two_passes_have_one_order(second: np.ndarray, same: bool | None) -> None:
    seen = order_seen([pass_of(MIXED), pass_of(second)], 2)
    assert seen is not None
    assert seen.same_order is same


def test_equal_labels_of_shuffled_images_are_no_order() -> None:
    images = RNG.random((300, 1, 4, 4), dtype=np.float32)
    labels = np.tile([0, 1], 150)
    swapped = images[np.arange(300) ^ 2]
    seen = order_seen([pass_of(labels, images), pass_of(labels, swapped)], 2)
    assert seen is not None
    assert seen.same_order is False


def test_no_labels_no_order() -> None:
    assert order_seen([], 0) is None
    assert order_seen([pass_of(np.full(40, -1))], 1) is None


def test_no_number_of_the_global_generator_is_drawn() -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    order_seen([pass_of(MIXED)], 1)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
