"""Flows counted: every image once, at full application, by draws that can be had again."""

from __future__ import annotations

import numpy as np
import torch

from striate.augment.audit import flow_under
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.turns import Rot90

LABELS = np.array([0, 0, 1, 1, 2, 2])
IMAGES = torch.arange(6 * 3 * 4 * 4).reshape(6, 3, 4, 4).to(torch.uint8)


def chunks(size: int) -> list[tuple[np.ndarray, torch.Tensor]]:
    return [(np.arange(i, min(i + size, 6)), IMAGES[i : i + size]) for i in range(0, 6, size)]


def by_the_corner(images: torch.Tensor) -> np.ndarray:
    """A network that looks at one pixel."""
    return (images[:, 0, 0, 0].numpy() % 3).astype(np.int64)


def test_counts_are_those_of_a_loop() -> None:
    before = by_the_corner(IMAGES)
    flow = flow_under(HorizontalFlip(), by_the_corner, chunks(6), LABELS, before, 3)
    after = by_the_corner(IMAGES.flip(3))
    for counts, said in ((flow.before, before), (flow.after, after)):
        for true in range(3):
            for other in range(3):
                assert counts[true][other] == ((true == LABELS) & (said == other)).sum()
    for c in range(3):
        assert flow.both[c] == ((c == LABELS) & (before == c) & (after == c)).sum()
    assert flow.changed == 1.0
    assert flow.order == 2


def test_parts_make_no_difference_and_nothing_is_changed() -> None:
    kept = IMAGES.clone()
    before = by_the_corner(IMAGES)
    whole = flow_under(Rot90(), by_the_corner, chunks(6), LABELS, before, 3, seed=3)
    assert whole == flow_under(Rot90(), by_the_corner, chunks(4), LABELS, before, 3, seed=3)
    assert torch.equal(IMAGES, kept)


def test_several_possible_turns_are_asked_about_as_one() -> None:
    """A label map says what one quarter turn does; so the audit turns everybody by one."""
    turned = by_the_corner(torch.rot90(IMAGES, 1, (2, 3)))
    flow = flow_under(Rot90(), by_the_corner, chunks(6), LABELS, by_the_corner(IMAGES), 3)
    assert [sum(row) for row in flow.after] == [2, 2, 2]
    assert flow.after == tuple(
        tuple(int(((c == LABELS) & (turned == o)).sum()) for o in range(3)) for c in range(3)
    )


def test_what_changes_nothing() -> None:
    symmetric = torch.ones(6, 3, 4, 4, dtype=torch.uint8)
    parts = [(np.arange(6), symmetric)]
    flow = flow_under(VerticalFlip(), by_the_corner, parts, LABELS, by_the_corner(symmetric), 3)
    assert flow.changed == 0.0
