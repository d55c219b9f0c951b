"""Laws of every transform: draws depend on (seed, epoch, sample) alone, applying is pure and replays to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.augment.policy import TRANSFORMS, Policy, parse
from striate.augment.transform import Key, Transform

SHAPES = st.tuples(st.sampled_from([1, 3]), st.integers(2, 12), st.integers(2, 12))
SEEDS = st.integers(0, 2**31)
EPOCHS = st.integers(0, 300)
ROWS = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)

every_transform = pytest.mark.parametrize(
    "transform", [kind.from_number(None) for kind in TRANSFORMS.values()], ids=list(TRANSFORMS)
)


def images(n: int, shape: tuple[int, int, int], dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    return torch.randint(0, 256, (n, *shape), generator=torch.Generator().manual_seed(n)).to(dtype)


@every_transform
@given(seed=SEEDS, epoch=EPOCHS, rows=ROWS, shape=SHAPES, data=st.data())
@settings(max_examples=40)
def test_a_draw_does_not_depend_on_the_rest_of_the_batch(
    transform: Transform,
    seed: int,
    epoch: int,
    rows: list[int],
    shape: tuple[int, int, int],
    data: st.DataObject,
) -> None:
    whole = transform.draw(Key(seed, epoch), np.array(rows), shape)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=8))
    part = transform.draw(Key(seed, epoch), np.array(rows)[chosen], shape)
    assert set(whole) == set(part)
    assert all(len(column) == len(rows) for column in whole.values())
    assert all(np.array_equal(whole[name][chosen], part[name]) for name in whole)


@given(seed=SEEDS, epoch=EPOCHS, rows=ROWS, shape=SHAPES, cut=st.integers(0, 20))
@settings(max_examples=40)
def test_pixels_do_not_depend_on_how_samples_are_batched(
    seed: int, epoch: int, rows: list[int], shape: tuple[int, int, int], cut: int
) -> None:
    policy, batch = parse("flip+vflip+crop+translate", img_size=shape[1:]), images(len(rows), shape)
    whole = policy(batch, seed=seed, epoch=epoch, rows=np.array(rows))
    parts = [
        policy(batch[some], seed=seed, epoch=epoch, rows=np.array(rows)[some])
        for some in (slice(None, cut), slice(cut, None))
    ]
    assert torch.equal(torch.cat(parts), whole)


@every_transform
@given(seed=SEEDS, epoch=EPOCHS, shape=SHAPES)
@settings(max_examples=25)
def test_applying_is_pure_and_replays_to_the_bit(
    transform: Transform, seed: int, epoch: int, shape: tuple[int, int, int]
) -> None:
    batch, rows = images(6, shape), np.arange(6)
    before, generator = batch.clone(), torch.get_rng_state()
    draw = transform.draw(Key(seed, epoch), rows, shape)
    stored = {name: column.copy() for name, column in draw.items()}
    first, second = transform.apply(batch, draw), transform.apply(batch, stored)
    assert torch.equal(first, second)
    assert torch.equal(batch, before)
    assert all(np.array_equal(draw[name], stored[name]) for name in draw)
    assert torch.equal(torch.get_rng_state(), generator)


@every_transform
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_shape_dtype_and_memory_format_are_kept(
    transform: Transform, dtype: torch.dtype, memory_format: torch.memory_format
) -> None:
    batch = images(5, (3, 9, 7), dtype).contiguous(memory_format=memory_format)
    out = transform.apply(batch, transform.draw(Key(0, 0), np.arange(5), (3, 9, 7)))
    assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())


@every_transform
def test_no_two_epochs_seeds_or_samples_share_draws(transform: Transform) -> None:
    rows = np.arange(200)

    def drawn(seed: int, epoch: int, first: int = 0) -> bytes:
        draw = transform.draw(Key(seed, epoch), rows + first, (3, 32, 32))
        return b"".join(np.ascontiguousarray(draw[name]).tobytes() for name in sorted(draw))

    variants = [drawn(seed, epoch) for seed in range(4) for epoch in range(25)] + [drawn(0, 0, 200)]
    assert len(set(variants)) == len(variants)


@every_transform
def test_text_goes_there_and_back(transform: Transform) -> None:
    assert parse(transform.text) == Policy((transform,))
    fitted = transform.fit(32, 48)
    assert parse(fitted.text, img_size=(32, 48)) == Policy((fitted,))
