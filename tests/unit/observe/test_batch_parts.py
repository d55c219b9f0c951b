"""Batches as people's loaders give them."""

from __future__ import annotations

from collections import namedtuple

import pytest
import torch

from striate.observe.batch_parts import parts, target_kind

X, Y = torch.zeros(4, 3, 8, 8), torch.tensor([0, 1, 2, 1])
Named = namedtuple("Named", "image label")

BATCHES = {
    "pair": (X, Y),
    "list": [X, Y],
    "three elements": (X, Y, torch.arange(4)),
    "named tuple": Named(X, Y),
    "mapping": {"pixel_values": X, "labels": Y},
    "mapping of other names": {"picture": X, "species": Y},
    "nested": ((X, torch.zeros(4, 2)), Y),
    "column of classes": (X, Y[:, None]),
    "small integers": (X, Y.to(torch.uint8)),
}


@pytest.mark.parametrize("name", BATCHES)
def test_images_and_classes_are_found(name):
    found = parts(BATCHES[name])
    assert found.images is X
    assert found.targets is not None
    assert (found.kind, found.size) == ("classes", 4)
    assert found.targets.reshape(-1).tolist() == Y.tolist()


def test_kinds_of_targets():
    shares = torch.tensor([[0.7, 0.3], [0.0, 1.0]])
    assert target_kind(shares) == "shares"
    assert target_kind(torch.tensor([[1, 1], [0, 1]])) == "multi-label"
    assert target_kind(torch.tensor([[1.0, 1.0], [0.0, 0.0]])) == "multi-label"
    assert target_kind(torch.tensor([0.5, 1.5])) == "regression"
    assert target_kind(torch.tensor([[0.5, 1.5]])) == "regression"
    assert target_kind(torch.zeros(2, 3, 4, 4)) == "unknown"
    assert target_kind(torch.tensor(3)) == "unknown"
    assert target_kind(None) == "unknown"


NO_BATCHES = [None, 3, "text", [], (), {}, {"a": 1}, [None, None], [X], object()]


@pytest.mark.parametrize("batch", NO_BATCHES, ids=range(len(NO_BATCHES)))
def test_what_is_no_batch_is_unknown_and_no_error(batch):
    assert parts(batch).kind == "unknown"


def test_a_tensor_alone_is_images():
    assert parts(X).images is X
    assert parts(X).size == 4
