"""Small plans and scripted traces for the tests of the clinic. Knows nothing about what is tested."""

from __future__ import annotations

import numpy as np

from benchmarks.clinic.cases import Case
from benchmarks.clinic.hosts import host
from benchmarks.clinic.images import Images
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.traces import Trace
from striate.core.observation_records import EpochPoint, Observation, Setting

OFFLINE = ("digits-plain", "digits-tanh", "shapes-resnet", "shapes-flatten", "discs-gn", "relation-strided")
"""Hosts whose data need no file."""


def small_plan(name: str = "digits-tanh", seed: int = 0, images: int = 96, epochs: int = 2) -> Plan:
    """A host's plan with a few images and epochs."""
    plan = host(name).plan(seed)
    plan.train = plan.train.take(np.arange(images))
    plan.val = plan.val.take(np.arange(60))
    plan.epochs = epochs
    return plan


def dots(n: int = 40, classes: int = 4) -> Images:
    """Images that hold their own number, labels in turn."""
    x = np.zeros((n, 1, 4, 4), dtype=np.float32)
    x[:, 0, 0, 0] = np.arange(n)
    return Images(x, (np.arange(n) % classes).astype(np.int64))


def observed(**more: object) -> Observation:
    """Two epochs of a watched run."""
    points = (
        EpochPoint(epoch=1, train_loss=1.0, train_accuracy=0.6, val_loss=1.0, val_accuracy=0.5, lr=0.1),
        EpochPoint(epoch=2, train_loss=0.5, train_accuracy=0.9, val_loss=0.7, val_accuracy=0.8, lr=0.1),
    )
    usual: dict[str, object] = {
        "setting": Setting(source="attached", optimizer="SGD", lr=0.1),
        "epochs": points,
    }
    return Observation.model_validate(usual | more)


def trace_of(case: Case, **more: object) -> Trace:
    """A trace of a run that was never made."""
    return Trace(case, (0.5, 0.8), 0.9, 1.0, observed(**more), True, True)
