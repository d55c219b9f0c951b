"""A policy in a loop of one's own: what it takes, and in which words it refuses the rest."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.augment.errors import BatchUnusable, TransformDoesNotFit
from striate.augment.policy import parse

IMAGES = torch.arange(4 * 3 * 6 * 6).remainder(256).to(torch.uint8).view(4, 3, 6, 6)
LABELS = np.array([0, 1, 0, 1])
ROWS = np.arange(4)


def ask(images=IMAGES, labels=LABELS, rows=ROWS, text="flip+rotate+mixup"):
    return parse(text).bind(["cat", "dog"])(images, labels, seed=0, epoch=0, rows=rows)


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (LABELS.tolist(), ROWS.tolist()),
        (torch.from_numpy(LABELS), torch.from_numpy(ROWS)),
        (LABELS.astype(np.uint8), ROWS.astype(np.int32)),
    ],
)
@pytest.mark.parametrize("text", ["flip+rotate+mixup", "flip"])
def test_lists_and_tensors_are_as_good(labels, rows, text: str) -> None:
    for found, wanted in zip(ask(labels=labels, rows=rows, text=text), ask(text=text), strict=True):
        assert torch.equal(found, wanted)
        assert found.dtype == wanted.dtype


def test_an_empty_batch() -> None:
    assert ask(IMAGES[:0], [], [])[1].shape == (0, 2)


@pytest.mark.parametrize(
    ("given", "said", "got"),
    [
        ({"images": IMAGES.numpy()}, "images are no tensor", "ndarray"),
        ({"images": IMAGES[0]}, "images are no batch", "shape (3, 6, 6)"),
        ({"images": IMAGES.long()}, "pixels are neither uint8 nor float", "torch.int64"),
        ({"labels": LABELS[:3]}, "labels are not one whole number", "int64 of shape (3,), and 4 images"),
        ({"labels": np.eye(2)[LABELS]}, "labels are not one whole number", "float64 of shape (4, 2)"),
        ({"labels": LABELS + 0.5}, "labels are not one whole number", "float64 of shape (4,)"),
        ({"labels": ["cat"] * 4}, "labels are not one whole number", "<U3 of shape (4,)"),
        ({"labels": LABELS + 1}, "a label is none of the 2 classes", "labels from 1 to 2"),
        ({"labels": LABELS - 1}, "a label is none of the 2 classes", "labels from -1 to 0"),
        ({"rows": ROWS[:2]}, "rows are not one whole number", "int64 of shape (2,), and 4 images"),
        ({"rows": range(9)}, "rows are not one whole number", "int64 of shape (9,), and 4 images"),
    ],
)
@pytest.mark.parametrize("text", ["flip+rotate+mixup", "rotate"])
def test_the_rest_is_refused_in_words(given, said: str, got: str, text: str) -> None:
    with pytest.raises(BatchUnusable) as refusal:
        ask(**given, text=text)
    assert refusal.value.what.startswith(said)
    assert (refusal.value.got or "").startswith(got)


@pytest.mark.parametrize(("text", "channels"), [("hue", 2), ("randaugment", 2), ("hue", 1), ("crop6", 3)])
def test_a_transform_that_does_not_fit_is_refused_before_anything_is_done(text: str, channels: int) -> None:
    with pytest.raises(TransformDoesNotFit):
        ask(IMAGES[:, :channels], text=text)
