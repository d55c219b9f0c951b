"""Grad-CAM and occlusion by hand on networks whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from striate.analysis.attribution import grad_cam, last_map, occlusion
from striate.analysis.errors import LayerUnsuited
from tests.unit.analysis.networks import NoTrace, awkward, pictures


def by_hand() -> tuple[nn.Sequential, torch.Tensor]:
    """Two maps A (one copies the image, one its negative), pooled, and logits = V mean(A)."""
    conv = nn.Conv2d(1, 2, 1, bias=False)
    conv.weight.data = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)
    head = nn.Linear(2, 2, bias=False)
    head.weight.data = torch.tensor([[3.0, 1.0], [-2.0, 5.0]])
    x = torch.arange(16.0).reshape(1, 1, 4, 4) - 5
    return nn.Sequential(conv, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head), x


def test_grad_cam_by_hand() -> None:
    net, x = by_hand()
    # d logit_c / d A_k[i, j] = V[c, k] / 16, its mean over places the same; A = (x, -x).
    wanted = [np.maximum((3 - 1) / 16 * x[0, 0].numpy(), 0), np.maximum((-2 - 5) / 16 * x[0, 0].numpy(), 0)]
    for target in (0, 1):
        (found,) = grad_cam(net, x, targets=[target])
        np.testing.assert_allclose(np.array(found.values), wanted[target], atol=1e-6)
        assert found.layer == "0"
    (predicted,) = grad_cam(net, x)
    assert predicted.target == int(net(x).argmax())
    assert predicted.probability == pytest.approx(net(x).softmax(1).max().item(), abs=1e-6)


def test_the_map_is_scaled_to_the_image() -> None:
    (found, *_) = grad_cam(awkward(), pictures())
    assert (found.layer, np.array(found.values).shape) == ("conv", (8, 8))
    (other, *_) = grad_cam(awkward(), pictures(), layer="stem")
    assert other.layer == "stem"


def test_occlusion_by_hand() -> None:
    """The class depends on one pixel: only squares that cover it matter, by how many of the covering ones do."""

    class OnePixel(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.stack([x[:, 0, 3, 3], torch.zeros(len(x))], dim=1)

    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 3, 3] = 2.0
    (found,) = occlusion(OnePixel(), x, patch=2, stride=2)
    values, lost = np.array(found.values), float(torch.tensor(2.0).sigmoid()) - 0.5
    assert found.target == 0
    np.testing.assert_allclose(values[2:4, 2:4], lost, atol=1e-6)
    assert np.count_nonzero(np.abs(values) > 1e-9) == 4
    (finer,) = occlusion(OnePixel(), x, patch=2, stride=1)
    # Pixel (3, 3) itself is hidden by every square that covers it, (2, 3) by two of four, (2, 2) by one of four.
    assert [np.array(finer.values)[i, j] for i, j in ((3, 3), (2, 3), (2, 2))] == pytest.approx(
        [lost, lost / 2, lost / 4], abs=1e-6
    )


def test_squares_reach_the_edges() -> None:
    (found, *_) = occlusion(awkward(), pictures(), patch=3, stride=2)
    assert np.all(np.array(found.values)[[0, -1]] != 0)


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    with no_trace(net):
        one = grad_cam(net, pictures()) + occlusion(net, pictures())
        two = grad_cam(net, pictures()) + occlusion(net, pictures())
    assert one == two
    assert type(one[0]).from_json(one[0].to_json()) == one[0]


def test_a_convolution_behind_the_pooling_has_no_places_to_show() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 2, 1), nn.Flatten()
    )
    assert last_map(net, pictures()) == "0"


def test_a_network_without_convolutions_is_refused() -> None:
    with pytest.raises(LayerUnsuited, match="no convolution to look at"):
        last_map(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), pictures())
