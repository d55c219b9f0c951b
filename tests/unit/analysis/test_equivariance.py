"""Equivariance by closed forms: strides, padding and phases have known errors."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from striate.analysis.equivariance import equivariance, shifted, stride_by_size
from striate.analysis.errors import LayerUnsuited, UnknownLayer
from striate.core.network_records import ShiftError
from tests.unit.analysis.networks import NoTrace, awkward, pictures

ROUNDING = 1e-5


def errors(
    net: nn.Module, layer: str, side: int = 16, **options: object
) -> dict[tuple[int, int], ShiftError]:
    shifts = [(0, 1), (2, 0), (1, 1), (-2, 4), (0, 3)]
    record = equivariance(net, pictures(2, 3, side), shifts, layers=[layer], **options)  # type: ignore[arg-type]
    return {e.shift: e for e in record.layers[0].errors}


def test_circular_padding_is_exactly_equivariant() -> None:
    torch.manual_seed(0)
    conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1, padding_mode="circular")
    net = nn.Sequential(conv(3, 8), nn.ReLU(), conv(8, 4))
    for e in errors(net, "2").values():
        assert e.phase == (0, 0)
        assert e.everywhere < ROUNDING
        assert e.border < ROUNDING


def test_zero_padding_breaks_it_at_the_border_alone() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1))
    for border in ("circular", "zero"):
        for e in errors(net, "2", border=border).values():
            assert e.interior < ROUNDING
            assert e.border > 0.05


def test_a_stride_keeps_shifts_of_whole_steps_alone() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU())
    found = errors(net, "1")
    assert {s: e.phase for s, e in found.items()} == {
        (0, 1): (0, 1),
        (2, 0): (0, 0),
        (1, 1): (1, 1),
        (-2, 4): (0, 0),
        (0, 3): (0, 1),
    }
    assert found[(-2, 4)].moved == (-1, 2)
    assert found[(0, 3)].moved == (0, 1)
    for e in found.values():
        if e.phase == (0, 0):
            assert e.interior < ROUNDING
        else:
            assert e.interior > 0.3


def test_between_strides_the_map_moves_by_the_nearest_unit() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 4, stride=4))
    record = equivariance(net, pictures(1, 3, 32), [(0, s) for s in range(-5, 9)], layers=["0"])
    moved = [e.moved[1] for e in record.layers[0].errors]
    assert moved == [-1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_units_that_see_the_edge_are_border() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 5, padding=2))
    record = equivariance(net, pictures(1, 3, 16), [(0, 0)], layers=["0", "1"])
    # A unit of layer 0 sees one pixel to each side, one of layer 1 three: rows 2..13 and 4..11 see neither row 0 nor 15.
    assert [layer.interior_units for layer in record.layers] == [144 / 256, 64 / 256]


def test_padding_behind_pixels_that_no_unit_sees_is_border_too() -> None:
    """7 units at stride 2 see pixels 0 to 14 of 16; the padding of the next layer is no interior for all that."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1))
    e = errors(net, "2", side=32)
    assert all(found.interior < ROUNDING for found in e.values() if found.phase == (0, 0))


def test_a_global_view_has_no_interior() -> None:
    class Squeeze(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * x.mean(dim=(2, 3), keepdim=True).sigmoid()

    e = errors(nn.Sequential(Squeeze()), "0")[(0, 1)]
    assert math.isnan(e.interior)
    assert e.everywhere < ROUNDING


def test_what_leaves_the_image_has_no_counterpart() -> None:
    """A pointwise layer under zero border: nothing differs where there is anything to compare."""
    found = errors(nn.Sequential(nn.Conv2d(3, 2, 1)), "0", border="zero")
    assert all(e.everywhere < ROUNDING for e in found.values())


def test_a_map_smaller_than_the_image_does_not_wrap() -> None:
    """Without padding every unit that has a counterpart saw the same pixels: those that would wrap are left out."""
    found = errors(nn.Sequential(nn.Conv2d(3, 2, 5)), "0")
    assert all(e.everywhere < ROUNDING for e in found.values())


def test_strides_may_be_handed_in() -> None:
    """Sizes alone misjudge a tower without padding: 16 -> 8 pixels at stride 1."""
    net = nn.Sequential(nn.Conv2d(3, 2, 5), nn.Conv2d(2, 2, 5))
    wrong, right = errors(net, "1"), errors(net, "1", strides={"1": (1, 1)})
    assert wrong[(2, 0)].moved == (1, 0)
    assert wrong[(2, 0)].everywhere > 0.1
    assert right[(2, 0)].interior < ROUNDING or math.isnan(right[(2, 0)].interior)
    assert right[(0, 1)].everywhere < 0.9


@pytest.mark.parametrize(
    ("image", "units", "stride"),
    [
        (32, 32, 1),
        (32, 30, 1),
        (33, 17, 2),
        (224, 55, 4),
        (224, 27, 8),
        (224, 13, 16),
        (299, 8, 32),
        (224, 16, 14),
    ],
)
def test_strides_by_size(image: int, units: int, stride: int) -> None:
    assert stride_by_size(image, units) == stride


def test_shifting() -> None:
    x = torch.arange(6.0).reshape(1, 2, 3)
    assert shifted(x, (0, 1), "circular").tolist() == [[[2, 0, 1], [5, 3, 4]]]
    assert shifted(x, (0, 1), "zero").tolist() == [[[0, 0, 1], [0, 3, 4]]]
    assert shifted(x, (-1, 0), "zero").tolist() == [[[3, 4, 5], [0, 0, 0]]]
    assert shifted(x, (0, 0), "zero").tolist() == x.tolist()


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    with no_trace(net):
        one, two = (equivariance(net, pictures(), [(0, 1), (2, 2)]) for _ in range(2))
    assert one.to_json() == two.to_json()
    assert [layer.name for layer in one.layers] == ["stem", "norm", "relu", "split", "conv"]


def test_the_record_survives_a_file() -> None:
    record = equivariance(awkward(), pictures(), [(0, 1)])
    assert type(record).from_json(record.to_json()).to_json() == record.to_json()


def test_a_layer_with_channels_last_is_refused_not_misread() -> None:
    class Last(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.permute(0, 2, 3, 1)

    with pytest.raises(LayerUnsuited, match="puts its channels last"):
        equivariance(nn.Sequential(Last()), pictures(), [(0, 1)], layers=["0"])


def test_an_unknown_layer_is_refused(no_trace: NoTrace) -> None:
    net = awkward()
    with no_trace(net), pytest.raises(UnknownLayer, match="did you mean stem"):
        equivariance(net, pictures(), [(0, 1)], layers=["stam"])
