"""Networks by name: spelling, options, refusals in exact words, and what is imported on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from striate.models import catalogue
from striate.models.errors import ModelOptionNotSupported, UnknownModel

SOURCE = Path(__file__).resolve().parents[3] / "src"


def test_names() -> None:
    assert catalogue.names() == (
        *("classic", "plain20", "plain32", "plain44", "plain56", "plain110"),
        *("resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "resnet18", "resnet34"),
    )


@pytest.mark.parametrize("name", catalogue.names())
def test_every_name_builds_and_classifies(name: str) -> None:
    model = catalogue.build(name, classes=4, channels=1, img_size=16).eval()
    assert model(torch.zeros(2, 1, 16, 16)).shape == (2, 4)


@pytest.mark.parametrize("name", ["resnet20", "resnet-20", "ResNet_20", "RESNET20"])
def test_spelling_does_not_matter(name: str) -> None:
    assert catalogue.defaults(name).label == "ResNet-20"
    assert sum(p.numel() for p in catalogue.build(name, classes=10).parameters()) == 269_722


def test_equal_seeds_give_equal_weights() -> None:
    torch.manual_seed(3)
    first = catalogue.build("classic", classes=3).state_dict()
    torch.manual_seed(3)
    second = catalogue.build("classic", classes=3).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_image_size_as_a_pair_or_a_side() -> None:
    small = catalogue.build("resnet18", classes=2, img_size=[64, 500])
    large = catalogue.build("resnet18", classes=2, img_size=65)
    assert small.conv1.kernel_size == (3, 3)  # type: ignore[union-attr]
    assert large.conv1.kernel_size == (7, 7)  # type: ignore[union-attr]


def test_options_reach_the_network() -> None:
    model = catalogue.build("resnet-20", classes=2, norm="group", activation="silu", dropout=0.2, skip=False)
    kinds = [type(m).__name__ for m in model.modules()]
    assert "GroupNorm" in kinds
    assert "SiLU" in kinds
    assert "Dropout" in kinds
    assert "BatchNorm2d" not in kinds
    assert "PadShortcut" not in kinds


@pytest.mark.parametrize("name", [n for n in catalogue.names() if n != "classic"])
def test_published_defaults(name: str) -> None:
    found = catalogue.defaults(name)
    assert (found.opt, found.lr, found.batch_size) == ("sgd", 0.1, 128)
    assert found.weight_decay == (5e-4 if name in ("resnet18", "resnet34") else 1e-4)
    assert found.source


def test_unknown_model() -> None:
    with pytest.raises(UnknownModel) as refusal:
        catalogue.build("resnt18", classes=2)
    assert str(refusal.value).startswith(
        "no such network [unknown-model]\n"
        "  got       resnt18\n"
        "  expected  classic, plain20, plain32, plain44, plain56, plain110, resnet20, resnet32, resnet44, resnet56, "
        "resnet110, resnet18, resnet34, or a name of timm or torchvision\n"
        "  next      did you mean resnet18 or "
    )


def test_unknown_model_has_no_defaults() -> None:
    with pytest.raises(UnknownModel) as refusal:
        catalogue.defaults("zzzzzz")
    assert refusal.value.next_step == "timm.list_models() lists its names"


def test_the_nearest_name_may_be_a_librarys() -> None:
    with pytest.raises(UnknownModel) as refusal:
        catalogue.build("squezenet1_0", classes=2)
    assert "did you mean squeezenet1_0" in str(refusal.value)


def test_another_depth_is_unknown() -> None:
    with pytest.raises(UnknownModel) as refusal:
        catalogue.build("plain-21", classes=2)
    assert "plain20" in str(refusal.value.next_step)


def test_no_such_norm() -> None:
    with pytest.raises(ModelOptionNotSupported) as refusal:
        catalogue.build("classic", classes=2, norm="bacth")
    assert str(refusal.value) == (
        "no such norm [model-option-not-supported]\n"
        "  got       bacth\n"
        "  expected  batch or group or none\n"
        "  next      did you mean batch?"
    )


def test_own_networks_have_no_published_weights() -> None:
    with pytest.raises(ModelOptionNotSupported) as refusal:
        catalogue.build("resnet20", classes=2, pretrained=True)
    assert str(refusal.value) == (
        "resnet20 has no published weights [model-option-not-supported]\n"
        "  got       --pretrained\n"
        "  expected  a network of timm or torchvision, such as timm/resnet18\n"
        "  next      leave out --pretrained, or start from a file with --weights FILE"
    )


def test_options_of_our_own_networks_are_refused_elsewhere() -> None:
    with pytest.raises(ModelOptionNotSupported) as refusal:
        catalogue.build("squeezenet1_0", classes=2, norm="group", activation="gelu", skip=False)
    assert str(refusal.value) == (
        "squeezenet1_0 comes as its authors made it [model-option-not-supported]\n"
        "  got       --activation gelu --norm group --no-skip\n"
        "  expected  these options for striate's own networks: classic, plain20, plain32, plain44, plain56, plain110, "
        "resnet20, resnet32, resnet44, resnet56, resnet110, resnet18, resnet34\n"
        "  next      leave the option out, or choose one of those networks"
    )


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("from striate.models import names, defaults; names(); defaults('resnet-20')", ["torch"]),
        ("from striate.models import build; build('resnet20', classes=2)", ["timm", "torchvision"]),
    ],
)
def test_nothing_is_imported_in_vain(statement: str, absent: list[str]) -> None:
    code = f"import sys; {statement}; sys.exit(', '.join(n for n in {absent} if n in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == ""


def test_defaults_of_the_classic_stack() -> None:
    found = catalogue.defaults("classic")
    assert (found.opt, found.lr, found.weight_decay, found.batch_size) == ("adamw", 5e-3, 0.05, 128)
