"""After a failure: the layer that broke, and the batch that would have fitted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import striate
from striate.training import post_mortem
from striate.training.errors import OutOfMemory


def test_the_first_layer_whose_output_is_not_finite_is_named():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU())
    with torch.no_grad():
        model[1].weight.fill_(1e38)
    assert post_mortem.first_non_finite(model, torch.full((1, 2), 1e4)) == (
        "the output of 1 (Linear) is the first that is not finite"
    )
    assert not model[1]._forward_hooks


def test_input_and_weights_come_before_layers():
    model = nn.Linear(2, 2)
    assert (
        post_mortem.first_non_finite(model, torch.tensor([[np.nan, 0]])) == "the input images are not finite"
    )
    with torch.no_grad():
        model.bias[0] = np.inf
    assert post_mortem.first_non_finite(model, torch.zeros(1, 2)) == "bias is not finite: a step broke it"
    norm = nn.BatchNorm1d(2)
    norm.running_var[1] = np.nan
    assert post_mortem.first_non_finite(norm, torch.zeros(2, 2)).startswith("running_var is not finite")


def test_what_a_network_computes_outside_of_its_layers_is_told_from_the_loss():
    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 2)

        def forward(self, x):
            return self.inner(x) * np.nan

    assert post_mortem.first_non_finite(Around(), torch.zeros(1, 2)).endswith(
        "what it computes outside of its layers"
    )


def test_all_finite_means_the_loss_overflowed():
    assert post_mortem.first_non_finite(nn.Linear(2, 2), torch.zeros(1, 2)).endswith(
        "the loss itself overflowed"
    )


def test_what_torch_really_raises_is_recognised():
    with pytest.raises(RuntimeError) as error:
        torch.empty(1 << 60)
    assert post_mortem.is_out_of_memory(error.value)
    with pytest.raises(RuntimeError) as error:
        torch.zeros(2) @ torch.zeros(3)
    assert not post_mortem.is_out_of_memory(error.value)


class Greedy(nn.Module):
    """A network that asks for an exabyte in training when its batch is larger than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.head = most, nn.Linear(8 * 8 * 3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.training and len(images) > self.most:
            torch.empty(1 << 60)
        return self.head(images.flatten(1))


@pytest.mark.parametrize(
    ("most", "expected", "next_step"),
    [
        (5, "a batch of 4 fits", "--batch-size 4"),
        (0, "not even one image fits", "a smaller --img-size or a smaller --model"),
    ],
)
def test_out_of_memory_suggests_a_batch_that_fits(tmp_path, most, expected, next_step):
    x, y = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8), np.arange(40) % 2
    with pytest.raises(OutOfMemory) as error:
        striate.train((x, y), model=Greedy(most), batch_size=16, project=str(tmp_path), name="oom", epochs=1)
    assert str(error.value) == (
        "the device has too little memory for this step [out-of-memory]\n"
        "  where     a batch of 16 images, 8x8\n"
        "  got       out of memory\n"
        f"  expected  {expected}\n"
        f"  next      {next_step}"
    )
    assert striate.Run(tmp_path / "oom").record.status == "failed"
