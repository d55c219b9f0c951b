"""Networks of timm and torchvision by name, for any classes, one or three channels.

Weights are fetched only when asked for. Knows nothing about striate's own networks, data or training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from striate.models import torchvision_ops
from striate.models.errors import ImageTooSmallForModel, ModelOptionNotSupported, PretrainedOffline
from striate.models.head import renew_head

__all__ = ["RECIPES", "Backbone", "build", "find", "kind_of", "listed"]

Kind = Literal["batch norm", "layer norm", "no norm"]

# opt, lr at batch 128, weight decay, source: the recipes these families were published with, scaled to the batch.
RECIPES: dict[Kind, tuple[str, float, float, str]] = {
    "batch norm": (
        "sgd",
        0.05,
        1e-4,
        "torchvision's reference training (0.1 at batch 256), linear in the batch",
    ),
    "layer norm": (
        "adamw",
        2.5e-4,
        0.05,
        "Touvron et al. 2021, table 9 (5e-4 at batch 512), by the square root of the batch",
    ),
    "no norm": (
        "sgd",
        0.005,
        1e-4,
        "torchvision's reference training of nets without norm (0.01 at batch 256), linear in the batch",
    ),
}

# With an auxiliary head these return a tuple in training. Their default initialisation warns unless chosen.
_AUXILIARY = {
    "googlenet": {"aux_logits": False, "init_weights": True},
    "inception_v3": {"aux_logits": False, "init_weights": True},
}


@dataclass(frozen=True)
class Backbone:
    """A network of a library: 'timm/resnet50.a1_in1k', 'torchvision/squeezenet1_0'."""

    library: Literal["timm", "torchvision"]
    name: str

    def __str__(self) -> str:
        return f"{self.library}/{self.name}"


def _timm() -> Any:
    torchvision_ops.prepare()
    import timm

    return timm


def _zoo() -> Any:
    torchvision_ops.prepare()
    import torchvision.models

    return torchvision.models


def find(name: str) -> Backbone | None:
    """The network meant by `name`, which may begin with 'timm/' or 'torchvision/'; None where there is none."""
    library, _, bare = name.lower().rpartition("/")
    if library in ("", "timm") and _timm_has(bare):
        return Backbone("timm", bare)
    if library in ("", "torchvision") and bare in _zoo().list_models(module=_zoo()):
        return Backbone("torchvision", bare)
    return None


def _timm_has(name: str) -> bool:
    """A name may end with the tag of its weights, as in 'resnet50.a1_in1k'."""
    return _timm().is_model(name) and ("." not in name or name in _timm().list_models(name, pretrained=True))


def listed() -> list[str]:
    """Every name: timm's, then those that only torchvision has."""
    known = list(_timm().list_models())
    return known + [name for name in _zoo().list_models(module=_zoo()) if name not in set(known)]


def kind_of(backbone: Backbone) -> Kind:
    """Which recipe suits a network, by the norms it is built of; the random state stays as it was.

    Layer norm (or group norm) anywhere: a transformer or a network in its image. Else batch norm, else none.
    """
    model = _laid_out(backbone)
    modules = list(model.modules())
    if any(isinstance(module, nn.LayerNorm | nn.GroupNorm) for module in modules):
        return "layer norm"
    if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in modules):
        return "batch norm"
    return "no norm"


def _laid_out(backbone: Backbone) -> nn.Module:
    """The modules without memory for their weights; in memory where initialisation computes with them."""
    try:
        with torch.device("meta"):
            return _construct(backbone, classes=10)
    except NotImplementedError:
        with torch.random.fork_rng(devices=[]):
            return _construct(backbone, classes=10)


def _construct(backbone: Backbone, *, classes: int, **options: Any) -> nn.Module:
    if backbone.library == "timm":
        return _timm().create_model(backbone.name, num_classes=classes, **options)
    extra = _AUXILIARY.get(backbone.name, {})
    return _zoo().get_model(backbone.name, weights=None, num_classes=classes, **extra)


def build(
    backbone: Backbone,
    *,
    classes: int,
    channels: int = 3,
    img_size: tuple[int, int] = (224, 224),
    dropout: float = 0.0,
    pretrained: bool = False,
) -> nn.Module:
    """The network, initialised from torch's global generator or, when `pretrained`, from its published weights.

    One channel: the first convolution's kernels are summed over the colours, which is what three equal channels would
    give. Raises ImageTooSmallForModel (by running one blank image), ModelOptionNotSupported, PretrainedOffline.
    """
    if backbone.library == "timm":
        model = _build_timm(backbone, classes, channels, img_size, dropout, pretrained)
    else:
        model = _build_torchvision(backbone, classes, channels, dropout, pretrained)
    _check_size(backbone, model, channels, img_size)
    return model


