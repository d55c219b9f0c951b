"""Remarks say what findings do not."""

from __future__ import annotations

from striate.core.observation_records import Observation, Setting
from striate.diagnosis.judge import diagnose
from tests.histories import observed


def test_a_note_does_not_repeat_a_finding():
    up = [0.72 + 0.02 * i for i in range(12)]
    points = observed([v + 0.01 for v in up], up, lr=[0.1] * 12)
    diagnosis = diagnose(Observation(setting=Setting(source="run", classes=10), epochs=tuple(points)))
    assert [f.condition for f in diagnosis.findings] == ["stopped-too-early"]
    assert not any("still rising" in note for note in diagnosis.notes)
