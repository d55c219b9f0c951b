"""Where an image speaks for a class: Grad-CAM by gradients, occlusion by hiding patches.

Knows nothing about whether the place is the right one.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.analysis.capture import capture, captured, has_map, image_map
from striate.analysis.errors import LayerUnsuited
from striate.analysis.forward import as_input, forward, logits_of
from striate.analysis.untouched import untouched
from striate.core.network_records import AttributionMap, grid

__all__ = ["grad_cam", "last_map", "occlusion"]

# Copies of an image with another patch hidden in each, at a time.
CHUNK = 64


def last_map(model: nn.Module, images: Tensor) -> str:
    """The convolution that runs last on `images` and puts out more than one place: where places and classes meet.

    Raises LayerUnsuited where there is none.
    """
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    ran = [found.name for found in capture(model, images[:1], names) if has_map(found, images.shape)]
    if not ran:
        raise LayerUnsuited(
            "the network has no convolution to look at",
            where=type(model).__name__,
            expected="a layer that puts out N x channels x height x width",
        )
    return ran[-1]


def grad_cam(
    model: nn.Module, images: Tensor, *, targets: list[int] | None = None, layer: str | None = None
) -> tuple[AttributionMap, ...]:
    """relu(sum_k a_k A_k), a_k = mean over places of d logit / d A_k (Selvaraju et al. 2017, eq. 1 and 2).

    images: (N, C, H, W) as the network takes them. targets: a class for each image, by default the one predicted. layer: by
    default the convolution that runs last. The map is scaled to the image's size bilinearly, and is not normalised: a map of
    zeros says that the layer speaks against the class everywhere. Evaluation mode; the model is as before afterwards. Raises
    UnknownLayer, LayerUnsuited, InputRefused.
    """
    name = last_map(model, images) if layer is None else layer
    with untouched(model, gradients=True):
        for parameter in model.parameters():
            # Without any of them asking for a gradient there would be no graph behind the layer.
            parameter.requires_grad_(parameter.is_floating_point())
        with captured(model, [name]) as seen:
            logits = logits_of(forward(model, as_input(model, images)))
        classes = logits.argmax(dim=1).tolist() if targets is None else targets
        a = image_map(seen, name, images.shape)  # (N, K, h, w)
        picked = logits[torch.arange(len(images)), torch.tensor(classes)].sum()
        (gradient,) = torch.autograd.grad(picked, a)
        weight = gradient.mean(dim=(2, 3), keepdim=True)  # (N, K, 1, 1)
        maps = torch.relu((weight * a).sum(dim=1, keepdim=True)).detach()  # (N, 1, h, w)
        maps = F.interpolate(maps, images.shape[2:], mode="bilinear", align_corners=False)[:, 0]
        p = logits.detach().softmax(dim=1).cpu()
    return tuple(
        AttributionMap(
            method="grad-cam",
            layer=name,
            target=c,
            probability=float(p[i, c]),
            values=grid(maps[i].double().cpu().numpy()),
        )
        for i, c in enumerate(classes)
    )


def occlusion(
    model: nn.Module,
    images: Tensor,
    *,
    targets: list[int] | None = None,
    patch: int | None = None,
    stride: int | None = None,
    fill: float = 0.0,
) -> tuple[AttributionMap, ...]:
    """How much of the class's probability is lost where a square is hidden (Zeiler & Fergus 2014, section 4.2).

    values[i, j] = mean over the squares that cover (i, j) of p(class | image) - p(class | image without the square). A square is
    `patch` pixels a side (an eighth of the image), set to `fill` (0, the mean colour of normalised images), moved by `stride`
    (half a patch); the last ones touch the right and lower edge. Negative where hiding helps. Raises InputRefused.
    """
    _, _, height, width = images.shape
    side = patch or max(1, min(height, width) // 8)
    step = stride or max(1, side // 2)
    places = [(i, j) for i in _starts(height, side, step) for j in _starts(width, side, step)]
    with untouched(model):
        x = as_input(model, images)
        whole = _probabilities(model, x)
        classes = whole.argmax(dim=1).tolist() if targets is None else targets
        return tuple(
            AttributionMap(
                method="occlusion",
                layer="",
                target=c,
                probability=float(whole[k, c]),
                values=grid(_lost(model, x[k], c, float(whole[k, c]), places, side, fill)),
            )
            for k, c in enumerate(classes)
        )


def _lost(
    model: nn.Module,
    image: Tensor,
    target: int,
    whole: float,
    places: list[tuple[int, int]],
    side: int,
    fill: float,
) -> NDArray[np.float64]:
    """The map of one image (C, H, W)."""
    total, covered = np.zeros(image.shape[1:]), np.zeros(image.shape[1:])
    for first in range(0, len(places), CHUNK):
        chunk = places[first : first + CHUNK]
        hidden = image.repeat(len(chunk), 1, 1, 1)
        for copy, (i, j) in zip(hidden, chunk, strict=True):
            copy[:, i : i + side, j : j + side] = fill
        for p, (i, j) in zip(_probabilities(model, hidden)[:, target].tolist(), chunk, strict=True):
            total[i : i + side, j : j + side] += whole - p
            covered[i : i + side, j : j + side] += 1
    return np.divide(total, covered, out=np.zeros_like(total), where=covered > 0)


def _starts(length: int, side: int, step: int) -> list[int]:
    """Where squares begin: every `step` pixels, and once more so that the last one ends with the image."""
    last = max(0, length - side)
    return sorted({*range(0, last + 1, step), last})


def _probabilities(model: nn.Module, x: Tensor) -> Tensor:
    return logits_of(forward(model, x)).double().softmax(dim=1).cpu()
