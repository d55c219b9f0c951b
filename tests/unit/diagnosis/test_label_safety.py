"""Verdicts on transforms from counts alone: what must be found, and what must not be cried about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from striate.core.augment_records import TransformFlow
from striate.diagnosis.label_safety import HARM, enough, judge_flow, judge_learning

DIGITS = tuple("0123456789")
LEVEL = 1 - 0.05 / (20 * 10)


def flow(
    shares: Sequence[Sequence[float]],
    *,
    n: int = 100,
    recall: float = 1.0,
    order: int = 2,
    name: str = "rot180",
    changed: float = 1.0,
) -> TransformFlow:
    """Rows of shares after the transform; before it `recall` of each class is right and the rest one class on."""
    k = len(shares)
    after = np.array([np.round(np.array(row) * n) for row in shares], dtype=int)
    for row in after:
        row[int(row.argmax())] += n - row.sum()
    before = np.zeros((k, k), dtype=int)
    for c in range(k):
        before[c, c] = round(recall * n)
        before[c, (c + 1) % k] += n - before[c, c]
    both = [min(before[c, c], after[c, c]) for c in range(k)]
    return TransformFlow(
        transform=name,
        name=name,
        order=order,
        changed=changed,
        before=tuple(tuple(int(v) for v in row) for row in before),
        after=tuple(tuple(int(v) for v in row) for row in after),
        both=tuple(int(v) for v in both),
    )


def stays(k: int, share: float = 1.0) -> list[list[float]]:
    return [[share if i == j else (1 - share) / (k - 1) for j in range(k)] for i in range(k)]


def half_a_turn_of_digits() -> list[list[float]]:
    """As measured on digits: 6 and 9 change places, 0, 1, 5 and 8 stay, the rest goes anywhere."""
    rows = stays(10)
    rows[6] = [0, 0, 0, 0, 0, 0, 0.02, 0, 0, 0.98]
    rows[9] = [0, 0, 0, 0, 0, 0.1, 0.8, 0.1, 0, 0]
    for c in (2, 3, 4, 7):
        rows[c] = [0.1] * 10
    return rows


def test_half_a_turn_swaps_six_and_nine() -> None:
    found = judge_flow(flow(half_a_turn_of_digits()), DIGITS, level=LEVEL)
    assert found.verdict == "swap"
    assert found.label_map == "rot180: 6<->9, !2, !3, !4, !7"
    verdicts = {c.name: c.verdict for c in found.classes}
    assert {c for c, v in verdicts.items() if v == "swapped"} == {"6", "9"}
    assert {c for c, v in verdicts.items() if v == "hurt"} == {"2", "3", "4", "7"}
    assert {c for c, v in verdicts.items() if v == "kept"} == {"0", "1", "5", "8"}
    assert found.classes[6].becomes == "9"
    assert found.sentence.startswith("6 becomes 9 (98.0 %, ")


def test_one_way_is_no_swap() -> None:
    rows = half_a_turn_of_digits()
    rows[9] = [0.1] * 10
    found = judge_flow(flow(rows), DIGITS, level=LEVEL)
    assert found.verdict == "drop"
    assert "<->" not in found.label_map
    assert found.classes[6].verdict == "hurt"
    assert "6 (100 % to 2.0 %, taken for 9 98.0 %)" in found.sentence


def test_what_everything_falls_into_swaps_with_nothing() -> None:
    """A network has to answer something: many classes taken for a 4, and 4 for a 5, is no swap of 4 and 5."""
    rows = [[0.0] * 10 for _ in range(10)]
    for c in range(10):
        rows[c][4] = 1.0
    rows[4] = [0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0]
    found = judge_flow(flow(rows), DIGITS, level=LEVEL)
    assert found.verdict == "drop"
    assert all(c.verdict == "hurt" for c in found.classes)
    assert found.label_map == ""  # nothing would be left to turn
    assert found.sentence.endswith("So it goes for every class.")


def test_quarter_turns_go_round() -> None:
    names = ("up", "left", "down", "right")
    circle = [[1.0 if j == (i + 1) % 4 else 0.0 for j in range(4)] for i in range(4)]
    found = judge_flow(flow(circle, order=4, name="rot90"), names, level=LEVEL)
    assert found.verdict == "swap"
    assert found.label_map == "rot90: up->left->down->right->up"
    # The same flows under a transform that is undone by doing it twice cannot be what it does to labels.
    assert judge_flow(flow(circle, order=2), names, level=LEVEL).verdict == "drop"


def test_circles_that_do_not_close_in_time() -> None:
    three = [[0, 1.0, 0], [0, 0, 1.0], [1.0, 0, 0]]
    for order in (2, 4):
        assert judge_flow(flow(three, order=order), ("a", "b", "c"), level=LEVEL).verdict == "drop"


def test_by_degrees_nothing_is_swapped() -> None:
    found = judge_flow(flow(half_a_turn_of_digits(), order=0, name="rotate"), DIGITS, level=LEVEL)
    assert found.verdict == "drop"
    assert "<->" not in found.label_map


@pytest.mark.parametrize("loss", [0.0, 0.02, 0.05])
def test_a_small_loss_is_kept(loss: float) -> None:
    found = judge_flow(flow(stays(10, 1 - loss), n=400), DIGITS, level=LEVEL)
    assert found.verdict == "keep"
    assert found.label_map == ""


def test_few_images_are_not_enough_for_keep_or_harm() -> None:
    found = judge_flow(flow(stays(10, 0.85), n=10), DIGITS, level=LEVEL)
    assert found.verdict == "not shown"
    assert "too few images" in found.sentence
    assert not any(c.verdict == "hurt" for c in found.classes)


def test_a_confusion_that_was_there_before_is_no_flow() -> None:
    """Two classes that the network cannot tell apart anyway."""
    rows = stays(4)
    rows[0], rows[1] = [0.45, 0.55, 0, 0], [0.55, 0.45, 0, 0]
    before = flow(rows, recall=1.0)
    muddled = before.model_copy(
        update={"before": before.after, "both": tuple(before.after[c][c] for c in range(4))}
    )
    found = judge_flow(muddled, tuple("abcd"), level=LEVEL)
    assert (found.verdict, found.label_map) == ("not shown", "")
    assert found.sentence.startswith("The network takes a for b, b for a: ")


def test_a_class_that_was_never_recognised_cannot_be_lost() -> None:
    rows = stays(10)
    weak = flow(rows, n=100)
    before = [list(row) for row in weak.before]
    before[3] = [0] * 10
    before[3][3], before[3][5] = 40, 60
    after = [list(row) for row in weak.after]
    after[3] = [0] * 10
    after[3][5] = 100
    both = list(weak.both)
    both[3] = 0
    found = judge_flow(
        weak.model_copy(update={"before": before, "after": after, "both": both}), DIGITS, level=LEVEL
    )
    assert found.classes[3].verdict == "not shown"


def test_a_weak_model_shows_nothing() -> None:
    found = judge_flow(flow(stays(10, 0.1), recall=0.4), DIGITS, level=LEVEL)
    assert found.verdict == "not shown"
    assert found.sentence == "The model is at 40.0 %: not shown."
    assert found.label_map == ""


@pytest.mark.parametrize(
    ("accuracy", "k", "is_enough"), [(0.74, 2, False), (0.76, 2, True), (0.54, 10, False), (0.56, 10, True)]
)
def test_enough_is_halfway_from_chance(accuracy: float, k: int, is_enough: bool) -> None:
    assert enough(accuracy, k) is is_enough


def test_what_changes_no_pixel_has_no_effect() -> None:
    found = judge_flow(flow(stays(10), changed=0.004), DIGITS, level=LEVEL)
    assert found.verdict == "no effect"


def test_a_harmless_transform_is_hardly_ever_cried_about() -> None:
    """2,000 audits in which nothing happens but chance: each image right with probability 0.9, before and after."""
    rng = np.random.default_rng(0)
    cries = 0
    for _ in range(2000):
        before, after = rng.random((10, 60)) < 0.9, rng.random((10, 60)) < 0.9
        counts = []
        for right in (before, after):
            matrix = np.zeros((10, 10), dtype=int)
            for c in range(10):
                matrix[c, c] = right[c].sum()
                matrix[c, (c + 1) % 10] = 60 - matrix[c, c]
            counts.append(tuple(tuple(int(v) for v in row) for row in matrix))
        found = judge_flow(
            TransformFlow(
                transform="flip",
                name="flip",
                order=2,
                changed=1.0,
                before=counts[0],
                after=counts[1],
                both=tuple(int(v) for v in (before & after).sum(axis=1)),
            ),
            DIGITS,
            level=LEVEL,
        )
        cries += found.verdict in ("drop", "swap")
    assert cries <= 2


# -- learning ------------------------------------------------------------------------------------------------------


def test_unfamiliar_and_harmless_once_learnt() -> None:
    hurt = judge_flow(flow(stays(10, 0.6), order=0, name="crop"), DIGITS, level=LEVEL)
    assert hurt.verdict == "drop"
    fine = flow(stays(10, 0.99), n=1000, order=0)
    found = judge_learning(hurt, fine, fine, DIGITS, level=LEVEL)
    assert found.verdict == "keep"
    assert found.label_map == ""
    assert found.learnt is not None
    assert found.learnt.estimate == pytest.approx(-0.01, abs=0.005)
    assert found.sentence.startswith("Unfamiliar (-36.0 points) to a network that never saw it")


def test_a_class_lost_by_learning_is_named() -> None:
    hurt = judge_flow(flow(stays(10, 0.6), order=0, name="hue"), DIGITS, level=LEVEL)
    rows = stays(10)
    rows[2] = [0.1] * 10
    fine, lost = flow(stays(10), order=0), flow(rows, order=0)
    for clean, under in ((lost, fine), (fine, lost)):
        found = judge_learning(hurt, clean, under, DIGITS, level=LEVEL)
        assert found.verdict == "drop"
        assert found.learnt_hurt == ("2",)
        assert "2 loses most (-90.0 points)" in found.sentence


def test_two_trainings_that_trade_classes_are_no_harm() -> None:
    """As measured on CIFAR-10: dogs for cats, 18 points either way, whatever the transform."""
    hurt = judge_flow(flow(stays(10, 0.6), order=0, name="rotate"), DIGITS, level=LEVEL)
    before, after = flow(stays(10, 0.75), n=400), stays(10, 0.75)
    after[3], after[5] = (
        [0.57 if j == 3 else 0.43 / 9 for j in range(10)],
        [0.9 if j == 5 else 0.1 / 9 for j in range(10)],
    )
    traded = flow(after, n=400).model_copy(update={"before": before.after})
    traded = traded.model_copy(
        update={
            "both": tuple(
                min(b[c], a[c]) for c, (b, a) in enumerate(zip(traded.before, traded.after, strict=True))
            )
        }
    )
    fine = flow(stays(10), order=0)
    found = judge_learning(hurt, traded, fine, DIGITS, level=LEVEL)
    assert found.verdict == "keep"
    # The same within one network is the transform's doing.
    assert judge_learning(hurt, fine, traded, DIGITS, level=LEVEL).learnt_hurt == ("3",)


def test_an_even_loss_by_learning_counts() -> None:
    hurt = judge_flow(flow(stays(10, 0.6), order=0), DIGITS, level=LEVEL)
    fine, worse = flow(stays(10), n=60, order=0), flow(stays(10, 1 - 1.5 * HARM), n=60, order=0)
    assert judge_learning(hurt, worse, fine, DIGITS, level=LEVEL).verdict == "drop"
    assert judge_learning(hurt, fine, worse, DIGITS, level=LEVEL).verdict == "drop"
    assert judge_learning(hurt, fine, fine, DIGITS, level=LEVEL).verdict == "keep"


def test_names_that_a_label_map_has_to_quote() -> None:
    rows = stays(3)
    rows[0], rows[1] = [0, 1.0, 0], [1.0, 0, 0]
    found = judge_flow(flow(rows), ("a<b", "c, d", "e"), level=LEVEL)
    assert found.label_map == 'rot180: "a<b"<->"c, d"'


@pytest.mark.parametrize(
    ("left", "n", "verdict"), [(0, 5, "not shown"), (21, 30, "not shown"), (4, 5, "keep"), (10, 10, "keep")]
)
def test_a_rare_class_that_seems_lost_is_no_keep(left: int, n: int, verdict: str) -> None:
    big = [[500 if i == j else 0 for j in range(10)] for i in range(9)]
    half = (n - left) // 2
    after = [*big, [half, n - left - half, *[0] * 7, left]]
    before = [*big, [*[0] * 9, n]]
    counts = TransformFlow(
        transform="flip",
        name="flip",
        order=2,
        changed=1.0,
        before=tuple(map(tuple, before)),
        after=tuple(map(tuple, after)),
        both=(*[500] * 9, left),
    )
    found = judge_flow(counts, DIGITS, level=LEVEL)
    assert found.verdict == verdict
    if verdict != "keep":
        told = "0 %" if left == 0 else "70.0 %"
        assert found.sentence == f"It may lose 9 (100 % to {told} of {n} images): too few to be sure."


def arrows(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], order: int) -> TransformFlow:
    """As a network says that was trained with mirror images and so takes each right (1) for a left (0)."""
    return TransformFlow(
        transform="turn",
        name="turn",
        order=order,
        changed=1.0,
        before=tuple(map(tuple, before)),
        after=tuple(map(tuple, after)),
        both=tuple(min(b[c], a[c]) for c, (b, a) in enumerate(zip(before, after, strict=True))),
    )


def test_classes_that_the_network_confuses_are_not_said_to_stay() -> None:
    before = [[50, 0, 0, 0], [50, 0, 0, 0], [0, 0, 50, 0], [0, 0, 0, 50]]
    half = [[50, 0, 0, 0], [50, 0, 0, 0], [0, 0, 0, 50], [0, 0, 50, 0]]
    found = judge_flow(arrows(before, half, 2), ("left", "right", "up", "down"), level=LEVEL)
    assert found.verdict == "swap"
    assert found.label_map == "turn: up<->down, !left, !right"


def test_nor_to_change_places_with_another() -> None:
    before = [[50, 0, 0, 0], [50, 0, 0, 0], [0, 0, 50, 0], [0, 0, 0, 50]]
    quarter = [[0, 0, 0, 50], [0, 0, 50, 0], [50, 0, 0, 0], [50, 0, 0, 0]]
    found = judge_flow(arrows(before, quarter, 4), ("left", "right", "up", "down"), level=LEVEL)
    assert found.verdict == "drop"


def test_where_classes_are_confused_nothing_is_kept() -> None:
    before = [[500, 0, 0, 0], [500, 0, 0, 0], [0, 0, 500, 0], [0, 0, 0, 500]]
    found = judge_flow(arrows(before, before, 2), ("left", "right", "disc", "bar"), level=LEVEL)
    assert found.verdict == "not shown"
    assert found.sentence == "The network takes right for left: whether these change places is not shown."
