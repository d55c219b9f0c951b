"""What optimisers and loaders tell about a run."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from striate.observe.setting_of import dataset_size, optimizer_facts, rate, transform_names


def test_optimisers():
    p = [nn.Parameter(torch.zeros(1))]
    sgd = torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=1e-4)
    assert optimizer_facts([sgd]) == {
        "optimizer": "SGD",
        "momentum": 0.9,
        "weight_decay": 1e-4,
        "epsilon": None,
    }
    adam = torch.optim.AdamW([{"params": p, "lr": 0.5}, {"params": [], "lr": 2.0}])
    assert optimizer_facts([adam])["momentum"] == 0.9
    assert optimizer_facts([adam])["epsilon"] == 1e-8
    assert rate(adam) == 2.0
    assert optimizer_facts([]) == {}


def test_sizes():
    data = TensorDataset(torch.zeros(10, 1))
    assert dataset_size(DataLoader(data)) == 10
    assert dataset_size(DataLoader(data, sampler=torch.utils.data.RandomSampler(data, num_samples=4))) == 4
    assert dataset_size([1, 2]) == 0


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms


class RandomCrop:
    pass


class ToTensor:
    pass


class Pictures(torch.utils.data.Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return i


def test_names_of_transforms_are_found_in_nests_and_subsets():
    both = Compose([RandomCrop(), Compose([ToTensor()])])
    loader = DataLoader(Subset(Pictures(both), [0]))
    assert transform_names(loader) == ("RandomCrop", "ToTensor")
    assert transform_names(DataLoader(Pictures(None))) == ()
    assert transform_names(DataLoader(Pictures(lambda x: x))) == ("<lambda>",)
    assert transform_names([1]) == ()
    plain = Pictures(None)
    plain.transforms = (RandomCrop(), [ToTensor()])
    assert transform_names(DataLoader(plain)) == ("RandomCrop", "ToTensor")
