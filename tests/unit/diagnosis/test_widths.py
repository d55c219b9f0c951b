"""Where everything passes few channels, and where it only looks so."""

from __future__ import annotations

from striate.core.inside_records import NetworkSeen
from striate.core.layer_records import LayerFact
from striate.diagnosis.widths import Bottleneck, bottleneck, typical_width


def conv(name: str, before: int, width: int, size: int = 8, kernel: int = 3) -> LayerFact:
    return LayerFact(
        name=name,
        kind="Conv2d",
        output_shape=(width, size, size),
        parameters=before * width * kernel**2,
        kernel=(kernel, kernel),
    )


def dense(name: str, before: int, width: int) -> LayerFact:
    return LayerFact(name=name, kind="Linear", output_shape=(width,), parameters=(before + 1) * width)


def network(*layers: LayerFact) -> NetworkSeen:
    return NetworkSeen(kind="Net", input_size=(3, 32, 32), parameters=1, layers=layers)


def test_a_convolution_and_a_dense_layer_that_are_too_narrow():
    found = bottleneck(
        network(conv("a", 3, 64), conv("b", 64, 2), conv("c", 2, 64), dense("head", 64, 10)), 10
    )
    assert found == Bottleneck("b", 64, 2)
    assert bottleneck(network(conv("a", 3, 64), dense("b", 64, 2), dense("head", 2, 10)), 10) == Bottleneck(
        "b", 64, 2
    )


def test_a_gate_of_squeeze_and_excitation_is_none():
    gate = (
        conv("a", 3, 64),
        dense("squeeze", 64, 4),
        dense("excite", 4, 64),
        conv("b", 64, 64),
        dense("head", 64, 10),
    )
    assert bottleneck(network(*gate), 10) is None


def test_near_misses():
    # A cut of four, as in residual bottlenecks; a cut to more than half of K; the head itself.
    assert (
        bottleneck(
            network(conv("a", 3, 256), conv("b", 256, 64), conv("c", 64, 256), dense("head", 256, 200)), 200
        )
        is None
    )
    assert (
        bottleneck(network(conv("a", 3, 64), conv("b", 64, 6), conv("c", 6, 64), dense("head", 64, 10)), 10)
        is None
    )
    assert bottleneck(network(conv("a", 3, 64), dense("head", 64, 2)), 10) is None


def test_typical_width_is_that_of_the_convolutions():
    assert (
        typical_width(network(conv("a", 3, 4), conv("b", 4, 8), conv("c", 8, 16), dense("head", 16, 10))) == 8
    )
    assert typical_width(network(dense("a", 64, 32), dense("head", 32, 10))) == 32
    assert typical_width(network()) == 0
