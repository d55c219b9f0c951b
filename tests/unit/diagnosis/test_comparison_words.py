"""What is said about a comparison, word for word."""

from __future__ import annotations

import pytest

from striate.diagnosis.comparing import compare_arms
from striate.diagnosis.comparison_words import level_percent
from tests.two_runs import answers, arm


def marks(right: int, n: int = 100) -> list[bool]:
    return [i < right for i in range(n)]


def headline(a: dict[str, int], b: dict[str, int], classes: tuple[str, ...] = ("ant", "bee", "cat")) -> str:
    one, other = (answers({name: marks(n) for name, n in given.items()}, classes) for given in (a, b))
    return compare_arms(arm("a", {"test": one}, classes), arm("b", {"test": other}, classes), "test").headline


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ((80, 80, 80), (60, 98, 98), "B is better by 5.3 points on average, but hurts 1 of 3 classes: ant"),
        (
            (80, 80, 80),
            (80, 98, 98),
            "B is better by 12.0 points on average, and no class is shown to be hurt",
        ),
        (
            (98, 98, 98),
            (60, 70, 98),
            "B is worse by 22.0 points on average, and hurts 2 of 3 classes: ant and bee",
        ),
        ((98, 98, 98), (94, 94, 94), "B is worse by 4.0 points on average, but no class is shown to be hurt"),
        ((90, 90, 90), (70, 99, 99), "No difference is shown on average, but B hurts 1 of 3 classes: ant"),
        ((90, 90, 90), (91, 90, 89), "No difference is shown on average, and no class is shown to be hurt"),
    ],
)
def test_the_headline(a, b, words):
    names = ("ant", "bee", "cat")
    assert headline(dict(zip(names, a, strict=True)), dict(zip(names, b, strict=True))) == words


def test_of_many_hurt_classes_the_worst_are_named():
    names = tuple(f"c{i}" for i in range(7))
    words = headline(dict.fromkeys(names, 99), {name: 40 + i for i, name in enumerate(names)}, names)
    assert words.endswith("hurts 7 of 7 classes: c0, c1, c2, c3 and 3 more")


def test_the_sentences_on_val():
    given = {"ant": marks(90), "bee": marks(90), "cat": marks(90)}
    a, b = (arm(name, {"val": answers(given)}, augment=name) for name in ("none", "flip"))
    assert compare_arms(a, b, "val").sentences == (
        "Both were scored on the same 300 val images: compared image by image.",
        "These val images also chose the epoch of each run, so both figures are a little high.",
        "Hurt or helped means that the 98.33 % interval of a class lies on one side of 0 and an exact test agrees; "
        "with 3 classes, all of them together then hold with 95 %.",
        "Not shown does not mean equal: a class of 100 images that A has all right is called hurt once B loses 7 of them.",
        "One run each cannot tell a change of settings from the chance of a training (its seed): train both again with "
        "another seed, and trust what comes back.",
    )


def test_too_few_images_to_show_anything():
    given = {"ant": marks(1, 1), "bee": marks(1, 1), "cat": marks(1, 1)}
    found = compare_arms(
        arm("a", {"test": answers(given)}, x=1), arm("b", {"test": answers(given)}, x=2), "test"
    )
    assert (
        "Not shown does not mean equal: with 1 image of a class not even the loss of all would be shown."
        in found.sentences
    )


@pytest.mark.parametrize(
    ("level", "words"), [(0.995, "99.5 %"), (1 - 0.05 / 3, "98.33 %"), (1 - 0.05 / 1000, "99.995 %")]
)
def test_a_level_is_never_certainty(level, words):
    assert level_percent(level) == words
