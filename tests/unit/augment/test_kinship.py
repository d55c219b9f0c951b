"""Which transforms training shows: those it names, and those that come to the same."""

from __future__ import annotations

import pytest

from striate.augment.catalogue import TRANSFORMS
from striate.augment.kinship import _SHOWS, seen_by
from striate.augment.policy import parse


@pytest.mark.parametrize(
    ("policy", "seen"),
    [
        ("none", set()),
        ("altflip", {"altflip", "flip"}),
        ("crop4", {"crop", "translate"}),
        ("rot90", {"rot90", "rot180"}),
        ("rot180", {"rot180"}),
        ("mixup0.2", {"mixup"}),
        ("resizedcrop+cutout8", {"resizedcrop", "crop", "translate", "scale", "cutout", "erasing"}),
    ],
)
def test_seen(policy: str, seen: set[str]) -> None:
    assert seen_by(parse(policy)) == seen


def test_every_name_is_a_transform() -> None:
    assert set(_SHOWS) | set().union(*_SHOWS.values()) <= set(TRANSFORMS)
