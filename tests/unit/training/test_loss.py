"""The loss by its formula."""

import numpy as np
import torch

from striate.training.loss import loss_for
from striate.training.recipe import Recipe

LABELS = np.array([0, 0, 0, 1])


def test_balanced_weights_are_n_over_k_n_class():
    criterion = loss_for(Recipe(class_weights="balanced"), LABELS, 3, torch.device("cpu"))
    torch.testing.assert_close(criterion.weight, torch.tensor([4 / 9, 4 / 3, 0.0]))


def test_plain_and_smoothed_loss():
    logits, target = torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1])
    log_p = torch.log_softmax(logits, 1)[0]
    plain = loss_for(Recipe(), LABELS, 3, torch.device("cpu"))(logits, target)
    torch.testing.assert_close(plain, -log_p[1])
    smooth = loss_for(Recipe(smoothing=0.3), LABELS, 3, torch.device("cpu"))(logits, target)
    torch.testing.assert_close(smooth, -(0.7 * log_p[1] + 0.1 * log_p.sum()))


def test_shares_of_classes_weigh_the_loss_of_each():
    """Mixed images: y_a log p_a + y_b log p_b, and a whole share is a hard label."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.1, 0.2]])
    log_p = torch.log_softmax(logits, 1)
    criterion = loss_for(Recipe(), LABELS, 3, torch.device("cpu"))
    mixed = criterion(logits, torch.tensor([[0.3, 0.7, 0.0], [0.0, 0.0, 1.0]]))
    torch.testing.assert_close(mixed, -(0.3 * log_p[0, 0] + 0.7 * log_p[0, 1] + log_p[1, 2]) / 2)
    torch.testing.assert_close(
        criterion(logits, torch.eye(3)[[1, 2]]), criterion(logits, torch.tensor([1, 2]))
    )
