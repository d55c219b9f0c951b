"""The clean sample: fixed, within its limit, each class in proportion."""

import numpy as np

from striate.training.clean_sample import CLEAN_IMAGES, clean_rows


def test_small_sets_are_taken_whole():
    rows = np.arange(100, 200)
    assert clean_rows(np.zeros(300, int), rows, 0) is rows


def test_large_sets_give_each_class_its_share_to_within_one():
    labels = np.repeat([0, 1, 2], [12_000, 6_000, 30])
    rows = np.arange(len(labels))
    got = clean_rows(labels, rows, 0)
    assert len(np.unique(got)) == CLEAN_IMAGES
    shares = CLEAN_IMAGES * np.array([12_000, 6_000, 30]) / len(labels)
    assert np.all(np.abs(np.bincount(labels[got]) - shares) <= 1)
    np.testing.assert_array_equal(got, clean_rows(labels, rows, 0))
    assert not np.array_equal(got, clean_rows(labels, rows, 1))
