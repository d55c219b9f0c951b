"""Two splits of one set cannot be told apart; blurred, darkened ones can."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from striate.observe.domain import area_under, told_apart


def parts(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return images, np.stack([images.mean((1, 2, 3)), images.std((1, 2, 3))], 1).astype(float)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    images = load_digits().images[:, None].astype(np.float32) / 6
    return images[np.random.default_rng(0).permutation(len(images))]


def test_area_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 9, 200).astype(float), rng.random(200) < 0.3
    assert area_under(scores, positive)[0] == pytest.approx(roc_auc_score(positive, scores))
    with pytest.raises(ValueError, match="both kinds are needed"):
        area_under(scores, np.ones(200, bool))


def test_one_set_is_one(digits: np.ndarray) -> None:
    found = told_apart(parts(digits[:900]), parts(digits[900:]))
    assert found is not None
    assert found[1] < 0.52
    assert found[2] == 1200


@pytest.mark.parametrize(
    "change", [lambda x: x * 0.8, lambda x: (x + np.roll(x, 1, 3)) / 2], ids=["darker", "blurred"]
)
def test_changed_images_are_told(digits: np.ndarray, change: object) -> None:
    found = told_apart(parts(digits[:900]), parts(change(digits[900:])))  # type: ignore[operator]
    assert found is not None
    assert found[1] > 0.75


def test_too_few_or_other_shapes_are_not_compared(digits: np.ndarray) -> None:
    assert told_apart(parts(digits[:10]), parts(digits[10:100])) is None
    assert told_apart(parts(digits[:50]), parts(digits[50:100, :, :4])) is None
