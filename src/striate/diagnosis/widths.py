"""How wide the layers of a network are, and where all must pass few channels.

From one walk through the network. Knows nothing about how it trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from striate.core.inside_records import NetworkSeen
from striate.core.layer_records import LayerFact

__all__ = ["Bottleneck", "bottleneck", "typical_width"]

# G2: a layer at most K / 2 wide after a cut of 8 times or more.
CUT, OF_CLASSES = 8.0, 0.5


class Bottleneck(NamedTuple):
    """A layer that is far narrower than what it gets."""

    layer: str
    before: int
    width: int


def _weighted(network: NetworkSeen) -> list[LayerFact]:
    """Layers with a weight that maps channels to channels, in the order of the network: no norms, and nothing of one value a channel."""
    return [
        x
        for x in network.layers
        if x.output_shape and x.parameters > x.output_shape[0] and "norm" not in x.kind.lower()
    ]


def _incoming(layer: LayerFact, before: LayerFact | None) -> int:
    """Channels that a layer reads: weights = out * in * prod(kernel), and a bias, which counts as one more where the kernel is 1."""
    read = layer.parameters // (layer.output_shape[0] * math.prod(layer.kernel or (1,)))
    return read - 1 if before is not None and before.output_shape[0] == read - 1 else read


def bottleneck(network: NetworkSeen, classes: int) -> Bottleneck | None:
    """The narrowest place that nothing goes around, by rule G2, the last layer left out; None where there is none.

    A gate of squeeze-and-excitation is as narrow and no bottleneck: at one position, and back to as many channels as before.
    """
    layers = _weighted(network)
    found = []
    for before, layer, after in zip([None, *layers], layers, layers[1:], strict=False):
        read, width = _incoming(layer, before), layer.output_shape[0]
        gate = _one_position(layer) and after.output_shape[0] == read
        if layer.groups == 1 and width <= OF_CLASSES * classes and read >= CUT * width and not gate:
            found.append(Bottleneck(layer.name, read, width))
    return min(found, key=lambda b: b.width, default=None)


def _one_position(layer: LayerFact) -> bool:
    return math.prod(layer.output_shape[1:]) == 1


def typical_width(network: NetworkSeen) -> int:
    """Median number of output channels of the convolutions, or of the hidden dense layers where there are none; 0 where unknown."""
    layers = _weighted(network)[:-1]
    convolutions = [x for x in layers if len(x.kernel) == 2]
    return _median([x.output_shape[0] for x in convolutions or layers])


def _median(widths: Sequence[int]) -> int:
    return sorted(widths)[len(widths) // 2] if widths else 0
