"""Stages of a network: one block a resolution, side branches where they belong."""

from __future__ import annotations

from striate.core.layer_records import LayerFact
from striate.report.network import network_section, stages
from tests.unit.report.fabricate import fabricate, resnet20


def layer(*shape: int, kind: str = "Conv2d", parameters: int = 1) -> LayerFact:
    return LayerFact(name="n", kind=kind, output_shape=shape, parameters=parameters)


def test_a_resnet_is_one_block_a_resolution():
    found = stages(resnet20(10))
    assert [(s.shape, len(s.layers)) for s in found] == [
        ("16 × 32×32", 21), ("32 × 16×16", 18), ("64 × 8×8", 18), ("64", 1), ("10", 1),
    ]  # fmt: skip
    # Convolutions 9 * (3 * 16 + 6 * 16 * 16) and batch norms 2 * 7 * 16.
    assert found[0].parameters == 14_480
    assert found[0].contents == "7 Conv2d 3×3, 7 BatchNorm2d, 7 ReLU"


def test_squeeze_and_excitation_stays_in_its_stage():
    found = stages(
        [layer(16, 8, 8), layer(16, 1, 1), layer(4, 1, 1), layer(16, 8, 8), layer(16, 1, 1), layer(10)]
    )
    assert [s.shape for s in found] == ["16 × 8×8", "16", "10"]
    assert len(found[0].layers) == 4


def test_tokens_and_unknown_shapes():
    found = stages(
        [layer(8, 4, 4), layer(17, 8, kind="Block"), layer(), layer(17, 8, kind="Block"), layer(10)]
    )
    assert [(s.shape, len(s.layers)) for s in found] == [("8 × 4×4", 1), ("8 × 17", 3), ("10", 1)]


def test_no_layers_no_section():
    _, data = fabricate()
    assert network_section((), (data.channels, *data.img_size), 0) is None
    assert stages([]) == []


def test_many_stages_and_layers_stay_on_a_page():
    _, data = fabricate()
    layers = [layer(4, 64 + i, 64) for i in range(600)]
    section = network_section(layers, (data.channels, *data.img_size), 600)
    assert section is not None
    assert len(section.layers) == 400
    assert section.more_layers == 200
    assert section.picture.count("face front") == 2 * 15
