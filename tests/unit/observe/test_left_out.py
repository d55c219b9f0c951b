"""The closed form of leaving one out is what fitting without that one gives."""

from __future__ import annotations

import numpy as np

from striate.observe.left_out import kernel, left_out_shares

RNG = np.random.default_rng(0)


def test_leaving_one_out_is_fitting_without_it() -> None:
    rows = RNG.normal(size=(25, 6)).astype(np.float32)
    labels = RNG.integers(0, 3, 25)
    weights = kernel(rows).astype(float)
    prior = np.bincount(labels, minlength=3) / 25
    target = np.eye(3)[labels] - prior
    for i in range(25):
        rest = np.delete(np.arange(25), i)
        fitted = np.linalg.solve(weights[np.ix_(rest, rest)] + np.eye(24), target[rest])
        answer = np.clip(weights[i, rest] @ fitted + prior, 1e-6, None)
        assert np.allclose(left_out_shares(weights, labels, 3)[i], answer / answer.sum(), atol=1e-5)


def test_kernel_is_one_on_the_diagonal_and_for_equal_rows() -> None:
    assert np.allclose(np.diag(kernel(RNG.normal(size=(9, 4)).astype(np.float32))), 1, atol=1e-5)
    assert (kernel(np.ones((3, 4), np.float32)) == 1).all()
