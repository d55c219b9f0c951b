"""Receptive fields equal what NaN really reaches: every unit, every layer, on random graphs; laws equal extents inside."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from striate.analysis.extents import EMPTY, minimum_over
from striate.analysis.field import Field, Unknown
from striate.analysis.law import Law
from striate.analysis.receptive_field import fields_of
from striate.analysis.trace import walk
from tests.nan_rows import Seen, seen_by
from tests.random_networks import random_network

SIZE = 24

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")


def predicted(field: Field | None, axis: int, shape: tuple[int, ...]) -> Seen:
    """First and last by unit as the rules say."""
    if field is None:
        nothing = np.full(shape[1:], -1)
        return nothing, nothing
    first, last = (np.broadcast_to(side, shape)[0] for side in field.extents[axis])
    sees = first < EMPTY // 2
    return np.where(sees, first, -1), np.where(sees, -last, -1)


def differences(net: nn.Module, size: tuple[int, ...]) -> tuple[int, list[str]]:
    """How many maps were compared, and where a unit sees something else than was said."""
    walked = walk(net, size)
    fields, seen = fields_of(walked), seen_by(net, size)
    runs: dict[str, int] = {}
    compared, wrong = 0, []
    for call in walked.calls:
        run = runs[call.name] = runs.get(call.name, -1) + 1
        for t, value in enumerate(call.outputs):
            field = fields.get(value.number)
            assert not isinstance(field, Unknown), field
            for axis, real in enumerate(seen[call.name][run * len(call.outputs) + t]):
                compared += 1
                if not all(map(np.array_equal, predicted(field, axis, value.shape), real)):
                    wrong.append(f"{call.name} ({call.module}), axis {axis}")
    return compared, wrong


@pytest.mark.parametrize("block", range(6))
def test_every_unit_of_a_random_network(block: int) -> None:
    check_block(range(20 * block, 20 * (block + 1)))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_every_unit_of_a_thousand_random_networks(block: int) -> None:
    check_block(range(100 * block, 100 * (block + 1)))


def check_block(seeds: range) -> None:
    compared = 0
    for seed in seeds:
        net = random_network(seed, size=SIZE)
        n, wrong = differences(net, (4, SIZE, SIZE))
        assert not wrong, f"seed {seed}: {wrong[0]}\n{net}"
        compared += n
    assert compared > 10 * len(seeds)


@pytest.mark.parametrize("block", range(6))
def test_the_law_is_what_units_far_from_the_border_see(block: int) -> None:
    """A unit whose interval by the law lies in the middle of the image has exactly that extent."""
    size, checked = 96, 0
    for seed in range(10 * block, 10 * (block + 1)):
        walked = walk(random_network(seed, layers=5, size=SIZE), (4, size, size))
        for number, field in fields_of(walked).items():
            assert not isinstance(field, Unknown)
            for axis, law in enumerate(field.laws):
                if isinstance(law, Law) and law.inner * law.length == field.shape[law.dim]:
                    checked += middle_units_agree(field, axis, law, size, f"seed {seed}, value {number}")
    assert checked > 1000


def middle_units_agree(field: Field, axis: int, law: Law, size: int, where: str) -> int:
    others = [d for d in range(len(field.shape)) if d != law.dim]
    first, last = (minimum_over(side, others).reshape(-1) for side in field.extents[axis])
    units = np.arange(law.length)
    turn, phase = np.divmod(units, law.period)
    low, high = (side.reshape(law.period, -1).min(axis=1)[phase] for side in (law.lo, law.neg))
    low, high = low + law.step * turn, -(high - law.step * turn)
    middle = (low > size * 0.3) & (high < size * 0.7) & (low < EMPTY // 2)
    if first.size != law.length * law.inner or not middle.any():
        return 0
    first, last = first[:: law.inner], -last[:: law.inner]
    np.testing.assert_array_equal(first[middle], low[middle], where)
    np.testing.assert_array_equal(last[middle], high[middle], where)
    return int(middle.sum())
