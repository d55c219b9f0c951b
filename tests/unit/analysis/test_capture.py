"""Outputs by name, in run order, untouched by what later layers do in place."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.analysis.capture import Captured, capture, captured, has_map, image_map, only_tensor
from striate.analysis.errors import LayerUnsuited, UnknownLayer
from striate.analysis.untouched import untouched
from tests.unit.analysis.networks import NoTrace, awkward, pictures


def test_outputs_come_in_the_order_in_which_layers_ran() -> None:
    found = capture(awkward(), pictures(), ["head", "relu", "stem", "split"])
    assert [f.name for f in found] == ["stem", "relu", "split", "relu", "head"]
    assert [tuple(only_tensor(f).shape) for f in found] == [
        (3, 8, 8, 8),
        (3, 8, 8, 8),
        (3, 2, 8, 8),
        (3, 8, 4, 4),
        (3, 4),
    ]
    assert set(found[2].output[1]) == {"rest"}


def test_all_modules_by_default() -> None:
    net = awkward()
    assert {f.name for f in capture(net, pictures())} == {name for name, _ in net.named_modules() if name}


def test_an_output_is_what_the_layer_put_out_not_what_became_of_it() -> None:
    net, x = awkward(), pictures()
    norm, relu = capture(net, x, ["norm", "relu"])[:2]
    assert only_tensor(norm).min() < 0
    assert torch.equal(only_tensor(norm).relu(), only_tensor(relu))


def test_watching_does_not_change_the_answer_and_gradients_flow_through() -> None:
    net, x = awkward(), pictures().requires_grad_()
    with untouched(net, gradients=True):
        plain = net(x)[0]
        (wanted,) = torch.autograd.grad(plain.sum(), x)
        with captured(net, ["norm", "split", "conv"]) as seen:
            watched = net(x)[0]
        by_norm, got = torch.autograd.grad(watched.sum(), [only_tensor(seen[0]), x])
    assert torch.equal(plain, watched)
    assert torch.equal(wanted, got)
    assert by_norm.abs().sum() > 0


@pytest.mark.parametrize("training", [True, False])
def test_no_trace(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    with no_trace(net):
        capture(net, pictures())


def test_no_trace_of_an_unknown_name_or_a_refusal(no_trace: NoTrace) -> None:
    net = awkward()
    with no_trace(net):
        with pytest.raises(UnknownLayer):
            capture(net, pictures(), ["stem", "steam"])
        with pytest.raises(Exception, match="cannot take"):
            capture(net, pictures(channels=1), ["stem"])


def test_an_unknown_layer_is_told_by_its_neighbours() -> None:
    with pytest.raises(UnknownLayer) as refused:
        capture(nn.Sequential(nn.Conv2d(3, 4, 1)), pictures(), ["zero"])
    assert str(refused.value) == ("no layer of this name [unknown-layer]\n  got       zero\n  expected  0")
    with pytest.raises(UnknownLayer) as refused:
        capture(awkward(), pictures(), ["norn"])
    assert str(refused.value) == (
        "no layer of this name [unknown-layer]\n  got       norn\n  next      did you mean norm?"
    )


def test_what_has_no_map_is_refused_by_its_shape() -> None:
    seen = capture(awkward(), pictures(), ["head"])
    with pytest.raises(LayerUnsuited) as refused:
        image_map(seen, "head", (8, 8))
    assert str(refused.value) == (
        "the layer puts out no map of the image [layer-unsuited]\n"
        "  where     head\n"
        "  got       Nx4\n"
        "  expected  N x channels x height x width\n"
        "  next      choose a convolution or a block before the map is pooled or flattened"
    )
    with pytest.raises(LayerUnsuited, match="does not run"):
        image_map(seen, "conv", (8, 8))


@pytest.mark.parametrize(
    ("shape", "image", "is_map"),
    [
        ((2, 64, 14, 14), (224, 224), True),
        ((2, 14, 14, 64), (224, 224), False),  # channels last
        ((2, 28, 28, 28), (224, 224), True),
        ((2, 16, 16, 8), (32, 32), False),
        ((2, 6, 8, 4), (32, 16), True),
        ((2, 64, 3, 2), (32, 32), True),  # a small map that padding made uneven
        ((2, 64, 1, 1), (32, 32), False),
        ((2, 64), (32, 32), False),
    ],
)
def test_what_is_a_map_of_the_image(shape: tuple[int, ...], image: tuple[int, int], is_map: bool) -> None:
    assert has_map(Captured("x", torch.zeros(shape)), image) is is_map


def test_a_layer_without_a_tensor_is_refused() -> None:
    class Silent(nn.Module):
        def forward(self, x: torch.Tensor) -> str:
            return "nothing"

    with pytest.raises(LayerUnsuited, match="no tensor"):
        only_tensor(capture(Silent(), pictures(), [""])[0])
