"""dL/dz identifies the loss: each against autograd's own gradient."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from striate.core.inside_records import OutputsSeen
from striate.observe.outputs_watch import OutputsWatch, Pending, read_outputs

K, N = 10, 64


def seen(loss, outputs=lambda z: z, *, targets=None, learnt: float = 2.0) -> OutputsSeen:
    generator = torch.Generator().manual_seed(1)
    y = torch.randint(0, K, (N,), generator=generator)
    z = (torch.randn(N, K, generator=generator) * learnt).requires_grad_()
    out = outputs(z)
    (gradient,) = torch.autograd.grad(loss(out, y), out)
    watch = OutputsWatch()
    watch.check(Pending(1, out.detach(), y if targets is None else targets(y), gradient))
    return watch.seen(None)


def one_hot(y):
    return F.one_hot(y, K).float()


def test_mean_cross_entropy_is_recognised_exactly():
    s = seen(F.cross_entropy)
    assert s.agreement == pytest.approx(1, abs=1e-6)
    assert s.scale == pytest.approx(1, abs=1e-4)
    assert (s.implied_right, s.implied_one_hot, s.probabilities) == (1.0, 1.0, 0.0)


def test_a_sum_over_the_batch_is_n_times_as_large():
    assert seen(lambda z, y: F.cross_entropy(z, y, reduction="sum")).scale == pytest.approx(N, rel=1e-4)


def test_a_negative_loss_points_the_other_way():
    assert seen(lambda z, y: -F.cross_entropy(z, y)).agreement == pytest.approx(-1, abs=1e-6)


def test_the_labels_of_the_loss_are_not_those_of_the_loader():
    s = seen(lambda z, y: F.cross_entropy(z, y.roll(1)))
    assert s.implied_one_hot == 1.0
    assert s.implied_right < 0.3


@pytest.mark.parametrize("kind", ["smoothing", "mixing"])
def test_smoothing_and_mixing_imply_no_single_class(kind):
    losses = {
        "smoothing": lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
        "mixing": lambda z, y: 0.6 * F.cross_entropy(z, y) + 0.4 * F.cross_entropy(z, y.roll(1)),
    }
    assert seen(losses[kind]).implied_one_hot < 0.2


def test_class_weights_keep_the_implied_label():
    s = seen(lambda z, y: F.cross_entropy(z, y, weight=torch.linspace(0.1, 3, K)))
    assert (s.implied_right, s.implied_one_hot) == (1.0, 1.0)


def test_softmax_before_cross_entropy_shows_in_outputs_and_gradient():
    s = seen(F.cross_entropy, lambda z: z.softmax(1))
    assert s.probabilities == 1.0
    assert s.label_only < 0.97
    assert s.agreement == pytest.approx(1, abs=1e-6)


def test_a_softmax_inside_the_loss_is_seen_from_outputs_before_it():
    s = seen(lambda z, y: F.cross_entropy(z.softmax(1), y))
    assert s.probabilities == 0.0
    assert s.softmax_agreement == pytest.approx(1, abs=1e-6)
    assert seen(F.cross_entropy).softmax_agreement < 0.99


def test_probabilities_with_their_own_loss_are_told_apart():
    s = seen(lambda p, y: F.nll_loss(p.log(), y), lambda z: z.softmax(1))
    assert s.probabilities == 1.0
    assert s.label_only == pytest.approx(1, abs=1e-9)
    assert s.agreement < 0.95
    assert s.implied_one_hot == 0.0


def test_log_probabilities():
    assert seen(F.nll_loss, lambda z: z.log_softmax(1)).log_probabilities == 1.0


def test_squared_and_binary_losses():
    assert seen(lambda z, y: F.mse_loss(z, one_hot(y))).squared_error_agreement == pytest.approx(1, abs=1e-6)
    binary = seen(lambda z, y: F.binary_cross_entropy_with_logits(z, one_hot(y)))
    assert binary.binary_agreement == pytest.approx(1, abs=1e-6)
    assert binary.agreement < 0.99


def test_soft_targets_are_targets():
    def soft(y):
        return 0.7 * one_hot(y) + 0.3 * one_hot(y.roll(1))

    s = seen(lambda z, y: F.cross_entropy(z, soft(y)), targets=soft)
    assert s.agreement == pytest.approx(1, abs=1e-6)


def test_a_learnt_batch_does_not_contradict_its_labels():
    s = seen(lambda z, y: F.cross_entropy(z, y), lambda z: z * 40)
    assert s.implied_right is None or s.implied_right == 1.0


def test_what_is_not_finite_says_nothing():
    watch = OutputsWatch()
    watch.check(Pending(1, torch.full((4, 3), math.nan), torch.zeros(4, dtype=torch.long)))
    assert watch.seen(None).checked == 0


def test_reads_are_those_of_torch_batch_by_batch():
    generator = torch.Generator().manual_seed(2)
    waiting = [
        Pending(i, torch.randn(n, K, generator=generator), torch.randint(0, K, (n,), generator=generator))
        for i, n in enumerate((3, 64, 1))
    ]
    for read, p in zip(read_outputs(waiting), waiting, strict=True):
        assert read.loss == pytest.approx(float(F.cross_entropy(p.logits, p.targets)), rel=1e-6)
        assert read.hits == int((p.logits.argmax(1) == p.targets).sum())
        assert (read.n, read.finite) == (len(p.logits), True)


def test_shares_and_classes_in_one_reading():
    logits = torch.randn(2, K, generator=torch.Generator().manual_seed(3))
    shares = 0.5 * one_hot(torch.tensor([1, 2])) + 0.5 * one_hot(torch.tensor([3, 4]))
    soft, hard = read_outputs([Pending(1, logits, shares), Pending(2, logits, torch.tensor([1, 2]))])
    assert soft.loss == pytest.approx(float(F.cross_entropy(logits, shares)), rel=1e-6)
    assert hard.loss == pytest.approx(float(F.cross_entropy(logits, torch.tensor([1, 2]))), rel=1e-6)


def test_ignored_labels_and_bad_rows():
    logits = torch.zeros(4, 3)
    logits[2, 1] = math.inf
    (read,) = read_outputs([Pending(7, logits, torch.tensor([0, -100, 1, 5]))])
    assert (read.n, read.finite, read.bad_rows) == (2, False, (2,))
    (none,) = read_outputs([Pending(7, torch.zeros(2, 3), torch.tensor([-1, 9]))])
    assert none.n == 0
    assert np.isnan(none.loss)
    assert read_outputs([]) == []
