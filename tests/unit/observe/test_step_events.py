"""What the hooks tell of copies of the network, and of networks that say nothing of classes."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

import striate
from tests.loops import loaders, net


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def test_a_moving_average_that_is_validated_is_looked_at_itself():
    model = net()
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer, budget=float("inf"))
    average = torch.optim.swa_utils.AveragedModel(model, use_buffers=True)
    train_loader, val_loader = loaders()
    for _ in range(2):
        model.train()
        for x, y in doc.watch(train_loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            average.update_parameters(model)
        average.eval()
        with torch.no_grad():
            hits = sum(int((average(x).argmax(1) == y).sum()) for x, y in doc.watch(val_loader, "val"))
    seen = doc.observation()
    assert (seen.loop.train_forwards, seen.loop.val_in_train) == (16, 0.0)
    assert seen.epochs[-1].val_accuracy == hits / 128
    doc.detach()
    average(x)
    assert doc.observation().loop.val_forwards == seen.loop.val_forwards


def test_one_score_an_image_is_refused_by_name():
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    optimizer = sgd(model)
    doc = striate.attach(model, optimizer)
    for x, y in doc.watch(loaders()[0]):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(x)[:, 0], (y > 1).float()).backward()
        optimizer.step()
    (said,) = doc.observation().setting.assumed
    assert "one score an image" in said
    assert not doc.diagnose().findings
