"""The observer of a run: what it watches, what samples are called.

Knows nothing about what is seen, or what becomes of it.
"""

from __future__ import annotations

from itertools import islice

from striate.data.batches import Order
from striate.observe.observer import Observer
from striate.training.job import Job
from striate.training.resolve import decided
from striate.training.state import RunState

__all__ = ["observer_of"]

NAMED = 4096
"""Samples of a split that are looked at one by one, and so may be named."""


def observer_of(job: Job, state: RunState) -> Observer:
    """Watches the sitting that begins at `state`."""
    observer = Observer(state.model, [state.optimizer], names=_names(job, state.position.epoch))
    observer.declare({"average": state.average is not None})
    return observer


def _names(job: Job, epoch: int) -> dict[str, list[str]]:
    """Paths of the first samples of the first pass of this sitting, in its order."""
    dataset, recipe = job.dataset, job.recipe
    order = Order(dataset.indices("train"), decided(recipe.batch_size), recipe.seed)
    batches = islice(order.batches(epoch), -(-NAMED // decided(recipe.batch_size)))
    rows = [row for batch in batches for row in batch]
    return {
        "train": [dataset.paths[row] for row in rows],
        "val": [dataset.paths[row] for row in dataset.indices("val")[:NAMED]],
    }
