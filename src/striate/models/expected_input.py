"""The input a network was made for: size, mean and standard deviation, and who says so.

Knows nothing about images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from striate.models import backbones, catalogue, torchvision_ops
from striate.models.classic import Classic
from striate.models.plain import PlainNet
from striate.models.resnet import ResNet, ThinResNet

__all__ = ["ExpectedInput", "expected_by_module", "expected_by_name", "statistics_for"]

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's training images, per channel of RGB scaled to [0, 1]: what torchvision and most published weights use."""

LUMA = (0.299, 0.587, 0.114)

SMALL, LARGE = 32, 224
"""Pixels a side: CIFAR's images, for which striate's own networks are laid out; and ImageNet's customary crop."""


@dataclass(frozen=True)
class ExpectedInput:
    """`size` is (C, H, W); mean and std are per channel, of pixels scaled to [0, 1]."""

    size: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    statistics_from: str


def expected_by_name(name: str) -> ExpectedInput:
    """For a name of the catalogue, without building the network. Raises UnknownModel."""
    plain = name.lower().replace("-", "").replace("_", "")
    if plain in catalogue.names():
        return _assumed((3, SMALL, SMALL))
    found = backbones.find(name)
    if found is None:
        catalogue.defaults(name)  # raises, with the nearest names
        raise AssertionError(name)
    if found.library == "torchvision":
        side = _crop_of_torchvision(found.name)
        return _assumed((3, side, side))
    config = _config_of_timm(found.name)
    return _assumed((3, LARGE, LARGE)) if config is None else _by_timm(config)


def expected_by_module(model: nn.Module) -> ExpectedInput:
    """For a network as an object: timm's carry it with them; striate's own are for 32 pixels, others are taken to be for 224.

    Channels are those of the convolution that comes first among the modules, 3 where there is none.
    """
    config = getattr(model, "pretrained_cfg", None)
    if isinstance(config, dict) and "input_size" in config:
        return _by_timm(config)
    first = next((m for m in model.modules() if isinstance(m, nn.Conv2d)), None)
    channels = 3 if first is None else first.in_channels
    side = SMALL if isinstance(model, Classic | PlainNet | ResNet | ThinResNet) else LARGE
    return _assumed((channels, side, side))


def statistics_for(channels: int) -> tuple[tuple[float, ...], tuple[float, ...], str]:
    """Mean and standard deviation where nobody gave them, and how to call them."""
    if channels == 3:
        return MEAN, STD, "ImageNet's, assumed"
    if channels == 1:
        grey = [sum(w * v for w, v in zip(LUMA, values, strict=True)) for values in (MEAN, STD)]
        return (grey[0],), (grey[1],), "ImageNet's as grey, assumed"
    return (0.0,) * channels, (1.0,) * channels, "none: pixels as they are"


def _assumed(size: tuple[int, int, int]) -> ExpectedInput:
    return ExpectedInput(size, *statistics_for(size[0]))


def _config_of_timm(name: str) -> dict[str, Any] | None:
    """input_size, mean, std and more; None where timm has nothing to say about this network."""
    torchvision_ops.prepare()
    import timm

    published = timm.get_pretrained_cfg(name)
    return None if published is None else published.to_dict()


def _crop_of_torchvision(name: str) -> int:
    """Pixels a side to which images are cropped for the published weights."""
    torchvision_ops.prepare()
    import torchvision.models

    published = list(torchvision.models.get_model_weights(name))
    crop = published[-1].transforms.keywords.get("crop_size") if published else None
    return crop if isinstance(crop, int) else LARGE


def _by_timm(config: dict[str, Any]) -> ExpectedInput:
    c, h, w = config["input_size"]
    mean, std = config.get("mean"), config.get("std")
    if not mean or not std or len(mean) != c:
        return _assumed((c, h, w))
    return ExpectedInput((c, h, w), tuple(mean), tuple(std), "timm's for these weights")
