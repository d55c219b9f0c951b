"""What a step counts as right: answers, or the share that a mixed image gives to the answer."""

from __future__ import annotations

import pytest
import torch

from striate.training.step import _hits


@pytest.mark.parametrize(
    ("targets", "hits"),
    [
        (torch.tensor([0, 1, 2]), 2.0),
        (torch.eye(3)[[0, 1, 2]], 2.0),
        (torch.tensor([[0.7, 0.3, 0.0], [0.5, 0.5, 0.0], [0.2, 0.8, 0.0]]), 0.7 + 0.5 + 0.8),
    ],
)
def test_hits(targets: torch.Tensor, hits: float) -> None:
    predicted = torch.tensor([0, 1, 1])
    assert _hits(predicted, targets).item() == pytest.approx(hits)
