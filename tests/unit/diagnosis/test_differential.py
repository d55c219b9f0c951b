"""Order of findings, and what a healthy run still shows."""

from __future__ import annotations

from striate.core.observation_records import Observation, Setting
from striate.diagnosis.judge import diagnose
from tests.histories import observed, towards


def test_a_run_that_is_well_shows_one_remark_at_most():
    points = observed(towards(0.4, 0.99, 20), towards(0.4, 0.97, 20), val_n=500)
    found = diagnose(Observation(setting=Setting(source="attached", classes=10), epochs=points))
    assert found.verdict == "healthy"
    assert len(found.findings) <= 1
    assert all(f.severity == "info" for f in found.findings)
