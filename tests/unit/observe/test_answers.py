"""Targets of all kinds become classes or -1; outputs of all kinds become answers."""

from __future__ import annotations

import pytest
import torch

from striate.observe.answers import classes_given, said, width

SMOOTH = torch.full((2, 4), 0.025).index_put((torch.arange(2), torch.tensor([1, 3])), torch.tensor(0.925))

CASES = {
    "classes": (torch.tensor([2, 0]), [2, 0]),
    "column": (torch.tensor([[2], [0]]), [2, 0]),
    "ignored": (torch.tensor([2, -100]), [2, -1]),
    "bool": (torch.tensor([True, False]), [1, 0]),
    "binary": (torch.tensor([1.0, 0.0]), [1, 0]),
    "regression": (torch.tensor([1.0, 0.3]), [-1, -1]),
    "regression-nan": (torch.tensor([1.0, float("nan")]), [-1, -1]),
    "one-hot": (torch.eye(4)[[2, 0]], [2, 0]),
    "smoothed": (SMOOTH, [1, 3]),
    "mixed": (torch.tensor([[0.7, 0.3, 0.0], [0.0, 0.0, 1.0]]), [-1, 2]),
    "mixed-of-two": (torch.tensor([[0.6, 0.4], [0.05, 0.95]]), [-1, 1]),
    "several": (torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), [-1, 2]),
    "masks": (torch.zeros(2, 4, 4), [-1, -1]),
    "none": (None, [-1, -1]),
}


@pytest.mark.parametrize("case", CASES)
def test_targets(case: str) -> None:
    given, wanted = CASES[case]
    assert classes_given(given, 2).tolist() == wanted


def test_labels_are_a_copy() -> None:
    targets = torch.tensor([1, 0], dtype=torch.int32)
    labels = classes_given(targets, 2)
    targets[0] = 0
    assert labels.tolist() == [1, 0]


def test_answers_are_the_largest_and_their_softmax() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0], [float("nan"), 1.0, 0.0], [3.0, 0.0, 0.0]])
    answers, sure = said(logits)
    assert answers.tolist() == [1, -1, 0]
    assert torch.allclose(sure[[0, 2]], logits.softmax(1).amax(1)[[0, 2]])
    assert sure[1] == 0


def test_probabilities_stay_and_one_number_is_log_odds() -> None:
    assert torch.allclose(said(torch.tensor([[0.9, 0.1], [0.2, 0.8]]))[1], torch.tensor([0.9, 0.8]))
    answers, sure = said(torch.tensor([2.0, -1.0]))
    assert answers.tolist() == [1, 0]
    assert torch.allclose(sure, torch.tensor([2.0, 1.0]).sigmoid())


def test_width() -> None:
    shapes = {(4, 10): 10, (4, 1): 2, (4,): 2, (4, 10, 8, 8): 0, (3, 10): 0}
    assert {shape: width(torch.zeros(shape), 4) for shape in shapes} == shapes
    assert width(None, 4) == 0
