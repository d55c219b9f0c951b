"""Residual networks of He et al. 2016: the thin ones for small images, and ResNet-18/34.

Knows nothing about data or training. Layers carry the names that published weights use (conv1, bn1,
layer1.0.conv1, ..., linear or fc), so such files load strictly.
"""

from __future__ import annotations

from torch import Tensor, nn

from striate.models.blocks import (
    BasicBlock,
    activation_layer,
    conv3x3,
    dropout_layer,
    he_init,
    norm_layer,
)

__all__ = ["ResNet", "ThinResNet"]

SMALL_IMAGE = 64
"""Pixels a side up to which ResNet-18/34 keep the full resolution in the stem: the ImageNet stem divides it by 4,
which leaves a 32-pixel image 1x1 in the last stage."""


class ThinResNet(nn.Module):
    """ResNet-N for small images, N = 6n + 2: one 3x3 convolution, 3 stages of n blocks, 16-32-64 channels, linear.

    Shortcuts are option A, without parameters (section 4.2 of the paper). Maps are 1, 1/2 and 1/4 of the image's side.
    `skip=False` gives plain-N. Input (N, C, H, W), output logits (N, classes). Without a norm the variance doubles in each
    block: the deep ones build, but need a small learning rate or do not train, which is the point of comparing them.
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int,
        channels: int = 3,
        activation: str = "relu",
        norm: str = "batch",
        dropout: float = 0.0,
        skip: bool = True,
    ) -> None:
        super().__init__()
        n, rest = divmod(depth - 2, 6)
        if n < 1 or rest:
            raise ValueError(f"depth must be 6n + 2 with n >= 1, got {depth}")
        self.conv1 = conv3x3(channels, 16, norm=norm)
        self.bn1 = norm_layer(norm, 16)
        self.act1 = activation_layer(activation)
        kind = {"skip": skip, "activation": activation, "norm": norm}
        self.layer1 = _stage(n, 16, 16, 1, "A", kind)
        self.layer2 = _stage(n, 16, 32, 2, "A", kind)
        self.layer3 = _stage(n, 32, 64, 2, "A", kind)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = dropout_layer(dropout)
        self.linear = nn.Linear(64, classes)
        he_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, classes)."""
        x = self.act1(self.bn1(self.conv1(x)))  # (N, 16, H, W)
        x = self.layer3(self.layer2(self.layer1(x)))  # (N, 64, ceil(H / 4), ceil(W / 4))
        return self.linear(self.dropout(self.avgpool(x).flatten(1)))


class ResNet(nn.Module):
    """ResNet-18 (2, 2, 2, 2 blocks) or ResNet-34 (3, 4, 6, 3) at 64-128-256-512 channels, option B shortcuts.

    Up to 64 pixels a side the stem is one 3x3 convolution at stride 1; above, the paper's 7x7 at stride 2 and a 3x3 max
    pool at stride 2. Everything behind it is the same. Input (N, C, H, W), output logits (N, classes).
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int,
        channels: int = 3,
        img_size: tuple[int, int] = (32, 32),
        activation: str = "relu",
        norm: str = "batch",
        dropout: float = 0.0,
        skip: bool = True,
    ) -> None:
        super().__init__()
        self.maxpool: nn.Module
        blocks = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}[depth]
        if min(img_size) <= SMALL_IMAGE:
            self.conv1, self.maxpool = conv3x3(channels, 64, norm=norm), nn.Identity()
        else:
            self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=norm == "none")
            self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.bn1 = norm_layer(norm, 64)
        self.act1 = activation_layer(activation)
        kind = {"skip": skip, "activation": activation, "norm": norm}
        self.layer1 = _stage(blocks[0], 64, 64, 1, "B", kind)
        self.layer2 = _stage(blocks[1], 64, 128, 2, "B", kind)
        self.layer3 = _stage(blocks[2], 128, 256, 2, "B", kind)
        self.layer4 = _stage(blocks[3], 256, 512, 2, "B", kind)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = dropout_layer(dropout)
        self.fc = nn.Linear(512, classes)
        he_init(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, classes)."""
        x = self.maxpool(self.act1(self.bn1(self.conv1(x))))  # (N, 64, ...)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))  # (N, 512, ...): an eighth of that
        return self.fc(self.dropout(self.avgpool(x).flatten(1)))


def _stage(
    n: int, channels: int, width: int, stride: int, option: str, kind: dict[str, object]
) -> nn.Sequential:
    """`n` blocks; the first one changes width and resolution."""
    first = BasicBlock(channels, width, stride=stride, option=option, **kind)  # type: ignore[arg-type]
    rest = (BasicBlock(width, width, option=option, **kind) for _ in range(n - 1))  # type: ignore[arg-type]
    return nn.Sequential(first, *rest)
