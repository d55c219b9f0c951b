"""Images that break things, and torchvision's kernels as the oracle: what tests of single transforms share."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch

from striate.models import torchvision_ops


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """torchvision.transforms.v2.functional, for one image at a time."""
    torchvision_ops.prepare()
    from torchvision.transforms.v2 import functional

    return functional


@pytest.fixture(scope="session")
def gallery():
    """``gallery(C, H, W, dtype)``: random, black, white, constant, two-valued, striped and nearly constant images."""

    def hang(channels: int, height: int, width: int, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
        shape = (channels, height, width)
        images = torch.randint(0, 256, (20, *shape), generator=torch.Generator().manual_seed(height))
        images[8], images[9], images[10] = 0, 255, 117
        images[11] = torch.where(images[11] > 128, 255, 0)
        images[12] = torch.arange(width).expand(shape) % 256
        images[13] = 200 + images[13] % 2
        images[14] = images[14, :1]
        images[15] = 255 * (torch.arange(channels) == 0)[:, None, None]
        if dtype is torch.uint8:
            return images.to(dtype)
        # Levels of 8 bits, so that what is known of whole numbers can be asked of floats too.
        return (images.to(torch.float32) / 255).to(dtype)

    return hang
