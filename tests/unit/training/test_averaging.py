"""The moving average against its recurrence, and the swap."""

import torch
from torch import nn

from striate.training.averaging import AveragedWeights


def test_the_average_follows_its_recurrence():
    layer = nn.Linear(2, 1, bias=False)
    average, expected = AveragedWeights(layer, 0.9), layer.weight.detach().double().clone()
    for t in range(1, 200):
        with torch.no_grad():
            layer.weight.add_(0.1)
        average.update()
        d = min(0.9, (1 + t) / (10 + t))
        expected = d * expected + (1 - d) * layer.weight.detach().double()
    torch.testing.assert_close(average.average[0].double(), expected, rtol=1e-5, atol=1e-5)


def test_applied_computes_with_the_average_and_gives_the_weights_back():
    layer = nn.Linear(2, 1)
    average = AveragedWeights(layer, 0.5)
    before = layer.weight.detach().clone()
    with torch.no_grad():
        layer.weight.add_(1.0)
    with average.applied():
        assert torch.equal(layer.weight, before)
    assert torch.equal(layer.weight, before + 1.0)
