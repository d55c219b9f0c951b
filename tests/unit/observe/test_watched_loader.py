"""The loop gets the loader's own batches, whatever the loader is."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from striate.observe.watched_loader import WatchedLoader


def watched(loader):
    told = []
    return told, WatchedLoader(
        loader,
        began=lambda: told.append("began"),
        came=lambda batch, waited: told.append(batch),
        ended=lambda whole: told.append(whole),
    )


def test_the_same_objects_in_the_same_order():
    batches = [object(), object()]
    told, loader = watched(batches)
    assert list(loader) == batches
    assert told == ["began", *batches, True]
    assert len(loader) == 2


def test_a_loop_that_breaks_off_is_told_apart():
    told, loader = watched([1, 2, 3])
    for _ in loader:
        break
    assert told == ["began", 1, False]
    told, loader = watched([1])
    iterator = iter(loader)
    next(iterator)
    del iterator
    assert told == ["began", 1, False]


def test_errors_of_the_loader_and_of_the_loop_go_through():
    def broken():
        yield 1
        raise RuntimeError("disk")

    told, loader = watched(broken())
    with pytest.raises(RuntimeError, match="disk"):
        list(loader)
    assert told == ["began", 1, False]


def test_it_is_the_loader_in_all_else():
    data = TensorDataset(torch.arange(6.0)[:, None], torch.arange(6))
    torch.manual_seed(3)
    plain = [b[1].tolist() for b in DataLoader(data, batch_size=2, shuffle=True)]
    torch.manual_seed(3)
    _, loader = watched(DataLoader(data, batch_size=2, shuffle=True))
    assert [b[1].tolist() for b in loader] == plain
    assert loader.dataset is data
    assert loader.batch_size == 2
    with pytest.raises(AttributeError):
        _ = loader.nothing
    assert copy.copy(loader).dataset is data


def test_a_generator_has_no_length():
    _, loader = watched(iter([1]))
    with pytest.raises(TypeError):
        len(loader)
