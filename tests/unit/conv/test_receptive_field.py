"""Fields of chains: the published numbers, and the pixels that a gradient really reaches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.conv import AxisWindow, ReceptiveField, receptive_fields
from striate.conv.errors import ArgumentOutOfRange

POOL = AxisWindow(2, stride=2)


def vgg(*convolutions: int) -> list[AxisWindow]:
    """Blocks of so many 3x3 convolutions, each closed by a pool."""
    return [window for n in convolutions for window in [*[AxisWindow(3, padding=1)] * n, POOL]]


def alexnet(padding: int = 2) -> list[AxisWindow]:
    pool = AxisWindow(3, stride=2)
    third = [AxisWindow(3, padding=1)] * 3
    return [AxisWindow(11, 4, padding), pool, AxisWindow(5, padding=2), pool, *third, pool]


# Size and jump: the table of google-research/receptive_field (TF-Slim); torchvision's have the same chains. The start
# is less the table's effective padding.
PUBLISHED = {
    "vgg_16": (vgg(2, 2, 3, 3, 3), (212, 32, -90)),
    "vgg_a": (vgg(1, 1, 2, 2, 2), (150, 32, -59)),
    "alexnet_v2": (alexnet(padding=0), (195, 32, -64)),
    "alexnet of torchvision": (alexnet(), (195, 32, -66)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks(name: str) -> None:
    chain, (size, jump, start) = PUBLISHED[name]
    assert receptive_fields(chain)[-1] == ReceptiveField(size, jump, start)


def test_every_pool_of_vgg_16() -> None:
    chain = vgg(2, 2, 3, 3, 3)
    fields = receptive_fields(chain)
    assert [f.size for f, w in zip(fields, chain, strict=True) if w is POOL] == [6, 16, 44, 100, 212]


@pytest.mark.parametrize(
    ("chain", "sizes"),
    [
        ([AxisWindow(3)] * 3, [3, 5, 7]),
        ([AxisWindow(3, dilation=d) for d in (1, 2, 4)], [3, 7, 15]),
        ([AxisWindow(3), POOL, AxisWindow(3), AxisWindow(3)], [3, 4, 8, 12]),
        ([AxisWindow(3), AxisWindow(3, 2), AxisWindow(3), AxisWindow(3)], [3, 5, 9, 13]),
        ([], []),
    ],
)
def test_the_lesson_s_chains(chain: list[AxisWindow], sizes: list[int]) -> None:
    assert [field.size for field in receptive_fields(chain)] == sizes


def test_padding_moves_the_field_and_leaves_its_size() -> None:
    bare, padded = (receptive_fields([AxisWindow(3, 2, p), AxisWindow(3, 1, p)])[-1] for p in (0, 1))
    assert (bare.size, bare.jump) == (padded.size, padded.jump) == (7, 2)
    assert (bare.start, padded.start) == (0, -3)
    assert (bare.centre, padded.centre) == (3.0, 0.0)


def test_padding_behind_does_not_move_it() -> None:
    assert receptive_fields([AxisWindow(4, padding=(1, 2))])[0] == ReceptiveField(4, 1, -1)


def test_fields_end_where_a_gradient_ends() -> None:
    rng, ends_met = np.random.default_rng(0), 0
    for _ in range(200):
        chain = [
            AxisWindow(*(int(n) for n in rng.integers((1, 1, 0, 1), (5, 3, 3, 4))))
            for _ in range(rng.integers(1, 5))
        ]
        x = torch.zeros(1, 1, 300, dtype=torch.float64, requires_grad=True)
        y = x
        for w in chain:
            kernel = torch.ones(1, 1, w.kernel, dtype=torch.float64)
            y = torch.nn.functional.conv1d(y, kernel, None, w.stride, w.padding, w.dilation)
        for unit in (0, y.shape[2] // 2, y.shape[2] - 1):
            (grad,) = torch.autograd.grad(y[0, 0, unit], x, retain_graph=True)
            reached = grad[0, 0].nonzero().ravel().tolist()
            field = receptive_fields(chain)[-1].pixels(unit)
            assert set(reached) <= set(field)
            # Between its ends a field may have pixels that a stride or a dilation leaves out; the ends are never left out.
            if field.start >= 0 and field.stop <= 300:
                assert (reached[0], reached[-1] + 1) == (field.start, field.stop)
                ends_met += 1
    assert ends_met > 200


@pytest.mark.parametrize("unit", range(-3, 8))
def test_pixels_outside_the_image_are_left_out(unit: int) -> None:
    field = ReceptiveField(size=5, jump=3, start=-4)
    assert list(field.pixels(unit, image=10)) == [n for n in field.pixels(unit) if 0 <= n < 10]


@pytest.mark.parametrize("wrong", [(0,), (3, 0), (3, 1, -1), (3, 1, 0, 0), (3, 1, (1, 2, 3))])
def test_what_is_no_window_is_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentOutOfRange):
        AxisWindow(*wrong)
