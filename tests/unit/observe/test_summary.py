"""What is told of a loop that was watched."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

import striate
from tests.loops import loaders, net


@pytest.mark.parametrize("how", ["plain", "mixed", "wrong labels", "smoothed"])
def test_mixed_images_are_not_scored_as_clean_ones(how):
    model = net(dropout=0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    doc = striate.attach(model, optimizer, budget=float("inf"))
    train_loader, val_loader = loaders()
    torch.manual_seed(0)
    for _ in range(2):
        model.train()
        for x, y in doc.watch(train_loader):
            other, share = torch.randperm(len(x)), 0.6 if how == "mixed" else 1.0
            z = model(share * x + (1 - share) * x[other])
            asked = y[other] if how == "wrong labels" else y
            smooth = 0.1 if how == "smoothed" else 0.0
            loss = share * F.cross_entropy(z, asked, label_smoothing=smooth)
            if how == "mixed":
                # Every other batch has more of the other image.
                share = 0.6 if torch.rand(()) < 0.5 else 0.4
                loss = share * F.cross_entropy(z, y) + (1 - share) * F.cross_entropy(z, y[other])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, _ in doc.watch(val_loader, "val"):
                model(x)
    assert (doc.observation().epochs[-1].clean_accuracy is None) == (how == "mixed")


def test_a_logged_loss_is_correlated_only_where_that_says_something():
    from collections import Counter

    from striate.core.observation_records import StepSeries
    from striate.observe import summary as module

    def correlated(logged, ours):
        class Columns:
            @staticmethod
            def seen():
                nothing = {
                    n: (0.0,) * len(ours) for n in StepSeries.model_fields if n not in ("step", "loss")
                }
                return StepSeries(step=tuple(range(len(ours))), loss=tuple(ours), **nothing)

        class Reader:
            columns = Columns()

        class Watched:
            reader, count = Reader(), Counter()

        Watched.logged = list(enumerate(logged))
        return module._correlation(Watched())

    up = [float(i) for i in range(9)]
    assert correlated(up, [u**3 for u in up]) == 1.0
    assert correlated(up, up[::-1]) == -1.0
    assert correlated(up[:7], up[:7]) is None
    assert correlated([2.0] * 9, up) is None
    assert correlated([float("nan")] * 2 + up[2:], up) is None
