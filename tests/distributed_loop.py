"""One process of a distributed training on this machine: trained plain, then watched, and what was seen of it, as JSON.

    python -m tests.distributed_loop FOLDER RANK WORLD WAY

Knows nothing about what ought to be seen.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.nn import functional as between
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler

import striate
from tests.loops import blobs, net

EPOCHS = 2


class Together(nn.SyncBatchNorm):
    """Batch norm over the batches of all processes. torch's own takes part on a GPU only."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return F.batch_norm(
                images, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        moments = torch.stack([images.mean((0, 2, 3)), images.square().mean((0, 2, 3))])
        mean, square = between.all_reduce(moments) / distributed.get_world_size()
        var = square - mean.square()
        with torch.no_grad():
            self.running_mean.lerp_(mean, 0.1)
            self.running_var.lerp_(var, 0.1)
        normed = (images - mean[:, None, None]) / (var[:, None, None] + self.eps).sqrt()
        return normed * self.weight[:, None, None] + self.bias[:, None, None]


def train(way: str, rank: int, *, attached: bool) -> tuple[nn.Module, Any]:
    model = net()
    wrapped = DistributedDataParallel(model)
    if way == "together":
        # After wrapping, which refuses such layers on a CPU.
        for layer in model:
            if isinstance(layer, nn.BatchNorm2d):
                layer.__class__ = Together
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    # Where batch norm waits for the others, a pass that only one process makes would wait for ever.
    doc = None
    if attached and (way != "together" or rank == 0):
        doc = striate.attach(wrapped, optimizer, budget=float("inf"))
        doc.declare(accumulation=2 if way == "accumulation" else 1)
    data = blobs(512)
    sampler = DistributedSampler(data, seed=3)
    train_loader: Any = DataLoader(data, 16, sampler=sampler)
    val_loader: Any = DataLoader(blobs(128, seed=1), 64)
    if doc:
        train_loader, val_loader = doc.watch(train_loader), doc.watch(val_loader, "val")
    torch.manual_seed(rank)
    for epoch in range(EPOCHS):
        sampler.set_epoch(epoch)
        wrapped.train()
        for i, (x, y) in enumerate(train_loader):
            apart = way == "accumulation" and i % 2 == 0
            with wrapped.no_sync() if apart else nullcontext():
                F.cross_entropy(wrapped(x), y).backward()
            if not apart:
                optimizer.step()
                optimizer.zero_grad()
        wrapped.eval()
        with torch.no_grad():
            for x, _ in val_loader:
                wrapped(x)
    return model, doc


def main(folder: str, rank: int, world: int, way: str) -> None:
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meeting",
        rank=rank,
        world_size=world,
        timeout=timedelta(seconds=40),
    )
    plain, _ = train(way, rank, attached=False)
    model, doc = train(way, rank, attached=True)
    same = all(
        torch.equal(a, b)
        for a, b in zip(plain.state_dict().values(), model.state_dict().values(), strict=True)
    )
    said: dict[str, Any] = {"same": same}
    if doc:
        found = doc.diagnose()
        said |= {
            "seen": json.loads(doc.observation().to_json()),
            "findings": [f.condition for f in found.findings],
        }
    print(json.dumps(said))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
