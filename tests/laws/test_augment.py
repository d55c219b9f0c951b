"""Laws of every transform: draws depend on (seed, epoch, sample) alone, applying is pure and replays to the bit."""

from __future__ import annotations

import contextlib
import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import TransformDoesNotFit
from striate.augment.policy import Policy, parse
from striate.augment.targets import Pool
from striate.augment.transform import ImageTransform, Key, Shape, Transform

SHAPES = st.tuples(st.sampled_from([1, 3]), st.integers(2, 12), st.integers(2, 12))
SEEDS = st.integers(0, 2**31)
EPOCHS = st.integers(0, 300)
ROWS = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)

ALL = {name: kind.of() for name, kind in TRANSFORMS.items()}
every_transform = pytest.mark.parametrize("transform", ALL.values(), ids=list(ALL))
every_image_transform = pytest.mark.parametrize(
    "transform",
    [t for t in ALL.values() if isinstance(t, ImageTransform)],
    ids=[name for name, t in ALL.items() if isinstance(t, ImageTransform)],
)


def fitted(transform: Transform, shape: Shape) -> tuple[Transform, Shape]:
    """The transform for images of this shape or, where it takes none such, of a square in colour as large."""
    for some in (shape, (3, max(shape[1:]), max(shape[1:]))):
        with contextlib.suppress(TransformDoesNotFit):
            return transform.fit(some), some
    raise AssertionError(f"{transform.name} fits neither {shape} nor a square")


def images(n: int, shape: Shape, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    """Whole numbers from 0 to 255, or the same from 0 to 1."""
    values = torch.randint(0, 256, (n, *shape), generator=torch.Generator().manual_seed(n))
    return values.to(dtype) / 255 if dtype.is_floating_point else values.to(dtype)


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
    transform, shape = fitted(transform, shape)
    whole = transform.draw(Key(seed, epoch), np.array(rows), shape)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=8))
    part = transform.draw(Key(seed, epoch), np.array(rows)[chosen], shape)
    assert set(whole) == set(part)
    assert all(len(column) == len(rows) for column in whole.values())
    assert all(np.array_equal(whole[name][chosen], part[name]) for name in whole)


@every_transform
@given(seed=SEEDS, epoch=EPOCHS, rows=ROWS, shape=SHAPES, cut=st.integers(0, 20))
@settings(max_examples=30)
def test_pixels_and_targets_do_not_depend_on_how_samples_are_batched(
    transform: Transform, seed: int, epoch: int, rows: list[int], shape: Shape, cut: int
) -> None:
    transform, shape = fitted(transform, shape)
    policy = Policy((ALL["flip"], transform, ALL["vflip"])).bind(["a", "b"])
    numbers = np.array(rows)
    everything, labels = images(50, shape), np.arange(50) % 2
    pool = Pool(
        np.arange(50), lambda wanted: (everything[torch.from_numpy(wanted % 50)], labels[wanted % 50])
    )

    def done(some: slice) -> tuple[torch.Tensor, torch.Tensor]:
        mine = numbers[some]
        return policy(*pool.fetch(mine), seed=seed, epoch=epoch, rows=mine, pool=pool)

    whole, first, second = done(slice(None)), done(slice(None, cut)), done(slice(cut, None))
    for k in (0, 1):
        assert torch.equal(torch.cat([first[k], second[k]]), whole[k])


@every_image_transform
@given(seed=SEEDS, epoch=EPOCHS, shape=SHAPES)
@settings(max_examples=25)
def test_applying_is_pure_and_replays_to_the_bit(
    transform: ImageTransform, seed: int, epoch: int, shape: Shape
) -> None:
    transform, shape = fitted(transform, shape)  # type: ignore[assignment]
    batch, rows = images(6, shape), np.arange(6)
    before, generator = batch.clone(), torch.get_rng_state()
    draw = transform.draw(Key(seed, epoch), rows, shape)
    stored = {name: column.copy() for name, column in draw.items()}
    first, second = transform.apply(batch, draw), transform.apply(batch, stored)
    assert torch.equal(first, second)
    assert torch.equal(batch, before)
    assert all(np.array_equal(draw[name], stored[name]) for name in draw)
    assert torch.equal(torch.get_rng_state(), generator)


@every_image_transform
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_shape_dtype_and_memory_format_are_kept(
    transform: ImageTransform, dtype: torch.dtype, memory_format: torch.memory_format
) -> None:
    for p in (None, 1.0):
        some = dataclasses.replace(transform, p=p).fit((3, 9, 9))
        batch = images(5, (3, 9, 9), dtype).contiguous(memory_format=memory_format)
        out = some.apply(batch, some.draw(Key(0, 0), np.arange(5), (3, 9, 9)))
        assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())


@every_transform
def test_no_two_epochs_seeds_or_samples_share_draws(transform: Transform) -> None:
    rows, transform = np.arange(200), transform.fit((3, 32, 32))

    def drawn(seed: int, epoch: int, first: int = 0) -> bytes:
        draw = transform.draw(Key(seed, epoch), rows + first, (3, 32, 32))
        return b"".join(np.ascontiguousarray(draw[name]).tobytes() for name in sorted(draw))

    # Alternating flips are meant to come back every other epoch; two epochs of them are all there are.
    epochs = 2 if transform.name == "altflip" else 25
    variants = [drawn(seed, epoch) for seed in range(4) for epoch in range(epochs)] + [drawn(0, 0, 200)]
    assert len(set(variants)) == len(variants)


@every_transform
def test_text_goes_there_and_back(transform: Transform) -> None:
    assert parse(transform.text) == Policy((transform,))
    shape = (3, 32, 32)
    assert parse(transform.fit(shape).text, shape=shape) == Policy((transform.fit(shape),))
