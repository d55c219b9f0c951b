"""Arguments that verbs share which look at a network."""

from __future__ import annotations

import pytest

from striate.cli.errors import BadArguments
from striate.cli.looking import input_size_from, labelled, opening_lines
from striate.core.network_findings import LookedAt


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (None, None),
        ("3x224x192", (3, 224, 192)),
        ("1,28,28", (1, 28, 28)),
        ("64", (3, 64, 64)),
        ("3X8X8", (3, 8, 8)),
    ],
)
def test_the_input_size(text: str | None, size: tuple[int, int, int] | None) -> None:
    assert input_size_from(text) == size


@pytest.mark.parametrize("text", ["224x224", "", "3x0x3", "axbxc", "3x-1x3", "1x2x3x4"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(BadArguments) as refused:
        input_size_from(text)
    assert str(refused.value) == (
        "--input cannot be that [bad-arguments]\n"
        f"  got       {text!r}\n"
        "  expected  channels x height x width: 3x224x224; or 224 for three channels"
    )


def test_what_was_looked_at() -> None:
    subject = LookedAt(
        network="net", weights="random", input_size=(3, 8, 9), images="", normalisation="the run's"
    )
    assert opening_lines(subject) == [
        "Network   net, random",
        "Input     3x8x9; mean and standard deviation: the run's",
    ]
    shown = subject.model_copy(update={"images": "3 image files"})
    assert opening_lines(shown)[-1] == "Images    3 image files"
    assert labelled([("", "a\nb")]) == ["          a␊b"]
