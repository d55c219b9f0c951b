"""`striate field`: what was typed reaches the verb, what was found is said in lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from striate.cli.field import field_lines
from striate.core.network_findings import FieldFinding
from striate.core.network_records import EffectiveField
from tests.unit.cli.network_findings import OPENING, SUBJECT, Found


def finding(**changes: Any) -> FieldFinding:
    values: dict[str, Any] = {
        "layer": "layer3",
        "layer_size": (64, 8, 8),
        "input_size": (3, 32, 32),
        "unit": (4, 4),
        "channel": None,
        "images": 4,
        "energy": ((1.0,),),
        "magnitude": ((1.0,),),
        "centroid": (16.04, 17.06),
        "sd": (6.25, 6.11),
        "box": (27, 25),
        "pixels": 256,
        "theoretical": (81, 20),
        "theoretical_start": (-20, 3),
        "share": 0.4,
    }
    return FieldFinding(
        subject=SUBJECT,
        field=EffectiveField(**{**values, **changes}),
        theoretical_from="its theoretical field",
    )


@pytest.fixture
def calls(verb: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    made = verb("field", Found(finding()))
    import sys

    monkeypatch.setattr(sys.modules["striate.verbs.field"], "IMAGES", 32, raising=False)
    return made


def test_the_lines(cli: Callable[..., Any], calls: Any) -> None:
    ended = cli("field", "net")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == OPENING + (
        "Layer     layer3, 64x8x8, unit at row 4, column 4\n"
        "Could see 81x20 pixels, 62.5 % of the image: its theoretical field\n"
        "Sees      95 % of the energy is in 256 pixels, 25.0 % of the image, 40.0 % of what it could see\n"
        "          a box of 27x25 around (16.0, 17.1) holds as much; standard deviation 6.2 down, 6.1 across\n"
        "\n"
        "runs/a/net/a.png\n"
        "runs/a/net/a.json\n"
    )
    assert max(len(line) for line in ended.out.splitlines()) <= 100


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], calls: Any) -> None:
    words = ("--layer", "conv1", "--weights", "w.pth", "--input", "1x28x28", "-n", "5", "--out", "here")
    assert cli("field", "net.py:f", *words, "--images", "a.jpg", "b.jpg").code == 0
    assert cli("field", "runs/train/photos").code == 0
    for call in calls:
        call.pop("progress")
    assert calls == [
        {
            "args": ("net.py:f",),
            "layer": "conv1",
            "images": ("a.jpg", "b.jpg"),
            "n": 5,
            "weights": "w.pth",
            "input_size": (1, 28, 28),
            "pretrained": False,
            "out": "here",
        },
        {
            "args": ("runs/train/photos",),
            "layer": None,
            "images": None,
            "n": 32,
            "weights": None,
            "input_size": None,
            "pretrained": False,
            "out": None,
        },
    ]


def test_without_a_theoretical_field_and_without_any() -> None:
    lines = field_lines(finding(theoretical=None, share=math.nan))
    assert lines[4:6] == [
        "Could see its theoretical field",
        "Sees      95 % of the energy is in 256 pixels, 25.0 % of the image",
    ]
    assert field_lines(finding(pixels=0))[-1] == "Sees      nothing: no pixel moves it on these images"


def test_mistakes_are_told(cli: Callable[..., Any], calls: Any) -> None:
    assert cli("field").err == (
        "error: NETWORK is missing [bad-arguments]\n  next      usage: striate field NETWORK\n"
    )
    assert "did you mean --layer?" in cli("field", "net", "--laier", "x").err
    ended = cli("field", "net", "--input", "3x3")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "error: --input cannot be that [bad-arguments]")
    assert calls == []
