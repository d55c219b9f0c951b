"""The classic stack: 3x3 blocks that widen while their maps shrink, then a linear head.

Knows nothing about data or training. Takes any image from 1x1 up: 8x8 digits as well as 224-pixel photographs.
"""

from __future__ import annotations

from torch import Tensor, nn

from striate.models.blocks import ConvBlock, dropout_layer, he_init

__all__ = ["Classic"]

WIDTHS = (32, 64, 128, 256)
SMALLEST_MAP = 2
"""Pixels a side below which maps are not halved again: in a 3x3 kernel on a 1x1 map, 8 weights of 9 see padding only."""
LARGE_IMAGE = 64
"""Above this many pixels a side the first convolution strides by 2: full-size maps would cost most of the time there
and tell little, while below it every pixel counts. The border that resnet18 uses for its stem too."""


class Classic(nn.Module):
    """(conv3x3 - norm - act - pool) x 4, global average pool, dropout, linear.

    Maps for a 32-pixel image: 32, 16, 8, 4 pixels a side at 32, 64, 128, 256 channels. The last block does not pool:
    the average over its map does. Input (N, C, H, W), output logits (N, classes).
    """

    def __init__(
        self,
        *,
        classes: int,
        channels: int = 3,
        img_size: tuple[int, int] = (32, 32),
        activation: str = "relu",
        norm: str = "batch",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        stride = 2 if min(img_size) > LARGE_IMAGE else 1
        side = -(-min(img_size) // stride)
        blocks = []
        for width in WIDTHS:
            pool = width != WIDTHS[-1] and side // 2 >= SMALLEST_MAP
            blocks.append(
                ConvBlock(channels, width, stride=stride, pool=pool, activation=activation, norm=norm)
            )
            side, channels, stride = side // 2 if pool else side, width, 1
        self.blocks = nn.Sequential(*blocks)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.dropout = dropout_layer(dropout)
        self.head = nn.Linear(WIDTHS[-1], classes)
        he_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, classes)."""
        features = self.average(self.blocks(x)).flatten(1)  # (N, 256)
        return self.head(self.dropout(features))
