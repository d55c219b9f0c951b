"""`striate lr-find`: the same flags as training, a chart, a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from striate.cli.lr_find import MEANINGLESS, chart
from striate.training.recipe import Recipe


@dataclass(frozen=True)
class Finding:
    lr: tuple[float, ...]
    loss: tuple[float, ...]
    suggestion: float
    sentence: str = "Try --lr 0.1."


RATES = tuple(10 ** (x / 10) for x in range(-60, 1))
VALLEY = Finding(RATES, tuple(2 + (math.log10(r) + 1.5) ** 2 / 3 for r in RATES), 10**-2.5)


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("lr_find", VALLEY)
    ended = cli("lr-find", "photos", "--model", "resnet20", "-b", "32", "--epochs", "3")
    assert (ended.code, ended.err) == (0, "")
    calls[0].pop("progress")
    assert calls == [{"args": ("photos",), "model": "resnet20", "batch_size": "32", "epochs": "3"}]
    assert ended.out.endswith("\n\nTry --lr 0.1.\n")


def test_settings_that_decide_nothing_are_not_listed(cli: Callable[..., Any]) -> None:
    page = cli("lr-find", "--help").out
    assert set(MEANINGLESS) <= set(Recipe.model_fields)
    assert "--batch-size" in page
    assert "--save-every" not in page


def test_the_chart_shows_the_valley_and_marks_the_suggestion() -> None:
    lines = chart(VALLEY)
    assert lines[0] == "    loss"
    assert lines[1].startswith(f"{VALLEY.loss[0]:8.2f} •")
    assert lines[10].startswith("    2.00 ")
    lowest = lines[10].index("•")
    mark = lines[11].index("^")
    # A tenth of the best rate: one decade, of six, to the left.
    assert 0 <= lowest - mark <= 64 / 6 + 3
    assert lines[12].split() == ["1e-06", "1e+00", "lr"]
    assert max(len(line) for line in lines) <= 80


def test_a_chart_of_nothing_is_nothing() -> None:
    assert chart(Finding((), (), 0.1)) == []
    assert len(chart(Finding((1e-6, 1e-5), (2.0, 2.0), 1e-6))) == 13
