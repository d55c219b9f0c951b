"""One split as a whole, against NumPy on all of its pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.observe.looking import as_images
from striate.observe.moments import counts_of, split_seen
from striate.observe.pass_log import PassLog, Wanted


def logged(images: np.ndarray, labels: np.ndarray, size: int = 16) -> PassLog:
    log = PassLog(Wanted(looks=512, prints=True, ranges=True))
    for start in range(0, len(images), size):
        part = as_images(torch.from_numpy(images[start : start + size]))
        log.saw(part, torch.from_numpy(labels[start : start + size]), None, len(labels[start : start + size]))
    return log


def pictures(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal([[[0.5]], [[-1]], [[2]]], 0.7, (n, 3, 16, 16)).astype(np.float32), np.arange(n) % 3


def test_moments_are_those_of_all_pixels() -> None:
    images, labels = pictures()
    seen = split_seen("train", logged(images, labels), 4)
    assert seen is not None
    assert np.allclose(seen.mean, images.mean((0, 2, 3)), atol=1e-5)
    assert np.allclose(seen.std, images.std((0, 2, 3)), rtol=1e-4)
    assert (seen.low, seen.high) == (images.min(), images.max())
    assert seen.counts == (20, 20, 20, 0)
    assert (seen.n, seen.hashed, seen.shape, seen.dtype) == (60, 60, (3, 16, 16), "float32")
    assert np.allclose(seen.thumbnail, images.mean(0).reshape(3, 8, 2, 8, 2).mean((2, 4)).ravel(), atol=1e-5)
    assert seen.contrast == pytest.approx(1, abs=0.02)


def test_blank_equal_and_broken_images_are_counted() -> None:
    images, labels = pictures()
    images[3] = np.array([1.0, 2.0, 3.0])[:, None, None]
    images[4] = images[5]
    images[6, 0, 0, 0] = np.inf
    images[7, 1, 2, 3] = np.nan
    seen = split_seen("val", logged(images, labels), 3)
    assert seen is not None
    assert (seen.constant, seen.repeated, seen.non_finite) == (1, 1, 2)
    assert np.isfinite([*seen.mean, *seen.std, seen.low, seen.high]).all()


def test_blur_lowers_sharpness_and_fog_lowers_contrast() -> None:
    images, labels = pictures()
    blurred = (images + np.roll(images, 1, 3) + np.roll(images, 2, 3)) / 3
    tint = np.random.default_rng(1).normal(0, 1, (60, 3, 1, 1)).astype(np.float32)
    foggy = 0.3 * images + tint
    plain, soft, grey = (split_seen("train", logged(part, labels), 3) for part in (images, blurred, foggy))
    assert plain is not None
    assert soft is not None
    assert grey is not None
    assert soft.sharpness < 0.7 * plain.sharpness
    assert grey.contrast < 0.5 * plain.contrast


def test_scale_changes_neither_contrast_nor_sharpness() -> None:
    images, labels = pictures()
    small, large = (
        split_seen("train", logged(images * scale, labels), 3) for scale in (np.float32(1), np.float32(255))
    )
    assert small is not None
    assert large is not None
    assert large.sharpness == pytest.approx(small.sharpness, rel=1e-3)
    assert large.contrast == pytest.approx(small.contrast, rel=1e-3)


def test_no_images_no_record() -> None:
    log = PassLog(Wanted(looks=8, prints=True, ranges=True))
    log.saw(None, torch.zeros(4, dtype=torch.int64), None, 4)
    assert split_seen("train", log, 2) is None


def test_labels_that_are_none_are_not_counted() -> None:
    assert counts_of(np.array([0, -1, 2, 9]), 3) == (1, 0, 1)
