"""`striate filters`: medians beside their controls, and what the difference is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from striate.cli.filters import filter_lines
from striate.core.network_findings import FilterFinding
from striate.core.network_records import Difference, FilterGroup, FilterRecord
from striate.core.records import Interval
from tests.unit.cli.network_findings import SUBJECT, Found


def difference(value: float, low: float, high: float) -> Difference:
    return Difference(value=value, interval=Interval(low=low, high=high, method="bootstrap"))


def finding(**changes: Any) -> FilterFinding:
    values: dict[str, Any] = {
        "layer": "conv1",
        "kernels": 3,
        "channels": 3,
        "kernel_size": (7, 7),
        "groups": (
            FilterGroup(name="network", r2=(0.9, 0.8, math.nan), concentration=(0.5, 0.6, 0.7)),
            FilterGroup(name="initial", r2=(0.3, 0.2, 0.1), concentration=(0.2, 0.1, 0.1)),
            FilterGroup(name="noise", r2=(0.3, 0.3, 0.2), concentration=(0.2, 0.2, 0.1)),
        ),
        "gabor": difference(0.55, 0.5, 0.6),
        "concentration": difference(0.4, -0.1, 0.5),
        "reason": "",
        "initial_from": "the network built anew",
    }
    subject = SUBJECT.model_copy(update={"images": ""})
    return FilterFinding(subject=subject, filters=FilterRecord(**{**values, **changes}))


def test_the_lines(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("filters", Found(finding()))
    ended = cli("filters", "net")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "Network   net, random weights, seed 0\n"
        "Input     3x32x32; mean and standard deviation: ImageNet's, assumed\n"
        "Layer     conv1, 3 kernels of 7x7 over 3 channels\n"
        "\n"
        "median over kernels     Gabor R²  one orientation\n"
        "this network               0.850            0.600\n"
        "the network built anew     0.200            0.100\n"
        "noise of equal norm        0.300            0.200\n"
        "\n"
        "Gabor R²: above noise, median +0.550 (95 % interval +0.500 to +0.600).\n"
        "Orientation: not told from noise, median +0.400 (95 % interval -0.100 to +0.500).\n"
        "\n"
        "runs/a/net/a.png\n"
        "runs/a/net/a.json\n"
    )


def test_kernels_too_small_to_judge_say_so() -> None:
    groups = tuple(group.model_copy(update={"r2": ()}) for group in finding().filters.groups)
    lines = filter_lines(finding(gabor=None, groups=groups, reason="nine numbers"))
    assert "this network                   –            0.600" in lines
    assert "Gabor functions are not fitted: nine numbers." in lines
    assert not any(line.startswith("Gabor R²:") for line in lines)


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("filters", Found(finding()))
    assert (
        cli("filters", "squeezenet1_0", "--layer", "features.0", "--pretrained", "--input", "224").code == 0
    )
    calls[0].pop("progress")
    assert calls == [
        {
            "args": ("squeezenet1_0",),
            "layer": "features.0",
            "weights": None,
            "input_size": (3, 224, 224),
            "pretrained": True,
            "out": None,
        }
    ]


def test_a_mistake_is_told(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("filters", Found(finding()))
    ended = cli("filters", "net", "--wieghts", "a.pth")
    assert (ended.code, ended.err) == (
        2,
        "error: no such flag [unknown-flag]\n  got       --wieghts\n  next      did you mean --weights?\n",
    )
