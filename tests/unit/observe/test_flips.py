"""Which mirror or turn a second pass has, and which digits a half turn makes of which."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from striate.observe.flips import flows_under, forms_between, forms_of
from striate.observe.nearest import FORMS, turned


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return (images[order].reshape(-1, 1, 8, 8).astype(np.float32) - 4.9) / 6.0, labels[order].astype(np.int64)


@pytest.mark.parametrize("form", FORMS)
def test_the_form_that_was_used_is_found_with_its_share(
    form: str, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    thumbs, labels = digits
    second = thumbs.copy()
    chosen = np.random.default_rng(1).random(len(thumbs)) < 0.3
    second[chosen] = turned(thumbs, form)[chosen]
    used = forms_between((thumbs, labels), (second[::2], labels[::2]), FORMS)
    assert used is not None
    assert used[form] == pytest.approx(0.3, abs=0.1)
    assert sum(used.values()) == pytest.approx(used[form], abs=0.02)


def test_other_images_are_not_taken_for_turned_ones(digits: tuple[np.ndarray, np.ndarray]) -> None:
    thumbs, labels = digits
    assert forms_between((thumbs[:900], labels[:900]), (thumbs[900:], labels[900:]), FORMS) is None


def test_a_half_turn_makes_nines_of_sixes(digits: tuple[np.ndarray, np.ndarray]) -> None:
    thumbs, labels = digits
    flows = flows_under("rot180", (thumbs[1200:], labels[1200:]), (thumbs[:1200], labels[:1200]), 10)
    source, to, n, moved = flows[0]
    assert (source, to) == (6, 9)
    assert n == (labels[1200:] == 6).sum()
    assert moved / n > 0.2
    alone = flows_under("rot180", (thumbs[1200:], labels[1200:]), None, 10)
    assert alone[0][:2] == (6, 9)


def test_a_quarter_turn_makes_strange_digits_not_others(digits: tuple[np.ndarray, np.ndarray]) -> None:
    thumbs, labels = digits
    flows = flows_under("rot90", (thumbs[1200:], labels[1200:]), (thumbs[:1200], labels[:1200]), 10)
    assert all(moved / n < 0.1 for _, _, n, moved in flows)


def test_turns_need_a_square() -> None:
    assert forms_of((3, 16, 16)) == FORMS
    assert forms_of((3, 16, 12)) == ("flip", "vflip")
