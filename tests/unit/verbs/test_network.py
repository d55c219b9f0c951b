"""A network asked about views: the average against a loop written by hand, and what an invariance makes of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from striate.augment.label_map import LabelMap, parse_label_map
from striate.augment.views import view_words, views_of
from striate.core import devices, metrics
from striate.data.preprocess import Preprocess
from striate.verbs.network import TrainedNetwork

SHAPE = (3, 8, 8)
CLASSES = ("left", "right", "dot")


def network_of(model: nn.Module, classes: tuple[str, ...] = CLASSES) -> TrainedNetwork:
    choice = devices.choose("cpu", "fp32", "contiguous")
    preprocess = Preprocess((8, 8), 3, mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.25))
    return TrainedNetwork(model.eval(), classes, preprocess, choice)


def seen(network: TrainedNetwork, text: str, labels: LabelMap | None = None) -> TrainedNetwork:
    views = views_of(view_words(text), SHAPE, labels or LabelMap(network.classes))
    return dataclasses.replace(network, views=views)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (33, 8, 8, 3), dtype=np.uint8)


@pytest.fixture
def convolving() -> TrainedNetwork:
    torch.manual_seed(0)
    return network_of(
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 3), nn.Tanh())
    )


def test_the_average_is_the_loop_over_views(convolving, pixels) -> None:
    """(N, H, W, C) pixels turned by hand; nothing of `views` is used."""
    padded = np.pad(pixels, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    crops = ((0.5, pixels), (0.25, padded[:, :8, :8]), (0.25, padded[:, 2:, 2:]))
    labels = parse_label_map("flip: left<->right", CLASSES, {"flip": 2})
    total = np.zeros((33, 3))
    for weight, crop in crops:
        total += weight / 2 * metrics.softmax(convolving.logits(crop))
        mirrored = metrics.softmax(convolving.logits(np.ascontiguousarray(crop[:, :, ::-1])))
        total += weight / 2 * mirrored[:, [1, 0, 2]]
    network = seen(convolving, "flip+shift", labels)
    assert np.allclose(network.probabilities(pixels), total, rtol=0, atol=3e-7)
    assert np.allclose(network.logits(pixels), np.log(total), rtol=0, atol=1e-6)
    assert np.abs(total - convolving.probabilities(pixels)).max() > 0.01


def test_without_views_nothing_is_different(convolving, pixels) -> None:
    with torch.inference_mode():
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        x = (x - torch.tensor([0.5, 0.4, 0.3])[:, None, None]) / torch.tensor([0.2, 0.3, 0.25])[:, None, None]
        wanted = convolving.model(x).numpy()
    assert np.allclose(convolving.logits(pixels), wanted, atol=1e-5)


class Palindrome(nn.Module):
    """Exactly the same of an image and of its mirror image: columns are added in pairs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = x + x.flip(3)
        rows = pairs[..., :4].amax(dim=3).mean(dim=2)
        return 3 * rows


def test_a_mirror_invariant_network_says_the_same(pixels) -> None:
    network = network_of(Palindrome())
    plain, flipped = network.probabilities(pixels), seen(network, "flip").probabilities(pixels)
    assert np.allclose(flipped, plain, rtol=0, atol=1e-7)
    assert not np.allclose(seen(network, "shift").probabilities(pixels), plain, atol=1e-3)


class Compass(nn.Module):
    """Tells on which side the ink is: left, right, or neither."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = x[..., :4].mean(dim=(1, 2, 3)), x[..., 4:].mean(dim=(1, 2, 3))
        return 8 * torch.stack([left - right, right - left, torch.zeros_like(left)], dim=1)


def test_a_label_map_puts_left_and_right_back() -> None:
    """With it both views agree; without it each arrow is half a left one and half a right one."""
    ink = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    ink[0, 3:5, :4], ink[1, 3:5, 4:] = 255, 255
    network = network_of(Compass())
    plain = network.probabilities(ink)
    assert plain[0, 0] > 0.99
    assert plain[1, 1] > 0.99
    labels = parse_label_map("flip: left<->right", CLASSES, {"flip": 2})
    assert np.allclose(seen(network, "flip", labels).probabilities(ink), plain, atol=1e-6)
    unaware = seen(network, "flip").probabilities(ink)
    assert np.allclose(unaware[:, 0], 0.5, atol=0.01)
    assert np.allclose(unaware[:, 1], 0.5, atol=0.01)


class Certain(nn.Module):
    """Logits beyond what the exponential function can hold."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tensor([0.0, 2000.0, -2000.0]).expand(len(x), 3)


def test_what_is_all_but_impossible_has_a_finite_loss(pixels) -> None:
    logits = seen(network_of(Certain()), "flip+shift").logits(pixels)
    assert np.allclose(logits[0], [-2000.0, 0.0, -4000.0])


def test_the_order_of_the_batch_and_its_size_do_not_matter(convolving, pixels) -> None:
    network = seen(convolving, "flip+rot90+shift")
    together = network.probabilities(pixels)
    one_by_one = np.concatenate([network.probabilities(pixels[i : i + 1]) for i in range(33)])
    assert np.allclose(together, one_by_one, atol=1e-6)


def test_looking_leaves_no_trace(convolving, pixels, no_trace) -> None:
    before = pixels.copy()
    with no_trace(convolving.model):
        seen(convolving, "flip+rot90+shift").probabilities(pixels)
    assert np.array_equal(pixels, before)
