"""Scores are found in whatever a network returns; what is not a score gives None."""

from __future__ import annotations

from collections import namedtuple
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from striate.observe.outputs_of import logits_of, mean_loss, scored

Z = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
Y = torch.tensor([0, 1, 2, 0, 1, 2])
OTHER = torch.zeros(6, 9)


@pytest.mark.parametrize(
    "output",
    [
        Z,
        (Z, OTHER),
        [None, Z],
        {"features": OTHER, "logits": Z},
        {"out": Z, "aux": OTHER},
        {"score": Z},
        SimpleNamespace(loss=None, logits=Z),
        namedtuple("Named", "features output")(OTHER, Z),
    ],
    ids=["tensor", "tuple", "list", "mapping", "out", "first of mapping", "object", "named tuple"],
)
def test_scores_are_found(output: object) -> None:
    assert logits_of(output) is Z


@pytest.mark.parametrize("output", [None, (), {}, "text", SimpleNamespace(a=1)], ids=str)
def test_no_scores_are_none(output: object) -> None:
    assert logits_of(output) is None


def test_cross_entropy_is_that_of_the_formula() -> None:
    found = scored(Z, Y)
    p = torch.exp(Z.double()) / torch.exp(Z.double()).sum(1, keepdim=True)
    assert found is not None
    assert found.loss == pytest.approx(float(-p[range(6), Y].log().sum()), rel=1e-12)
    assert found.hits == sum(int(row.argmax()) == int(y) for row, y in zip(Z, Y, strict=True))
    assert found.n == 6
    mean = mean_loss(Z, Y)
    assert mean is not None
    assert float(mean) == pytest.approx(found.loss / 6, rel=1e-6)


def test_shares_count_by_their_largest() -> None:
    shares = 0.8 * F.one_hot(Y, 3) + 0.2 / 3
    soft, hard = scored(Z, shares), scored(Z, Y)
    assert soft is not None
    assert hard is not None
    assert soft.hits == hard.hits
    log_p = Z.double().log_softmax(1)
    assert soft.loss == pytest.approx(float(-(shares * log_p).sum()), rel=1e-6)
    assert scored(Z, Y[:, None]) == hard


@pytest.mark.parametrize(
    ("logits", "targets"),
    [
        (Z, None),
        (Z, Y + 1),
        (Z, torch.full((6,), -100)),
        (Z, Y[:5]),
        (Z, Y.float()),
        (Z[:, :1], torch.zeros(6, dtype=torch.long)),
        (Z[:, :, None], Y),
        (Z, F.one_hot(Y, 4)),
    ],
    ids=[
        "no targets",
        "too large",
        "ignored",
        "too few",
        "regression",
        "one score",
        "a map",
        "other classes",
    ],
)
def test_what_does_not_go_together_is_none(logits: torch.Tensor, targets: torch.Tensor | None) -> None:
    assert scored(logits, targets) is None
    assert mean_loss(logits, targets) is None


def test_features_beside_scores_are_wider():
    scores, features, one = torch.zeros(4, 10), torch.zeros(4, 64), torch.zeros(4, 1)
    for output in (
        (features, scores),
        (scores, features),
        [one, features, scores],
        {"f": features, "s": scores},
    ):
        assert logits_of(output) is scores
    assert logits_of((scores, torch.ones(4, 10))) is scores
