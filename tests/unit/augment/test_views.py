"""Views against NumPy written by hand: their pixels, weights, classes put back, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from striate.augment.errors import LabelMapUnusable, TransformDoesNotFit, UnknownView
from striate.augment.label_map import LabelMap, parse_label_map
from striate.augment.views import WORDS, View, described, view_words, views_of

ORDERS = {"flip": 2, "vflip": 2, "rot180": 2, "rot90": 4, "crop": 0}
ARROWS = ("left", "down", "right", "up")


def photo(height: int = 6, width: int = 6, n: int = 4) -> torch.Tensor:
    seed = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, 3, height, width), generator=seed, dtype=torch.uint8)


def pictures(text: str, batch: torch.Tensor, **how) -> list[np.ndarray]:
    shape = tuple(batch.shape[1:])
    return [view.apply(batch).numpy() for view in views_of(view_words(text), shape, LabelMap(), **how)]


def shifted(batch: np.ndarray, d: int) -> np.ndarray:
    """out[i, j] = in[i + d, j + d] of the image with |d| mirrored pixels around it."""
    k = abs(d)
    padded = np.pad(batch, ((0, 0), (0, 0), (k, k), (k, k)), mode="reflect")
    return padded[:, :, k + d : k + d + batch.shape[2], k + d : k + d + batch.shape[3]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("flip", [lambda x: x, lambda x: x[..., ::-1]]),
        ("vflip", [lambda x: x, lambda x: x[..., ::-1, :]]),
        ("rot180", [lambda x: x, lambda x: x[..., ::-1, ::-1]]),
        ("rot90", [lambda x, k=k: np.rot90(x, k, (2, 3)) for k in range(4)]),
        ("shift", [lambda x: x, lambda x: shifted(x, -1), lambda x: shifted(x, 1)]),
        (
            "flip+shift",
            [lambda x, d=d, s=s: shifted(x, d)[..., ::s] for d in (0, -1, 1) for s in (1, -1)],
        ),
    ],
)
def test_pixels_are_numpys(text, wanted) -> None:
    batch = photo()
    found = pictures(text, batch)
    assert len(found) == len(wanted)
    for view, expected in zip(found, wanted, strict=True):
        assert np.array_equal(view, expected(batch.numpy()))


def test_six_views_as_in_airbench() -> None:
    views = views_of(view_words("flip+shift"), (3, 32, 32), LabelMap())
    assert [view.weight for view in views] == [0.25, 0.25, 0.125, 0.125, 0.125, 0.125]
    assert views[0].steps == ()


@given(st.sets(st.sampled_from(list(WORDS)), min_size=1))
def test_each_picture_once_and_shares_of_one(words) -> None:
    batch = photo(5, 5, 1)
    views = views_of(view_words("+".join(words)), (3, 5, 5), LabelMap())
    assert sum(view.weight for view in views) == pytest.approx(1, abs=1e-15)
    seen = {view.apply(batch).numpy().tobytes() for view in views}
    turns = words - {"shift"}
    mirrors = bool(turns & {"flip"}) + bool(turns & {"vflip"})
    expected = (8 if mirrors else 4) if "rot90" in turns else min(4, 2 ** (mirrors + ("rot180" in turns)))
    assert len(seen) == len(views) == expected * (3 if "shift" in words else 1)


@pytest.mark.parametrize(
    ("height", "width", "d"),
    [(2, 2, 1), (32, 32, 1), (64, 64, 1), (64, 300, 1), (65, 65, 2), (96, 128, 3), (224, 224, 7)],
)
def test_how_far_a_shift_goes(height: int, width: int, d: int) -> None:
    batch = photo(height, width, 1)
    _, up, down = pictures("shift", batch)
    assert np.array_equal(up, shifted(batch.numpy(), -d))
    assert np.array_equal(down, shifted(batch.numpy(), d))


def test_never_farther_than_is_known_to_be_safe() -> None:
    batch = photo(224, 224, 1)
    _, up, _ = pictures("shift", batch, farthest=2.0)
    assert np.array_equal(up, shifted(batch.numpy(), -2))


def test_the_image_itself_is_not_copied_and_the_batch_is_left_alone() -> None:
    batch = photo()
    before = batch.clone()
    views = views_of(view_words("flip+rot90+shift"), (3, 6, 6), LabelMap())
    assert views[0].apply(batch) is batch
    for view in views:
        view.apply(batch)
    assert torch.equal(batch, before)


def arrows(text: str) -> LabelMap:
    return parse_label_map(text, ARROWS, ORDERS)


def seen_as(text: str, labels: LabelMap) -> list[list[str]]:
    """For each view, what the classes become."""
    views = views_of(view_words(text), (3, 6, 6), labels)
    return [[ARROWS[c] for c in view.becomes] for view in views]


def test_what_a_view_makes_of_a_class() -> None:
    labels = arrows("flip: left<->right; rot90: left->down->right->up->left")
    assert seen_as("flip", labels)[1] == ["right", "down", "left", "up"]
    assert seen_as("rot90", labels) == [
        ["left", "down", "right", "up"],
        ["down", "right", "up", "left"],
        ["right", "up", "left", "down"],
        ["up", "left", "down", "right"],
    ]
    # Mirrored, then turned by a quarter: a left arrow points right, then up.
    assert seen_as("flip+rot90", labels)[5] == ["up", "right", "down", "left"]


@pytest.mark.parametrize("text", ["flip", "rot90", "flip+rot90"])
def test_answers_are_put_back(text: str) -> None:
    """Who reads arrows rightly says the same of an arrow whichever way it is seen."""
    labels = arrows("flip: left<->right; rot90: left->down->right->up->left")
    drawn = torch.zeros(4, 1, 7, 7)
    for c in range(4):
        drawn[c] = torch.rot90(head(), c, (1, 2))
    for view in views_of(view_words(text), (1, 7, 7), labels):
        assert np.array_equal(view.undo(reads(view.apply(drawn))), reads(drawn))


def head() -> torch.Tensor:
    """An arrow to the left: ink left of the middle."""
    image = torch.zeros(1, 7, 7)
    image[:, 3, 1:3] = 1
    return image


def reads(images: torch.Tensor) -> np.ndarray:
    """Ink on each side, in the order of ARROWS."""
    x = images.numpy()[:, 0]
    sides = (x[:, :, :3], x[:, 4:], x[:, :, 4:], x[:, :3])
    return np.stack([side.sum(axis=(1, 2)) for side in sides], axis=1)


def test_undo_goes_backwards() -> None:
    view = View((), (1, 2, 0), 1.0)
    assert view.undo(np.array([[0.1, 0.2, 0.7]])).tolist() == [[0.2, 0.7, 0.1]]


def screen(call) -> str:
    with pytest.raises((UnknownView, LabelMapUnusable, TransformDoesNotFit)) as refusal:
        call()
    return str(refusal.value)


def test_two_ways_to_one_view_that_make_different_classes_of_it() -> None:
    labels = arrows("flip: left<->right; vflip: up<->down")
    assert screen(lambda: views_of(("flip", "vflip", "rot180"), (3, 6, 6), labels)) == (
        "two ways to the same view make different classes of it [label-map-unusable]\n"
        "  got       vflip+rot180 and flip, with the label map flip: left<->right; vflip: down<->up\n"
        "  next      ask for one of them: vflip+rot180 or flip"
    )
    agreeing = arrows("flip: left<->right; vflip: up<->down; rot180: left<->right, up<->down")
    assert len(views_of(("flip", "vflip", "rot180"), (3, 6, 6), agreeing)) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flip", ("flip",)),
        (" Shift + FLIP ", ("flip", "shift")),
        ("hflip+fliplr+altflip", ("flip",)),
        ("flipud", ("vflip",)),
        ("shift+rot90+rot180+vflip+flip", tuple(WORDS)),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert view_words(text) == words


@pytest.mark.parametrize(
    ("text", "got", "close"),
    [
        ("flpi", "flpi", "flip or vflip"),
        ("flip+shfit", "shfit", "shift"),
        ("crop4", "crop4", "shift"),
        ("translate", "translate", "shift"),
        ("shift2", "shift2", "shift"),
        ("flip@0.5", "flip@0.5", "flip or vflip"),
        ("rot270", "rot270", "rot90"),
        ("colour", "colour", None),
        ("flip+", "nothing between two +", None),
        ("", "nothing between two +", None),
    ],
)
def test_no_such_view(text: str, got: str, close: str | None) -> None:
    assert screen(lambda: view_words(text)) == (
        "no such view [unknown-view]\n"
        f"  got       {got}\n"
        "  expected  flip, vflip, rot180, rot90, shift; several joined by +"
        + (f"\n  next      did you mean {close}?" if close else "")
    )


def test_images_that_cannot_be_seen_so() -> None:
    assert screen(lambda: views_of(("rot90",), (3, 4, 6), LabelMap())).startswith(
        "rot90 turns square images only [transform-does-not-fit]\n"
    )
    assert "shifts by more than the image has" in screen(lambda: views_of(("shift",), (1, 1, 5), LabelMap()))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shift+flip", "flip+shift (6 views)"),
        ("flip", "flip (2 views)"),
        ("shift", "shift (3 views)"),
        ("rot90+flip", "flip+rot90 (8 views)"),
    ],
)
def test_described(text: str, words: str) -> None:
    assert described(text) == words
