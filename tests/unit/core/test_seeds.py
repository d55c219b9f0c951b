"""The stateless generator: known bits, independence, uniformity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from striate.core import seeds


def splitmix64(z: int) -> int:
    """The finaliser in Python's unbounded integers: the oracle for wrapping NumPy arithmetic."""
    mask = (1 << 64) - 1
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def test_mix_gives_the_published_stream_of_seed_zero():
    # First outputs of SplitMix64 seeded with 0: the test vector that Vigna's splitmix64.c is checked with.
    state = [(n * 0x9E3779B97F4A7C15) & ((1 << 64) - 1) for n in (1, 2, 3)]
    got = seeds._mix(np.array(state, dtype=np.uint64))
    assert [hex(int(v)) for v in got] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4", "0x6c45d188009454f"]


@given(st.integers(0, 2**63), st.integers(0, 2**40), st.integers(0, 1000))
def test_bits_equal_unbounded_integer_arithmetic(seed, index, epoch):
    mask, golden = (1 << 64) - 1, 0x9E3779B97F4A7C15
    key = int(seeds._key(seed, "s", epoch))
    expected = splitmix64((splitmix64((index * golden + key) & mask) + 2 * golden) & mask)
    assert int(seeds.bits(seed, "s", epoch, np.array([index]), 2)[0, 1]) == expected


def test_a_draw_does_not_depend_on_its_neighbours_nor_on_how_many_are_drawn():
    many = seeds.uniform(7, "augment", 3, np.arange(1000), 4)
    some = seeds.uniform(7, "augment", 3, np.array([999, 5]), 2)
    np.testing.assert_array_equal(some, many[[999, 5], :2])


@pytest.mark.parametrize("other", [(8, "a", 0), (7, "b", 0), (7, "a", 1)])
def test_seed_stream_and_epoch_each_give_other_numbers(other):
    a = seeds.uniform(7, "a", 0, np.arange(1000))[:, 0]
    b = seeds.uniform(*other, np.arange(1000))[:, 0]
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.15
    assert not np.any(a == b)


def test_uniform_is_uniform_and_columns_are_independent():
    u = seeds.uniform(0, "x", 0, np.arange(100_000), 2)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    for column in u.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    counts, _, _ = np.histogram2d(u[:, 0], u[:, 1], bins=10)
    assert stats.chisquare(counts.ravel()).pvalue > 1e-4


def test_permutation_is_one_and_differs_between_epochs():
    first, second = (seeds.permutation(0, "order", e, 500) for e in (0, 1))
    assert sorted(first) == list(range(500))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, seeds.permutation(0, "order", 0, 500))


def test_every_place_is_equally_likely_for_every_sample():
    places = np.array([np.argsort(seeds.permutation(0, "order", e, 5)) for e in range(4000)])
    for sample in range(5):
        assert stats.chisquare(np.bincount(places[:, sample], minlength=5)).pvalue > 1e-4


def test_permutation_of_nothing_and_of_one():
    assert seeds.permutation(0, "order", 0, 0).tolist() == []
    assert seeds.permutation(0, "order", 0, 1).tolist() == [0]


def test_scalar_seed_is_what_torch_accepts():
    drawn = [seeds.scalar_seed(0, "step", n) for n in range(1000)]
    assert len(set(drawn)) == 1000
    assert all(0 <= s < 2**63 for s in drawn)


def test_k_below_one_is_refused():
    with pytest.raises(ValueError, match="k must be at least 1"):
        seeds.bits(0, "s", 0, np.arange(3), 0)
