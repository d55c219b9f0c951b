"""The headline and the commands, quoted so that they can be pasted."""

from __future__ import annotations

import shlex

import pytest

from striate.augment.policy import parse
from striate.report.safety_words import command, declared_command, headline, swap_texts, weak_probes
from tests.audits import digits, finding, judged, weak

SWAP = {6: (0.0, 9, 0.95), 9: (0.0, 6, 0.95)}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (finding(judged("flip")), "flip keeps every label"),
        (
            finding(judged("rot180", SWAP, order=2)),
            "rot180 swaps 6<->9",
        ),
        (
            finding(judged("rot180", SWAP, order=2), judged("crop1", n=3)),
            "None of 2 transforms is shown to keep every label; rot180 swaps 6<->9; 1 is not shown",
        ),
        (weak(), "Nothing is shown about 2 transforms"),
        (finding(), "Nothing is shown about 0 transforms"),
    ],
)
def test_the_headline(found, words):
    assert headline(found) == words


def test_many_names_are_counted():
    hurt = [judged(f"flip@0.{i}", {1: (0.1, 2, 0.8)}) for i in range(1, 8)]
    assert headline(finding(*hurt)).endswith(
        "; flip@0.1, flip@0.2, flip@0.3, flip@0.4 and 3 more hurt classes"
    )
    assert headline(finding(*hurt[:5])).endswith("flip@0.4 and flip@0.5 hurt classes")


def test_what_is_pasted_is_what_was_meant():
    names = ("it's", 'a "b"; c', "$HOME", "x")
    becomes = {0: (0.0, 1, 1.0), 1: (0.0, 0, 1.0)}
    found = finding(
        judged("rot180", becomes, classes=names, order=2), classes=names, source="my photos", policy="none"
    )
    assert command(found) == "striate train 'my photos' --augment none"
    words = shlex.split(declared_command(found))
    assert words[:5] == ["striate", "train", "my photos", "--augment", "rot180"]
    policy = parse("rot180", shape=(1, 8, 8)).bind(names, words[6])
    assert policy.labels.rule("rot180").becomes == (1, 0, 2, 3)
    assert swap_texts(found.transforms[0]) == ['it\'s<->"a \\"b\\"; c"']


def test_without_swaps_there_is_one_command():
    assert declared_command(finding(judged("flip"))) == ""


def test_only_weak_networks_are_named():
    assert weak_probes(digits()) == []
    assert len(weak_probes(weak())) == 2


def test_half_turns_are_left_to_quarter_turns_that_include_them():
    circle = {0: (0.0, 1, 1.0), 1: (0.0, 2, 1.0), 2: (0.0, 3, 1.0), 3: (0.0, 0, 1.0)}
    halves = {0: (0.0, 2, 1.0), 2: (0.0, 0, 1.0), 1: (0.0, 3, 1.0), 3: (0.0, 1, 1.0)}
    names = ("up", "left", "down", "right")
    turns = judged("rot90", circle, classes=names, order=4), judged("rot180", halves, classes=names, order=2)
    assert [t.verdict for t in turns] == ["swap", "swap"]
    words = shlex.split(declared_command(finding(*turns, classes=names)))
    assert words[words.index("--augment") + 1] == "rot90"
    assert words[words.index("--label-map") + 1] == turns[0].label_map
