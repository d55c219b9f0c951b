"""Plain networks of He et al. 2016: the thin residual network with its shortcuts left out.

Knows nothing about data or training.
"""

from __future__ import annotations

from striate.models.resnet import ThinResNet

__all__ = ["PlainNet"]


class PlainNet(ThinResNet):
    """Plain-N, N = 6n + 2: layer for layer the ResNet-N of the same depth, without the additions.

    Equal parameters and equal cost, so a difference between the two is the shortcut's doing: plain-56 ends with a
    *higher training* error than plain-20 (fig. 6, left), resnet-56 with a lower one.
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
    ) -> None:
        super().__init__(
            depth,
            classes=classes,
            channels=channels,
            activation=activation,
            norm=norm,
            dropout=dropout,
            skip=False,
        )
