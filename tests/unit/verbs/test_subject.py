"""Whatever a person points at becomes a network with its input; what cannot, is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from striate.core.run_folder import NoSuchRun
from striate.models import build
from striate.models.errors import ImageTooSmallForModel, UnknownModel, WeightsDoNotFit
from striate.verbs.subject import load_subject


def equal(a: nn.Module, b: nn.Module) -> bool:
    one, two = a.state_dict(), b.state_dict()
    return list(one) == list(two) and all(torch.equal(one[n].cpu(), two[n].cpu()) for n in one)


def test_a_name_has_random_weights_the_same_every_time() -> None:
    one = load_subject("resnet20")
    torch.manual_seed(123)
    state = torch.get_rng_state()
    two = load_subject("ResNet-20")
    assert torch.equal(torch.get_rng_state(), state)
    assert equal(one.model, two.model)
    assert (one.input_size, one.source) == ((3, 32, 32), "random weights, seed 0")
    assert one.fresh is not None
    assert equal(one.fresh(), one.model)


def test_weights_tell_the_number_of_classes(tmp_path: Path) -> None:
    torch.manual_seed(5)
    net = build("resnet20", classes=7)
    save_file(net.state_dict(), tmp_path / "w.safetensors")
    subject = load_subject("resnet20", weights=tmp_path / "w.safetensors")
    assert equal(subject.model, net)
    assert subject.source == f"weights from {tmp_path / 'w.safetensors'}"
    assert subject.fresh is not None
    assert not equal(subject.fresh(), net)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file(build("resnet20", classes=10).state_dict(), tmp_path / "w.safetensors")
    for name in ("resnet32", "classic"):
        with pytest.raises(WeightsDoNotFit, match="these weights do not fit the network"):
            load_subject(name, weights=tmp_path / "w.safetensors")


def test_published_weights_of_other_people(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("cifar10-resnets") / "resnet20-12fca82f.th"
    subject = load_subject("resnet20", weights=path)
    assert subject.mean == (0.485, 0.456, 0.406)
    with pytest.raises(WeightsDoNotFit):
        load_subject("resnet56", weights=path)
    net = load_subject("squeezenet1_0", weights=shared_data("squeezenet1_0-imagenet-fp16.safetensors"))
    assert net.input_size == (3, 224, 224)


def test_a_module_is_taken_as_it_is() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3))
    subject = load_subject(net, input_size=(1, 9, 9))
    assert subject.model is net
    assert (subject.input_size, len(subject.mean), subject.name) == ((1, 9, 9), 1, "Sequential")
    assert subject.fresh is None


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("from torch import nn\ndef net():\n    return nn.Sequential(nn.Conv2d(3, 2, 3))\n")
    one, two = load_subject(f"{path}:net"), load_subject(f"{path}:net")
    assert equal(one.model, two.model)
    assert one.name == "net"
    assert one.source == f"{path}:net, initialised with seed 0"
    assert one.fresh is not None
    assert equal(one.fresh(), one.model)


def test_a_run(trained: Any) -> None:
    _, run = trained
    for given in (run, run.path, str(run.best_weights)):
        subject = load_subject(given)
        assert subject.classes == ("ants", "bees")
        assert subject.input_size == (3, 16, 16)
        assert subject.statistics == "the run's"
        assert subject.mean == run.data.mean
        assert subject.fresh is not None
        assert not equal(subject.fresh(), subject.model)


def test_weights_without_memory_where_they_are_not_needed() -> None:
    for name in ("resnet20", "timm/resnet18", "torchvision/resnet18"):
        subject = load_subject(name, materialise=False)
        assert all(p.is_meta for p in subject.model.parameters()), name
    assert not any(p.is_meta for p in load_subject("resnet20").model.parameters())


def test_a_network_that_computes_while_it_is_built_gets_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from striate.models import catalogue

    class Computes(nn.Module):
        def __init__(self, **options: Any) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 1, 1)
            self.scale = float(self.conv.weight.sum())

    monkeypatch.setattr(catalogue, "build", lambda name, **options: Computes(**options))
    subject = load_subject("resnet20", materialise=False)
    assert not any(p.is_meta for p in subject.model.parameters())


def test_another_input() -> None:
    subject = load_subject("resnet20", input_size=(1, 28, 30))
    assert subject.input_size == (1, 28, 30)
    assert subject.model.conv1.in_channels == 1  # type: ignore[union-attr]
    assert subject.statistics == "ImageNet's as grey, assumed"
    with pytest.raises(ImageTooSmallForModel):
        load_subject("squeezenet1_0", input_size=(3, 8, 8))


def test_what_is_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownModel):
        load_subject("resnet2O")
    (tmp_path / "photos").mkdir()
    with pytest.raises(NoSuchRun):
        load_subject("photos")
    (tmp_path / "resnet20").mkdir()
    assert load_subject("resnet20").name == "resnet20"
