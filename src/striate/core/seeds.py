"""Random numbers from (seed, stream, epoch, index), never from what was drawn before.

Order, augmentation draws and dropout all come from here, so the position in a run is two integers and an
interrupted run continues with the bits it would have had. Knows nothing about batches, workers or torch.

The generator is SplitMix64's finaliser (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
generators") applied to a counter: every output is a bijective mix of its key, computed with wrapping
64-bit integers, hence equal on every platform and in every version of NumPy.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["bits", "permutation", "scalar_seed", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: a bijection of 64-bit words in which every input bit moves every output bit."""
    with np.errstate(over="ignore"):
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


def _key(seed: int, stream: str, epoch: int) -> np.uint64:
    """A 64-bit key for one stream of one epoch. BLAKE2 keeps streams with alike names apart."""
    digest = hashlib.blake2b(f"{seed}/{stream}/{epoch}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def bits(seed: int, stream: str, epoch: int, indices: NDArray[Any], k: int = 1) -> NDArray[np.uint64]:
    """`k` random 64-bit words for each sample index: shape (n, k).

    Word (i, c) depends on (seed, stream, epoch, indices[i], c) alone: not on the other indices, nor on `k`.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    key = np.asarray(_key(seed, stream, epoch))
    with np.errstate(over="ignore"):
        index = _mix(np.asarray(indices).astype(np.uint64)[:, None] * _GOLDEN + key)
        column = np.arange(1, k + 1, dtype=np.uint64)[None, :] * _GOLDEN
        return _mix(index + column)


def uniform(seed: int, stream: str, epoch: int, indices: NDArray[Any], k: int = 1) -> NDArray[np.float64]:
    """`k` numbers in [0, 1) for each sample index: shape (n, k), 53 random bits each."""
    return (bits(seed, stream, epoch, indices, k) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permutation(seed: int, stream: str, epoch: int, n: int) -> NDArray[np.int64]:
    """The order of `n` samples in `epoch`: each sample is sorted by its own random word."""
    return np.argsort(bits(seed, stream, epoch, np.arange(n))[:, 0], kind="stable").astype(np.int64)


def scalar_seed(seed: int, stream: str, position: int) -> int:
    """One seed in [0, 2^63) for a library generator (torch's dropout at step `position`, say)."""
    return int(bits(seed, stream, position, np.zeros(1, dtype=np.int64))[0, 0] >> np.uint64(1))