def _build_timm(
    backbone: Backbone,
    classes: int,
    channels: int,
    img_size: tuple[int, int],
    dropout: float,
    pretrained: bool,
) -> nn.Module:
    options: dict[str, Any] = {"in_chans": channels, "drop_rate": dropout}
    published = _timm().get_pretrained_cfg(backbone.name)
    if published is not None and published.fixed_input_size:
        options["img_size"] = img_size
    if not pretrained:
        return _sized(backbone, img_size, lambda: _construct(backbone, classes=classes, **options))
    where = published and (published.hf_hub_id or published.url)
    fetch = lambda: _construct(backbone, classes=classes, pretrained=True, **options)
    return _fetched(backbone, f"the weights {where}" if where else "", fetch)


def _build_torchvision(
    backbone: Backbone, classes: int, channels: int, dropout: float, pretrained: bool
) -> nn.Module:
    if dropout:
        raise ModelOptionNotSupported(
            f"{backbone} comes as its authors made it",
            got=f"--dropout {dropout}",
            expected="this option for striate's own networks and those of timm",
            next_step="leave the option out",
        )
    if channels not in (1, 3):
        raise ModelOptionNotSupported(
            f"{backbone} is made for colour images", got=f"{channels} channels", expected="1 or 3"
        )
    if pretrained:
        model = _torchvision_pretrained(backbone)
        renew_head(model, classes)
    else:
        model = _construct(backbone, classes=classes)
    if channels == 1:
        _make_grey(model)
    return model


def _torchvision_pretrained(backbone: Backbone) -> nn.Module:
    """With the head for ImageNet's 1000 classes."""
    published = _zoo().get_model_weights(backbone.name).DEFAULT
    model = _construct(backbone, classes=1000)
    fetch = lambda: published.get_state_dict(progress=False, check_hash=True, weights_only=True)
    state = _fetched(backbone, f"the weights {published.url}", fetch)
    wanted = model.state_dict()
    # Published weights carry the auxiliary heads that _AUXILIARY leaves out; everything else has to be there.
    model.load_state_dict({name: value for name, value in state.items() if name in wanted}, strict=True)
    return model


def _fetched(backbone: Backbone, what: str, fetch: Callable[[], Any]) -> Any:
    """What `fetch` returns; every way of not getting it is said in our words."""
    refusal: Exception | None = None
    if what:
        try:
            return fetch()
        except (OSError, RuntimeError) as error:
            refusal = error
    raise PretrainedOffline(
        f"the published weights of {backbone} are not to be had",
        got=f"{type(refusal).__name__}: {str(refusal).splitlines()[0]}"
        if refusal
        else "its authors publish none",
        expected=what or None,
        next_step="leave out --pretrained; or fetch the file elsewhere and give it with --weights FILE",
    ) from refusal


def _make_grey(model: nn.Module) -> None:
    """w1[o, 0, u, v] = sum_c w3[o, c, u, v] in the first convolution."""
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    first.weight = nn.Parameter(first.weight.detach().sum(dim=1, keepdim=True))
    first.in_channels = 1


def _check_size(backbone: Backbone, model: nn.Module, channels: int, img_size: tuple[int, int]) -> None:
    """Run one blank image: the surest way to know. Evaluation mode, so that no statistics move."""
    device = next(model.parameters()).device
    model.eval().to(device)  # where only the weights have no memory, no memory for the rest
    with torch.no_grad():
        _sized(backbone, img_size, lambda: model(torch.zeros(1, channels, *img_size, device=device)))
    model.train()


def _sized(backbone: Backbone, img_size: tuple[int, int], attempt: Callable[[], Any]) -> Any:
    try:
        return attempt()
    except (RuntimeError, AssertionError, ValueError, ZeroDivisionError) as error:
        raise ImageTooSmallForModel(
            f"{backbone} cannot take images of this size",
            got=f"{img_size[0]}x{img_size[1]} pixels ({str(error).splitlines()[0]})",
            expected="larger images, often 224x224, or a multiple of 32",
            next_step="larger images (--img-size, or --input, 224), or a network of striate's own such as resnet18",
        ) from error
