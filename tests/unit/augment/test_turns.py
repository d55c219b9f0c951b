"""Turns against NumPy's, the labels that turn with them, their distribution, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, chisquare

from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.policy import parse
from striate.augment.transform import Key
from striate.augment.turns import Rot90, Rot180


def images(n: int, c: int, h: int, w: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(n + c + h + w)
    return torch.randint(0, 256, (n, c, h, w), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(3, 5, 5), (1, 1, 1), (1, 4, 4), (4, 2, 2)])
def test_quarter_turns_are_numpys(shape: tuple[int, int, int], memory_format: torch.memory_format) -> None:
    batch = images(60, *shape).contiguous(memory_format=memory_format)
    turn = Rot90()
    draw = turn.draw(Key(0, 0), np.arange(60), shape)
    assert set(turn.turns(draw)) == {0, 1, 2, 3}
    out = turn.apply(batch, draw)
    for before, after, k in zip(batch, out, turn.turns(draw), strict=True):
        assert np.array_equal(after.numpy(), np.rot90(before.numpy(), k, (1, 2)))
    assert out.stride() == batch.stride()


@pytest.mark.parametrize("shape", [(3, 5, 4), (1, 1, 1), (2, 1, 7), (3, 2, 3)])
def test_half_turns_are_numpys(shape: tuple[int, int, int]) -> None:
    batch = images(40, *shape)
    draw = Rot180().draw(Key(0, 0), np.arange(40), shape)
    assert 5 < draw["on"].sum() < 35
    for before, after, on in zip(batch, Rot180().apply(batch, draw), draw["on"], strict=True):
        wanted = np.rot90(before.numpy(), 2, (1, 2)) if on else before.numpy()
        assert np.array_equal(after.numpy(), wanted)


def test_a_half_turn_is_two_flips_and_joins_their_gather() -> None:
    batch, rows = images(30, 3, 6, 5), np.arange(30)
    turned, _ = parse("rot180@1")(batch, rows, seed=0, epoch=0, rows=rows)
    flipped, _ = parse("flip@1+vflip@1")(batch, rows, seed=0, epoch=0, rows=rows)
    back, _ = parse("rot180@1+flip@1+vflip@1")(batch, rows, seed=0, epoch=0, rows=rows)
    assert torch.equal(turned, flipped)
    assert torch.equal(back, batch)


def test_all_directions_are_equally_likely() -> None:
    turn, rows = Rot90(), np.arange(20_000)
    counts = np.bincount(turn.turns(turn.draw(Key(0, 0), rows, (3, 8, 8))), minlength=4)
    assert counts.size == 4
    assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("p", [0.1, 0.75, 1.0])
def test_a_share_is_turned_and_each_turn_equally_likely_among_them(p: float) -> None:
    turn = Rot90.of(p=p)
    k = turn.turns(turn.draw(Key(0, 1), np.arange(20_000), (3, 8, 8)))
    assert binomtest(int((k > 0).sum()), 20_000, p).pvalue > 1e-4
    assert chisquare(np.bincount(k, minlength=4)[1:]).pvalue > 1e-4


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_the_share_of_half_turns(p: float) -> None:
    draw = Rot180.of(p=p).draw(Key(0, 0), np.arange(20_000), (3, 8, 8))
    assert binomtest(int(draw["on"].sum()), 20_000, p).pvalue > 1e-4


def arrows() -> torch.Tensor:
    """An arrow head in the middle of each side: up, left, down, right, which is counter-clockwise."""
    batch = torch.zeros(4, 1, 5, 5, dtype=torch.uint8)
    for n, (i, j) in enumerate([(0, 2), (2, 0), (4, 2), (2, 4)]):
        batch[n, 0, i, j] = 255
    return batch


@pytest.mark.parametrize(
    "policy", ["rot90", "rot90@1", "rot180", "rot90+rot180", "rot180@1+rot90@1", "rot90+flip@1+flip@1"]
)
def test_labels_turn_with_the_arrows(policy: str) -> None:
    classes = ["up", "left", "down", "right"]
    rules = "; ".join(
        f"{name}: {rule}"
        for name, rule in {
            "rot90": "up->left->down->right->up",
            "rot180": "up<->down, left<->right",
            "flip": "left<->right",
        }.items()
        if name in policy
    )
    label, pictures = np.tile(np.arange(4), 50), arrows()
    out, targets = parse(policy).bind(classes, rules)(
        pictures[label], label, seed=1, epoch=2, rows=np.arange(200)
    )
    assert torch.equal(out, pictures[targets])
    assert not np.array_equal(targets.numpy(), label)


def test_only_square_images_lie_as_they_stood() -> None:
    with pytest.raises(TransformDoesNotFit) as refusal:
        parse("flip+rot90", shape=(3, 32, 48))
    assert str(refusal.value) == (
        "rot90 turns square images only [transform-does-not-fit]\n"
        "  got       rot90 on colour images of 32x48 pixels\n"
        "  expected  images as high as wide\n"
        "  next      rot180 turns images of any shape"
    )
    with pytest.raises(TransformDoesNotFit):
        Rot90().draw(Key(0, 0), np.arange(3), (3, 4, 5))


@pytest.mark.parametrize("kind", [Rot90, Rot180])
def test_a_turn_takes_no_number(kind: type[Rot90 | Rot180]) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        kind.of(2.0)
    assert refusal.value.got == f"{kind.name}2"


def test_names_that_begin_alike() -> None:
    assert parse("rot90+rot180+rotate90@0.5").text == "rot90+rot180+rotate90@0.5"
    assert parse("rot180").transforms == (Rot180(),)
