"""`striate inspect`: the table as people see it, JSON, the page, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from striate.cli.inspect import COLUMNS, inspection_lines
from striate.core.layer_records import AxisField, Inspection, LayerFact, ReceptiveField


def axis(size: int, stride: int, seen: int) -> AxisField:
    return AxisField(reach="local", size=size, stride=(stride, 1), first=(0,) * 16, last=(seen - 1,) * 16)


def field(size: int, stride: int, seen: int) -> ReceptiveField:
    return ReceptiveField(
        input_size=(32, 32), output_shape=(16, 16, 16), reach="local", axes=(axis(size, stride, seen),) * 2
    )


def found() -> Inspection:
    whole = AxisField(reach="global", because="mean", first=(0,), last=(31,))
    return Inspection(
        network="tiny",
        weights="random weights, seed 0",
        input_size=(3, 32, 32),
        layers=(
            LayerFact(
                name="stem.conv", kind="Conv2d", output_shape=(16, 16, 16), parameters=448, kernel=(3, 3), stride=(2, 2),
                padding=(1, 1), dilation=(1, 1), multiply_adds=110_592, field=field(3, 2, 3), input_field=(1, 1),
            ),
            LayerFact(name="norm", kind="BatchNorm2d", output_shape=(16, 16, 16), parameters=32,
                      field=field(3, 2, 3), input_field=(3, 3)),
            LayerFact(
                name="a.very.long.name.of.a.layer.that.goes.on", kind="Conv2d", output_shape=(16, 16, 16), parameters=5,
                kernel=(1, 5), stride=(1, 1), padding=(0, 2), dilation=(1, 2), groups=16, multiply_adds=1,
                field=field(7, 2, 7), input_field=(3, 3),
            ),
            LayerFact(name="pool", kind="AdaptiveAvgPool2d", output_shape=(16, 1, 1), parameters=0, input_field=(7, 7),
                      field=ReceptiveField(input_size=(32, 32), output_shape=(16, 1, 1), axes=(whole, whole), reach="global")),
            LayerFact(name="odd", kind="add", output_shape=(16,), parameters=0,
                      field=ReceptiveField(input_size=(32, 32), output_shape=(16,), axes=(), reach="unknown", because="x")),
        ),
        parameters=485, multiply_adds=110_593, activation_bytes=32_768,
        hints=("One hint that is long enough to need a second line at the width of the table, which is one hundred.",),
    )  # fmt: skip


def test_the_table() -> None:
    lines = inspection_lines(found())
    assert lines == [
        "Network   tiny, random weights, seed 0",
        "Input     3x32x32",
        "",
        "layer                  kind                 puts out       params mult-adds     field stride    sees",
        "stem.conv              Conv2d 3x3/2 p1      16x16x16          448     111 k         3      2   0.9 %",
        "….a.layer.that.goes.on Conv2d 1x5 p0x2 d1x… 16x16x16            5         1         7      2   4.8 %",
        "pool                   AdaptiveAvgPool2d    16x1x1                                all          100 %",
        "odd                    add                  16                                unknown",
        "",
        "          1 layer not shown, of norms, activations and reshapes (--all)",
        "Together  485 parameters, 111 k multiply-adds, 32.8 kB of activations an image",
        "Note      One hint that is long enough to need a second line at the width of the table, which is one",
        "          hundred.",
    ]
    assert max(map(len, lines)) <= COLUMNS
    assert len(inspection_lines(found(), everything=True)) == len(lines)


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("inspect", found())
    ended = cli("inspect", "resnet20", "--input", "3x64x48", "--weights", "w.pth", "--training", "--all")
    assert (ended.code, ended.err) == (0, "")
    assert calls == [{"args": ("resnet20",), "input_size": (3, 64, 48), "weights": "w.pth", "training": True}]
    assert "BatchNorm2d" in ended.out


def test_json_and_page(cli: Callable[..., Any], verb: Callable[..., Any], tmp_path) -> None:
    verb("inspect", found())
    printed = cli("inspect", "resnet20", "--json", "-")
    assert Inspection.from_json(printed.out) == found()
    ended = cli("inspect", "resnet20", "--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html"))
    assert ended.out.splitlines()[-2:] == [str(tmp_path / "a.json"), str(tmp_path / "a.html")]
    assert json.loads((tmp_path / "a.json").read_text())["network"] == "tiny"
    assert "<h1><bdi>tiny</bdi></h1>" in (tmp_path / "a.html").read_text()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("--image", "a.jpg"), "--image needs --html"),
        (("--input", "3x0x2"), "--input cannot be that"),
        (("--html", "p.html", "--image", "none.jpg"), "this image cannot be drawn on"),
    ],
)
def test_mistakes(
    cli: Callable[..., Any], verb: Callable[..., Any], tmp_path, monkeypatch, typed, expected
) -> None:
    monkeypatch.chdir(tmp_path)
    verb("inspect", found())
    ended = cli("inspect", "resnet20", *typed)
    assert ended.code == 2
    assert ended.err.startswith(f"error: {expected}")
    assert list(tmp_path.iterdir()) == []
