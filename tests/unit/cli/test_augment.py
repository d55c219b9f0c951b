"""`striate augment`: the screen, JSON, the sheet; within 100 columns whatever the names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from striate.cli.augment import augmentation_lines
from striate.core.augment_records import AugmentationFinding
from tests.audits import about_a_run, digits, finding, judged, many, weak
from tests.unit.cli.network_findings import Found

SCREEN = """\
4 of 10 transforms keep every label; rot180 swaps 6<->9; flip, vflip and rot90 hurt classes; 1 is
not shown; 1 changes nothing.

Judge     98.7 % (97.6 to 99.3 %) of 720 images; trained with translate1+rotate12+scale0.15+shear…
Judge     97.1 % (95.6 to 98.1 %) of 720 images; trained with none

transform      verdict    accuracy, points         classes
translate1     keep          0.0 (-1.8 to +1.8)
rotate7.5      keep          0.0 (-1.8 to +1.8)    not at rotate30, rotate15
brightness0.2  keep         -0.7 (-3.0 to +1.3)
noise0.1       keep         -4.7 (-8.5 to -1.8)    once it was learnt
rot180         swap        -41.2 (-48.0 to -34.3)  6<->9; hurt: 7, 4, 3
flip           drop        -41.1 (-47.9 to -34.1)  hurt: 3, 5, 2, 7, 4, 6
vflip          drop        -47.8 (-54.6 to -40.5)  hurt: 3, 5, 2, 9, 7, 4, 6
rot90          drop        -75.7 (-81.1 to -68.6)  hurt: 2, 3, 4, 5, 6, 7, 8, 9, 1
cutout4        not shown    -8.8 (-13.7 to -4.4)
gray           no effect
not judged: saturation: has nothing to change (grey images)
not judged: hue: has nothing to change (grey images)
not judged: mixup0.2: it mixes two images, and both labels with them

To train with what keeps every label:
  striate train digits --augment translate1+brightness0.2
With the swaps declared:
  striate train digits --augment translate1+brightness0.2+rot180 --label-map 'rot180: 6<->9, !3, !4, !7'

runs/a/net/a.png
runs/a/net/a.json
"""
PLACES = {"data_dir": None, "cache_dir": None, "out": None}


def test_the_screen(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("contact_sheet")
    calls = verb("audit", Found(digits()))
    ended = cli("augment", "digits")
    assert (ended.code, ended.out, ended.err) == (0, SCREEN, "")
    calls[0].pop("progress")
    assert calls == [{"args": ("digits",), "run": None, "policy": None, "seed": 0, **PLACES}]


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("contact_sheet")
    calls = verb("audit", Found(digits()))
    words = (
        "--run",
        "runs/train/a",
        "--policy",
        "flip+crop4",
        "--out",
        "o",
        "--seed",
        "3",
        "--cache-dir",
        "c",
    )
    assert cli("augment", *words, "--data-dir", "d").code == 0
    calls[0].pop("progress")
    assert calls[0] == {
        "args": (None,),
        "run": "runs/train/a",
        "policy": "flip+crop4",
        "seed": 3,
        "out": "o",
        "data_dir": "d",
        "cache_dir": "c",
    }


def test_json_is_the_whole_record(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("contact_sheet")
    verb("audit", Found(digits()))
    assert AugmentationFinding.from_json(cli("augment", "digits", "--json").out) == digits()


def test_a_look_prints_where_the_sheet_is(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("audit")
    calls = verb("contact_sheet", Path("runs/augment/digits/sheet.png"))
    ended = cli("augment", "digits", "--show", "--policy", "flip")
    assert (ended.code, ended.out) == (0, "runs/augment/digits/sheet.png\n")
    assert calls[0]["args"] == ("digits",)
    assert calls[0]["policy"] == "flip"


@pytest.mark.parametrize(
    ("words", "screen"),
    [
        (
            (),
            "error: DATA is missing [bad-arguments]\n  next      usage: striate augment DATA [--run RUN] [--show]\n",
        ),
        (
            ("digits", "--show", "--json"),
            "error: --show judges nothing, so there is no JSON [bad-arguments]\n  next      leave out one of them\n",
        ),
    ],
)
def test_what_is_refused(cli: Callable[..., Any], words: tuple[str, ...], screen: str) -> None:
    ended = cli("augment", *words)
    assert (ended.code, ended.out, ended.err) == (2, "", screen)


def test_a_network_that_knows_too_little_is_named() -> None:
    lines = augmentation_lines(weak(policy="none"))
    assert lines[0] == "Nothing is shown about 2 transforms."
    assert lines[2].startswith("The model is at 40.0 %")
    assert "No transform is shown to keep every label:" in lines
    assert not any(line.startswith("Judge") for line in lines)


def test_what_is_wrong_with_a_run_is_said() -> None:
    assert about_a_run().sentence in augmentation_lines(digits(findings=(about_a_run(),)))


def test_a_hundred_columns_are_enough() -> None:
    long = tuple(f"{i:02d}" + "x" * 80 for i in range(6))
    swaps = {0: (0.0, 1, 1.0), 1: (0.0, 0, 1.0), 2: (0.0, 3, 1.0), 3: (0.0, 2, 1.0), 4: (0.1, 0, 0.5)}
    odd = finding(
        judged("rot180", swaps, classes=long, order=2),
        judged("flip@0.123456789012", dict.fromkeys(range(5), (0.1, 5, 0.5)), classes=long, order=2),
        classes=long,
        source="x" * 90,
        left_out=("hue: " + "it is a long story " * 9,),
    )
    for found in (digits(), many(), weak(), odd):
        lines = augmentation_lines(found)
        assert max(len(line) for line in lines if "striate train" not in line) <= 100
    assert any("every class" in line or " more" in line for line in augmentation_lines(odd))


def test_hostile_names_are_harmless() -> None:
    names = ("a\x1b[2J\nb", "bee")
    found = finding(judged("flip", {0: (0.1, 1, 0.9)}, classes=names, order=2), classes=names, source="x\x1b")
    text = "\n".join(augmentation_lines(found))
    assert "\x1b" not in text
    assert "a␛[2J␊b" in text
