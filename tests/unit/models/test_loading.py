"""Weights from files: strict, safe, with refusals in exact words; and two real files of other people."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from striate.models.catalogue import build
from striate.models.errors import WeightsDoNotFit, WeightsUnreadable
from striate.models.loading import load_weights, read_state


def net(classes: int = 3, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build("resnet20", classes=classes)


def equal(a: nn.Module, b: nn.Module) -> bool:
    one, two = a.state_dict(), b.state_dict()
    return all(torch.equal(one[name], two[name]) for name in one)


def test_safetensors(tmp_path: Path) -> None:
    source, target = net(), net(seed=1)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    assert load_weights(target, tmp_path / "w.safetensors") == ()
    assert equal(source, target)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".th", ".PTH"])
def test_wrapped_and_prefixed_checkpoints(tmp_path: Path, suffix: str) -> None:
    source, target = net(), net(seed=1)
    state = {f"module.{name}": value for name, value in source.state_dict().items()}
    path = tmp_path / f"w{suffix}"
    torch.save({"epoch": 3, "state_dict": state}, path)
    load_weights(target, str(path))
    assert equal(source, target)


def test_half_precision_is_widened(tmp_path: Path) -> None:
    source, target = net(), net(seed=1)
    halves = {n: v.half() if v.is_floating_point() else v for n, v in source.state_dict().items()}
    save_file(halves, tmp_path / "w.safetensors")
    load_weights(target, tmp_path / "w.safetensors")
    assert target.linear.weight.dtype == torch.float32  # type: ignore[union-attr]
    assert equal(source.half().float(), target)


def test_a_missing_count_of_batches_is_no_misfit(tmp_path: Path) -> None:
    source, target = net(), net(seed=1)
    old = {n: v for n, v in source.state_dict().items() if not n.endswith("num_batches_tracked")}
    save_file(old, tmp_path / "w.safetensors")
    load_weights(target, tmp_path / "w.safetensors")
    assert equal(source, target)


def test_misfit_counts_and_names(tmp_path: Path) -> None:
    state = net(classes=4).state_dict()
    for name in ("conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"):
        del state[name]
    state["extra"] = torch.zeros(2)
    path = tmp_path / "w.safetensors"
    save_file(state, path)
    model = net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(WeightsDoNotFit) as refusal:
        load_weights(model, path)
    assert str(refusal.value) == (
        "these weights do not fit the network [weights-do-not-fit]\n"
        f"  where     {path}\n"
        "  got       5 missing: conv1.weight, bn1.weight, bn1.bias, bn1.running_mean, and 1 more\n"
        "            1 left over: extra\n"
        "            2 of another shape: linear.weight 4x64, here 3x64, linear.bias 4, here 3\n"
        "  expected  every tensor of the network, and no other\n"
        "  next      build the network as it was trained: its name, channels, norm and skip options"
    )
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_another_number_of_classes(tmp_path: Path) -> None:
    source, target, before = net(classes=4), net(seed=1), net(seed=1)
    path = tmp_path / "w.safetensors"
    save_file(source.state_dict(), path)
    with pytest.raises(
        WeightsDoNotFit, match="only the head differs: the file is for another number of classes"
    ):
        load_weights(target, path)
    assert load_weights(target, path, new_head=True) == ("linear.weight", "linear.bias")
    assert torch.equal(target.linear.weight, before.linear.weight)  # type: ignore[union-attr, arg-type]
    assert torch.equal(target.conv1.weight, source.conv1.weight)  # type: ignore[union-attr, arg-type]


def test_new_head_excuses_the_head_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file(build("resnet20", classes=4, channels=1).state_dict(), path)
    with pytest.raises(WeightsDoNotFit, match=r"1 of another shape: conv1\.weight 16x1x3x3, here 16x3x3x3"):
        load_weights(net(), path, new_head=True)


class Bomb:
    """Unpickling it would copy a file."""

    def __init__(self, source: Path, target: Path) -> None:
        self.paths = source, target

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return shutil.copyfile, tuple(map(str, self.paths))


def test_a_pickle_of_more_than_tensors_is_never_run(tmp_path: Path) -> None:
    path, victim = tmp_path / "w.pth", tmp_path / "written"
    torch.save({"state_dict": net().state_dict(), "extra": Bomb(Path(__file__), victim)}, path)
    with pytest.raises(WeightsUnreadable) as refusal:
        load_weights(net(), path)
    assert not victim.exists()
    assert str(refusal.value) == (
        "the file holds more than tensors, and loading such a file can run any program [weights-unreadable]\n"
        f"  where     {path}\n"
        "  got       shutil.copyfile among the tensors\n"
        "  expected  tensors only\n"
        "  next      where you trust it, save its state_dict once as .safetensors"
    )


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("kept", [0, 1, 100, 20_000])
def test_truncated(tmp_path: Path, suffix: str, kept: int) -> None:
    path = tmp_path / f"w{suffix}"
    if suffix == ".pth":
        torch.save(net().state_dict(), path)
    else:
        save_file(net().state_dict(), path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(WeightsUnreadable) as refusal:
        load_weights(net(), path)
    assert str(refusal.value) == (
        "the file of weights is damaged, or no such file at all [weights-unreadable]\n"
        f"  where     {path}\n"
        f"  expected  what its name says: {suffix}\n"
        "  next      fetch it again"
    )


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize(
    "content", [b"<html>404 not found</html>" * 50, pickle.dumps({"a": 1}), b"PK\x03\x04" * 9]
)
def test_another_kind_of_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsUnreadable, match="the file of weights is damaged, or no such file at all"):
        read_state(tmp_path / name)


@pytest.mark.parametrize("content", [[1, 2], {}, {"state_dict": {}}, {"epoch": 3}, torch.zeros(3)])
def test_no_table_of_tensors(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(WeightsUnreadable, match="the file holds no table of tensors"):
        read_state(tmp_path / "w.pt")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnreadable) as refusal:
        load_weights(net(), tmp_path / "w.pt")
    assert str(refusal.value) == (
        "no such file of weights [weights-unreadable]\n"
        f"  where     {tmp_path / 'w.pt'}\n"
        "  expected  a .safetensors, .pt, .pth or .th file"
    )


def test_another_format(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    path.write_bytes(b"")
    with pytest.raises(WeightsUnreadable) as refusal:
        load_weights(net(), path)
    assert str(refusal.value) == (
        "not a format of weights that striate reads [weights-unreadable]\n"
        f"  where     {path}\n"
        "  got       .h5\n"
        "  expected  .safetensors, .pt, .pth or .th"
    )


@pytest.mark.parametrize(
    ("name", "file"), [("resnet20", "resnet20-12fca82f.th"), ("resnet56", "resnet56-4bfd9763.th")]
)
def test_real_cifar_weights_of_another_implementation(
    shared_data: Callable[[str], Path], name: str, file: str
) -> None:
    model = build(name, classes=10).eval()
    assert load_weights(model, shared_data(f"cifar10-resnets/{file}")) == ()
    # A network with trained statistics answers a grey image calmly; one with a wrong layer order explodes.
    assert model(torch.zeros(1, 3, 32, 32)).abs().max() < 30


def test_real_imagenet_weights_in_half_precision(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("squeezenet1_0-imagenet-fp16.safetensors")
    model = build("torchvision/squeezenet1_0", classes=1000, img_size=224)
    assert load_weights(model, path) == ()
    assert all(p.dtype == torch.float32 for p in model.parameters())
    two = build("squeezenet1_0", classes=2, img_size=224)
    assert load_weights(two, path, new_head=True) == ("classifier.1.weight", "classifier.1.bias")
