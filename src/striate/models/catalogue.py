"""Every network by name, its options checked, its optimisation defaults with their origin.

Own names are known without importing torch; timm and torchvision are imported only for a name that is not our
own. Knows nothing about data or training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.core.errors import nearest
from striate.models.errors import ModelOptionNotSupported, UnknownModel

if TYPE_CHECKING:
    from torch import nn

    from striate.models.backbones import Backbone

__all__ = ["ModelDefaults", "build", "defaults", "names"]

DEPTHS = (20, 32, 44, 56, 110)
"""Of He et al. 2016, table 6. Other depths 6n + 2 are left out: resnet26 and resnet50 are other networks elsewhere."""

CHOICES = {"activation": ("relu", "gelu", "silu"), "norm": ("batch", "group", "none")}


@dataclass(frozen=True)
class ModelDefaults:
    """How to train a network where nothing else is said. `lr` goes with `batch_size`."""

    opt: str
    lr: float
    weight_decay: float
    batch_size: int
    label: str
    """What to call the network in a report."""
    source: str
    """Where the numbers are from."""


# Measured with 8 epochs at batch 64: digits 98.7 % over 8 seeds, as good as SGD at its best (98.7 %, lr 0.1), and without
# a norm 97.3 % against 92.9 %. CIFAR-10, 5,000 images, 3 epochs: 51.9 % against 52.4 %, which is noise.
_CLASSIC = ModelDefaults("adamw", 5e-3, 0.05, 128, "classic 3x3 stack", "measured on the 8x8 digits")
_THIN = ("sgd", 0.1, 1e-4, 128)
_OWN: dict[str, ModelDefaults] = {
    "classic": _CLASSIC,
    **{f"plain{n}": ModelDefaults(*_THIN, f"Plain-{n}", "He et al. 2016, section 4.2") for n in DEPTHS},
    **{f"resnet{n}": ModelDefaults(*_THIN, f"ResNet-{n}", "He et al. 2016, section 4.2") for n in DEPTHS},
    **{
        f"resnet{n}": ModelDefaults(
            "sgd", 0.1, 5e-4, 128, f"ResNet-{n}", "DeVries & Taylor 2017, section 4.1 (CIFAR)"
        )
        for n in (18, 34)
    },
}


def names() -> tuple[str, ...]:
    """Striate's own networks."""
    return tuple(_OWN)


def defaults(name: str) -> ModelDefaults:
    """Optimisation defaults of a network. Raises UnknownModel.

    For a name of timm or torchvision the network is laid out without memory for its weights and its layers decide
    (see `backbones.kind_of`), which takes a second on first use for the import.
    """
    own = _own_name(name)
    if own is not None:
        return _OWN[own]
    from striate.models import backbones

    found = _found(name)
    opt, lr, weight_decay, source = backbones.RECIPES[backbones.kind_of(found)]
    return ModelDefaults(opt, lr, weight_decay, 128, str(found), source)


def build(
    name: str,
    *,
    classes: int,
    channels: int = 3,
    img_size: int | Sequence[int] = 32,
    activation: str = "relu",
    norm: str = "batch",
    dropout: float = 0.0,
    skip: bool = True,
    pretrained: bool = False,
) -> nn.Module:
    """The network called `name`: images (N, channels, H, W) to logits (N, classes).

    Own names may be written with `-` or `_` and in any case (`ResNet-20` is `resnet20`). `timm/NAME` and `torchvision/NAME` say
    which library is meant; a bare name is looked up here, then in timm, then in torchvision. Initial weights come from
    torch's global generator: seed it for the same weights. `img_size` in pixels, a side or (H, W), chooses the stem
    (`classic`, `resnet18`, `resnet34`) and is checked against networks that need a certain size.

    Raises UnknownModel, ModelOptionNotSupported, ImageTooSmallForModel, PretrainedOffline.

    >>> build("resnet-20", classes=10)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    for option, value in (("activation", activation), ("norm", norm)):
        _check_choice(option, value)
    size = (img_size, img_size) if isinstance(img_size, int) else (img_size[0], img_size[1])
    own = _own_name(name)
    if own is None:
        from striate.models import backbones

        found = _found(name)
        _refuse_rebuilding(found.name, activation, norm, skip)
        return backbones.build(
            found, classes=classes, channels=channels, img_size=size, dropout=dropout, pretrained=pretrained
        )
    if pretrained:
        raise _unpublished(own)
    kind = {
        "classes": classes,
        "channels": channels,
        "activation": activation,
        "norm": norm,
        "dropout": dropout,
    }
    return _build_own(own, size, skip, kind)


def _build_own(name: str, img_size: tuple[int, int], skip: bool, kind: dict[str, Any]) -> nn.Module:
    """`skip=False` says nothing new to a network that has no shortcuts."""
    from striate.models.classic import Classic
    from striate.models.plain import PlainNet
    from striate.models.resnet import ResNet, ThinResNet

    if name == "classic":
        return Classic(img_size=img_size, **kind)
    if name.startswith("plain"):
        return PlainNet(int(name.removeprefix("plain")), **kind)
    depth = int(name.removeprefix("resnet"))
    if depth in DEPTHS:
        return ThinResNet(depth, skip=skip, **kind)
    return ResNet(depth, img_size=img_size, skip=skip, **kind)


def _own_name(name: str) -> str | None:
    """Our spelling of `name`, or None."""
    plain = name.lower().replace("-", "").replace("_", "")
    return plain if plain in _OWN else None


def _check_choice(option: str, value: str) -> None:
    if value not in CHOICES[option]:
        close = nearest(value, CHOICES[option])
        raise ModelOptionNotSupported(
            f"no such {option}",
            got=value,
            expected=" or ".join(CHOICES[option]),
            next_step=f"did you mean {close[0]}?" if close else None,
        )


def _refuse_rebuilding(name: str, activation: str, norm: str, skip: bool) -> None:
    """A network of a library is taken as its authors made it."""
    asked = []
    if activation != "relu":
        asked.append(f"--activation {activation}")
    if norm != "batch":
        asked.append(f"--norm {norm}")
    if not skip:
        asked.append("--no-skip")
    if asked:
        raise ModelOptionNotSupported(
            f"{name} comes as its authors made it",
            got=" ".join(asked),
            expected="these options for striate's own networks: " + ", ".join(names()),
            next_step="leave the option out, or choose one of those networks",
        )


def _unpublished(name: str) -> ModelOptionNotSupported:
    return ModelOptionNotSupported(
        f"{name} has no published weights",
        got="--pretrained",
        expected="a network of timm or torchvision, such as timm/resnet18",
        next_step="leave out --pretrained, or start from a file with --weights FILE",
    )


def _found(name: str) -> Backbone:
    from striate.models import backbones

    found = backbones.find(name)
    if found is not None:
        return found
    close = nearest(name, [*names(), *backbones.listed()])
    raise UnknownModel(
        "no such network",
        got=name,
        expected=", ".join(names()) + ", or a name of timm or torchvision",
        next_step=f"did you mean {' or '.join(close)}?" if close else "timm.list_models() lists its names",
    )
