"""The page on augmentation holds: its program runs, and its policies and label maps are read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from striate.augment.policy import parse

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "AUGMENTATION.md").read_text(
    encoding="utf-8"
)
CLASSES = [*"0123456789", "left-arrow", "right-arrow", "up", "left", "down", "right"]
TRAINS = re.findall(r"^striate train .*--label-map.*$", PAGE, flags=re.MULTILINE)


def test_the_program_runs() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    exec(compile(program, "AUGMENTATION.md", "exec"), {})


@pytest.mark.parametrize("number", range(len(TRAINS)))
def test_the_label_maps_are_read(number: int) -> None:
    words = shlex.split(TRAINS[number])
    augment, label_map = (words[words.index(flag) + 1] for flag in ("--augment", "--label-map"))
    policy = parse(augment, shape=(3, 32, 32)).bind(CLASSES, label_map)
    assert policy.labels.text


def test_there_are_some() -> None:
    assert len(TRAINS) == 3
