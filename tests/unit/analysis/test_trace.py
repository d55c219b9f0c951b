"""The walk: what ran, where, on which values; in-place writes and views told apart; nothing of it shows afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.analysis.errors import InputRefused, NotYetShaped
from striate.analysis.trace import walk
from striate.models import build

NoTrace = Callable[..., AbstractContextManager[None]]


class Forward(nn.Module):
    def __init__(self, function: Callable[..., object], *parts: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x: Tensor) -> object:
        return self.function(x, *self.parts)


def operators(function: Callable[..., object], *parts: nn.Module) -> list[str]:
    return [op.op.removeprefix("aten.") for op in walk(Forward(function, *parts), (2, 6, 6)).operations]


def test_operators_and_modules_in_the_order_in_which_they_ran() -> None:
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(48, 2))
    walked = walk(net, (2, 6, 6))
    assert [op.op for op in walked.operations] == [
        "aten.convolution", "aten.relu_", "aten.view", "aten.t", "aten.addmm",
    ]  # fmt: skip
    assert [op.module for op in walked.operations] == ["0", "1", "2", "3", "3"]
    assert [call.name for call in walked.calls] == ["0", "1", "2", "3", ""]
    assert [v.shape for v in walked.outputs] == [(1, 2)]
    conv = walked.operations[0]
    assert conv["stride"] == [1, 1]
    assert conv["weight"].name == "0.weight"
    assert conv["input"] == walked.input


def test_a_shared_module_is_two_calls_and_a_nested_output_all_its_tensors() -> None:
    conv = nn.Conv2d(2, 2, 1)
    walked = walk(Forward(lambda x, c: {"a": c(x), "b": (c(c(x)), 3)}, conv), (2, 4, 4))
    assert [call.name for call in walked.calls] == ["parts.0"] * 3 + [""]
    assert len(walked.outputs) == 2
    assert len({v.number for v in walked.outputs}) == 2


def test_python_control_flow_is_what_it_was() -> None:
    assert operators(lambda x: F.relu(x) if x.shape[2] > 5 else x.sum()) == ["relu"]
    assert operators(lambda x: [F.relu(x) for _ in range(3)]) == ["relu"] * 3


def test_a_write_gives_the_tensor_a_new_value() -> None:
    walked = walk(Forward(lambda x: x.clone().add_(1).mul_(2)), (1, 2, 2))
    clone, add, mul = walked.operations
    assert add["self"] == clone.outputs[0] != add.outputs[0]
    assert mul["self"] == add.outputs[0]
    assert [op.allocates for op in walked.operations] == [True, False, False]


def test_a_write_to_a_view_is_put_back_into_what_it_was_cut_from() -> None:
    def write(x: Tensor) -> Tensor:
        y = x.clone()
        y[:, :, 2:4].zero_()
        return y

    walked = walk(Forward(write), (1, 6, 6))
    zeroed = next(op for op in walked.operations if op.op == "aten.zero_")
    scattered = [op for op in walked.operations if op.op == "aten.slice_scatter"]
    assert scattered[0]["src"] == zeroed.outputs[0]
    assert walked.outputs == scattered[-1].outputs


@pytest.mark.parametrize(
    ("view", "stands_for"),
    [
        (lambda y: y.view(-1), "view"),
        (lambda y: y.transpose(2, 3), "permute"),
        (lambda y: y.permute(0, 3, 1, 2), "permute"),
        (lambda y: y[:, 0], "select_scatter"),
        (lambda y: y.split(1, dim=1)[1], "slice_scatter"),
        (lambda y: y.unbind(1)[1], "select_scatter"),
        (lambda y: y.unsqueeze(0), "view"),
        (lambda y: y.diagonal(dim1=2, dim2=3), "striate.written_through"),
    ],
)
def test_the_base_of_any_view_knows_of_a_write(view: Callable[[Tensor], Tensor], stands_for: str) -> None:
    def write(x: Tensor) -> Tensor:
        y = x.clone()
        view(y).mul_(2)
        return y

    walked = walk(Forward(write), (2, 6, 6))
    written = [op for op in walked.operations if op.op.removeprefix("aten.") == stands_for][-1]
    assert walked.outputs == written.outputs


def test_another_view_of_the_same_memory_knows_of_a_write() -> None:
    def write(x: Tensor) -> Tensor:
        y = x.clone()
        rows = y[:, :, 1:]
        y.mul_(2)
        return rows

    walked = walk(Forward(write), (1, 6, 6))
    mul = next(op for op in walked.operations if op.op == "aten.mul_")
    last = walked.operations[-1]
    assert last.op == "aten.slice"
    assert last["self"] == mul.outputs[0]
    assert walked.outputs == last.outputs


def test_a_network_that_asks_for_a_value_is_walked_on_real_tensors() -> None:
    assert "relu" in operators(lambda x: F.relu(x) if float(x.sum()) < 1 else x)
    assert "relu" in operators(lambda x: F.relu(x) if x.numpy().sum() < 1 else x)
    assert "relu" in operators(lambda x: F.relu(x)[x.flatten().nonzero().flatten()])


def test_weights_without_memory_need_none() -> None:
    with torch.device("meta"):
        net = build("resnet20", classes=10)
    real = walk(build("resnet20", classes=10), (3, 32, 32))
    assert [op.op for op in walk(net, (3, 32, 32)).operations] == [op.op for op in real.operations]


@pytest.mark.parametrize("training", [True, False])
def test_no_trace(no_trace: NoTrace, training: bool) -> None:
    net = build("resnet20", classes=3, dropout=0.2)
    net(torch.ones(2, 3, 8, 8)).sum().backward()
    with no_trace(net):
        walked = walk(net, (3, 8, 8), training=training)
    norm = next(op for op in walked.operations if "batch_norm" in op.op)
    assert norm.arguments.get("training", True) is training


def test_one_and_three_spatial_axes() -> None:
    assert walk(nn.Conv1d(2, 3, 3), (2, 9)).outputs[0].shape == (1, 3, 7)
    assert walk(nn.Conv3d(1, 2, 3), (1, 5, 6, 7)).outputs[0].shape == (1, 2, 3, 4, 5)


def test_what_is_refused_names_the_layer(capfd: pytest.CaptureFixture[str]) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.Linear(99, 2)))
    with pytest.raises(InputRefused) as error:
        walk(net, (3, 8, 8))
    assert str(error.value).startswith(
        "the network cannot take this input [input-refused]\n  where     1.0 (Linear)\n  got       3x8x8 ("
    )
    assert capfd.readouterr() == ("", "")


def test_a_lazy_layer_is_refused_not_run() -> None:
    net = nn.Sequential(nn.Flatten(), nn.LazyLinear(3))
    with pytest.raises(NotYetShaped) as error:
        walk(net, (1, 4, 4))
    assert str(error.value) == (
        "a layer does not know its shape yet [not-yet-shaped]\n"
        "  where     1.weight\n"
        "  got       UninitializedParameter\n"
        "  expected  parameters with a shape\n"
        "  next      run the network once on a batch, model(images), then look at it"
    )
    assert isinstance(net[1].weight, nn.UninitializedParameter)
