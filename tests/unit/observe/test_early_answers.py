"""The early pass is read with the evaluation that followed it."""

from __future__ import annotations

import torch

from striate.observe.early_answers import early_answers
from striate.observe.pass_log import PassLog, Wanted


def pass_of(right: float, after: int, n: int = 400) -> PassLog:
    """Answers of which the first share are right; labels 0 and 1 in turn."""
    log = PassLog(Wanted(sureness=True), after=after, ended=True)
    labels = torch.arange(n) % 2
    answers = torch.where(torch.arange(n) < right * n, labels, 1 - labels)
    log.saw(None, labels, torch.eye(2)[answers], n)
    return log


def test_pass_and_evaluation_belong_together() -> None:
    train = [pass_of(0.5, 0), pass_of(0.7, 1), pass_of(0.75, 2)]
    val = [pass_of(0.5, 0), pass_of(0.6, 1), pass_of(0.8, 2), pass_of(0.85, 3)]
    facts = early_answers(train, val)
    assert facts["epoch"] == 1.5
    assert facts["confident"] == facts["val_confident"] == 100
    # Equally sure answers keep their order, so the surest quarter are those at the front: all right.
    assert facts["confident_wrong"] == facts["val_confident_wrong"] == 0


def test_of_the_first_pass_the_second_half_counts() -> None:
    facts = early_answers([pass_of(0.9, 0)], [pass_of(0.95, 1)])
    assert facts["epoch"] == 0.75
    assert facts["confident"] == 50


def test_without_answers_nothing_is_said() -> None:
    log = PassLog(Wanted(sureness=True))
    log.saw(None, torch.tensor([0, 1]), None, 2)
    assert early_answers([log], []) == {}
    assert early_answers([], []) == {}
