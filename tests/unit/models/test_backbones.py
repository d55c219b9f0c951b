"""Networks of timm and torchvision: any number of classes, one or three channels, refusals in exact words."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError

import pytest
import torch
from torch import nn

from striate.models import backbones, catalogue
from striate.models.backbones import Backbone
from striate.models.errors import ImageTooSmallForModel, ModelOptionNotSupported, PretrainedOffline


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("mobilenetv3_small_100", "timm"),
        ("timm/resnet18", "timm"),
        ("resnet50", "timm"),
        ("ResNet50", "timm"),
        ("torchvision/resnet50", "torchvision"),
        ("squeezenet1_0", "torchvision"),
        ("resnet10t.c3_in1k", "timm"),
    ],
)
def test_find(name: str, library: str) -> None:
    found = backbones.find(name)
    assert found is not None
    assert found.library == library
    assert str(found) == f"{library}/{name.rpartition('/')[2].lower()}"


@pytest.mark.parametrize(
    "name", ["timm/squeezenet1_0", "torchvision/convnext_atto", "keras/resnet50", "resnet50.no_such_tag", ""]
)
def test_find_nothing(name: str) -> None:
    assert backbones.find(name) is None


def test_listed_holds_both_libraries_once() -> None:
    listed = backbones.listed()
    assert {"convnext_atto", "squeezenet1_0"} <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("timm/mobilenetv3_small_100", "batch norm"),
        ("timm/convnext_atto", "layer norm"),
        ("timm/vit_tiny_patch16_224", "layer norm"),
        ("torchvision/squeezenet1_0", "no norm"),
        # Its initialisation computes with the weights, so it cannot be laid out without memory.
        ("torchvision/regnet_x_400mf", "batch norm"),
    ],
)
def test_the_layers_choose_the_recipe_and_leave_the_random_state(name: str, kind: str) -> None:
    before = torch.get_rng_state()
    found = catalogue.defaults(name)
    assert torch.equal(torch.get_rng_state(), before)
    opt, lr, weight_decay, source = backbones.RECIPES[kind]  # type: ignore[index]
    assert (found.opt, found.lr, found.weight_decay, found.source) == (opt, lr, weight_decay, source)
    assert (found.label, found.batch_size) == (name, 128)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "name",
    [
        *("mobilenetv3_small_100", "convnext_atto", "vit_tiny_patch16_224"),
        *("squeezenet1_0", "torchvision/resnet18", "torchvision/googlenet"),
    ],
)
def test_build_from_initial_weights(name: str, channels: int) -> None:
    torch.manual_seed(1)
    model = catalogue.build(name, classes=7, channels=channels, img_size=64)
    assert model.training
    x = torch.zeros(2, channels, 64, 64)
    assert model(x).shape == (2, 7)
    torch.manual_seed(1)
    again = catalogue.build(name, classes=7, channels=channels, img_size=64).state_dict()
    fresh = {n: v for n, v in model.state_dict().items() if "running" not in n and "tracked" not in n}
    assert all(torch.equal(value, again[n]) for n, value in fresh.items())


def test_building_moves_no_statistics() -> None:
    model = catalogue.build("torchvision/resnet18", classes=2, img_size=64)
    assert not model.bn1.running_mean.any()  # type: ignore[union-attr, operator]
    assert model.bn1.num_batches_tracked == 0  # type: ignore[union-attr]


def test_grey_equals_three_equal_channels() -> None:
    torch.manual_seed(0)
    colour = backbones.build(Backbone("torchvision", "resnet18"), classes=3, img_size=(64, 64)).eval()
    torch.manual_seed(0)
    grey = backbones.build(
        Backbone("torchvision", "resnet18"), classes=3, channels=1, img_size=(64, 64)
    ).eval()
    x = torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(grey(x), colour(x.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)


def test_timm_takes_dropout() -> None:
    model = catalogue.build("mobilenetv3_small_100", classes=2, img_size=64, dropout=0.25)
    assert model.drop_rate == 0.25


def test_torchvision_takes_no_dropout() -> None:
    with pytest.raises(ModelOptionNotSupported) as refusal:
        catalogue.build("squeezenet1_0", classes=2, img_size=64, dropout=0.25)
    assert str(refusal.value) == (
        "torchvision/squeezenet1_0 comes as its authors made it [model-option-not-supported]\n"
        "  got       --dropout 0.25\n"
        "  expected  this option for striate's own networks and those of timm\n"
        "  next      leave the option out"
    )


def test_torchvision_takes_one_or_three_channels() -> None:
    with pytest.raises(ModelOptionNotSupported, match="made for colour images"):
        catalogue.build("squeezenet1_0", classes=2, channels=4, img_size=64)


def test_image_too_small() -> None:
    with pytest.raises(ImageTooSmallForModel) as refusal:
        catalogue.build("squeezenet1_0", classes=2, img_size=8)
    assert str(refusal.value) == (
        "torchvision/squeezenet1_0 cannot take images of this size [image-too-small-for-model]\n"
        "  got       8x8 pixels (Given input size: (96x1x1). Calculated output size: (96x0x0). Output size is too small)\n"
        "  expected  larger images, often 224x224, or a multiple of 32\n"
        "  next      larger images (--img-size, or --input, 224), or a network of striate's own such as resnet18"
    )


def test_image_smaller_than_a_patch() -> None:
    with pytest.raises(ImageTooSmallForModel, match="8x12 pixels"):
        catalogue.build("vit_tiny_patch16_224", classes=2, img_size=(8, 12))


def test_pretrained_without_a_network_names_what_to_fetch() -> None:
    with pytest.raises(PretrainedOffline) as refusal:
        catalogue.build("mobilenetv3_small_100", classes=2, img_size=64, pretrained=True)
    text = str(refusal.value)
    assert text.startswith(
        "the published weights of timm/mobilenetv3_small_100 are not to be had [pretrained-offline]\n  got       "
    )
    assert text.endswith(
        "  expected  the weights timm/mobilenetv3_small_100.lamb_in1k\n"
        "  next      leave out --pretrained; or fetch the file elsewhere and give it with --weights FILE"
    )


def test_pretrained_where_nobody_published() -> None:
    backbones.find("resnet50")  # imports timm by the one door
    import timm

    name = next(n for n in timm.list_models() if not timm.get_pretrained_cfg(n).has_weights)
    with pytest.raises(PretrainedOffline) as refusal:
        catalogue.build(name, classes=2, pretrained=True)
    assert refusal.value.got == "its authors publish none"


def test_torchvision_pretrained_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    backbones.find("squeezenet1_0")  # imports torchvision by the one door
    import torchvision.models._api as api

    def no_network(*args: Any, **kwargs: Any) -> None:
        assert kwargs["weights_only"] is True
        raise URLError("no route to host")

    monkeypatch.setattr(api, "load_state_dict_from_url", no_network)
    with pytest.raises(PretrainedOffline) as refusal:
        catalogue.build("squeezenet1_0", classes=2, img_size=64, pretrained=True)
    assert refusal.value.got == "URLError: <urlopen error no route to host>"
    assert refusal.value.expected is not None
    assert refusal.value.expected.endswith("/squeezenet1_0-b66bff10.pth")


@pytest.mark.parametrize("name", ["squeezenet1_0", "torchvision/resnet18", "torchvision/googlenet"])
def test_torchvision_pretrained_gets_a_fresh_head(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = backbones.find(name)
    assert found is not None
    import torchvision.models as zoo
    import torchvision.models._api as api

    extra = {"init_weights": False} if "googlenet" in name else {}
    published = zoo.get_model(found.name, weights=None, num_classes=1000, **extra).state_dict()
    monkeypatch.setattr(api, "load_state_dict_from_url", lambda *args, **kwargs: published)
    model = catalogue.build(name, classes=5, channels=3, img_size=64, pretrained=True)
    kept = [n for n, value in model.state_dict().items() if torch.equal(value, published[n])]
    last = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)][-1]
    assert len(kept) == len(model.state_dict()) - 2
    assert last.weight.shape[0] == 5
    assert model.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 5)
