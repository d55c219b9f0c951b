"""A policy of what keeps labels, and findings about a run whose own does not."""

from __future__ import annotations

import pytest

from striate.core.augment_records import TransformSafety
from striate.core.diagnosis_records import Finding
from striate.diagnosis.label_safety import judge_flow
from striate.diagnosis.safe_policy import about_the_run, suggested_policy
from tests.unit.diagnosis.test_label_safety import LEVEL, flow, half_a_turn_of_digits, stays

DIGITS = tuple("0123456789")


def kept(name: str, transform: str | None = None) -> TransformSafety:
    found = judge_flow(flow(stays(10), n=400, name=name), DIGITS, level=LEVEL)
    return found.model_copy(update={"transform": transform or name})


def swaps(name: str = "rot180") -> TransformSafety:
    return judge_flow(flow(half_a_turn_of_digits(), name=name), DIGITS, level=LEVEL)


def changes(finding: Finding) -> list[str]:
    return [remedy.change for remedy in finding.remedies]


@pytest.mark.parametrize(
    ("judged", "policy"),
    [
        ([], "none"),
        ([swaps()], "none"),
        ([kept("flip"), kept("crop", "crop4"), swaps()], "flip+crop4"),
        ([kept("crop", "crop4"), kept("translate", "translate4")], "crop4"),
        ([kept("translate", "translate4"), swaps("flip")], "translate4"),
        ([kept("rot180"), kept("rot90"), kept("vflip"), kept("flip")], "flip+vflip+rot90"),
        ([kept("hue", "hue0.05"), kept("noise"), kept("blur"), kept("cutout", "cutout8")], "hue0.05+cutout8"),
    ],
)
def test_suggested(judged: list[TransformSafety], policy: str) -> None:
    assert suggested_policy(judged) == policy


def test_a_run_that_turns_digits() -> None:
    (finding,) = about_the_run([swaps(), kept("crop")], "crop1+rot180@0.3", "")
    assert finding.condition == "label-changing-transform"
    assert finding.severity == "warning"
    assert finding.sentence == (
        "The run's policy has rot180, which changes labels of this data: it makes 6 -> 9, 9 -> 6; hurts 2, 3, 4, 7."
    )
    assert (finding.id, finding.title) == ("U1", "Label-changing transform")
    assert (finding.where.transforms, finding.where.classes) == (("rot180",), ("2", "3", "4", "6", "7", "9"))
    assert not finding.evidence[0].sentence.endswith(".")
    assert changes(finding) == [
        "Train without rot180: --augment crop1.",
        "Or keep it and say what it does: --label-map 'rot180: 6<->9, !2, !3, !4, !7'.",
    ]
    assert finding.remedies[1].settings == {
        "augment": "crop1+rot180@0.3",
        "label_map": "rot180: 6<->9, !2, !3, !4, !7",
    }


@pytest.mark.parametrize(
    ("policy", "label_map"), [("crop1", ""), ("none", ""), ("rot90", ""), ("rot180", "rot180: 6<->9")]
)
def test_a_run_that_does_not_or_says_so(policy: str, label_map: str) -> None:
    assert about_the_run([swaps()], policy, label_map) == ()


def test_only_one_transform_and_it_is_wrong() -> None:
    (finding,) = about_the_run([swaps()], "rot180", "")
    assert finding.remedies[0].settings == {"augment": "none"}


def test_alternating_flips_are_judged_as_flips() -> None:
    (finding,) = about_the_run([swaps("flip")], "altflip+crop1", "")
    assert "The run's policy has altflip, which changes labels" in finding.sentence
    assert changes(finding) == [
        "Train without altflip: --augment crop1.",
        "Or keep it and say what it does: --label-map 'altflip: 6<->9, !2, !3, !4, !7'.",
    ]
    assert about_the_run([swaps("flip")], "altflip+crop1", "altflip: 6<->9") == ()
