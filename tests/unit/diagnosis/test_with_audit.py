"""What an audit found stands in the place of what was judged without it, and explains what it explains."""

from __future__ import annotations

from striate.diagnosis import with_audit as module
from striate.diagnosis.condition import Condition, absent
from striate.diagnosis.with_audit import with_audit
from tests.audits import about_a_run
from tests.diagnoses import diagnosis, finding, healthy


def label_changing(*explains: str) -> tuple[Condition, ...]:
    def known(name: str, group: str, explains: tuple[str, ...] = ()) -> Condition:
        return Condition("X", name, name, group, lambda _: absent(""), (), explains=explains)

    return (
        known("label-changing-transform", "data", explains),
        known("underfitting", "capacity"),
        known("wrong-mode", "integrity"),
    )


def test_without_an_audit_nothing_changes():
    assert with_audit(healthy(), ()) == healthy()


def test_a_healthy_run_whose_policy_changes_labels_is_not_healthy():
    found = with_audit(healthy(), (about_a_run(),))
    assert (found.verdict, found.headline) == ("problem", "Label-changing transform.")
    assert found.findings == (about_a_run(),)


def test_it_replaces_explains_and_keeps_the_order(monkeypatch):
    monkeypatch.setattr(module, "all_conditions", lambda: label_changing("underfitting"))
    judged = diagnosis(
        finding("wrong-mode"),
        finding("label-changing-transform", sentence="guessed"),
        finding("underfitting"),
    )
    found = with_audit(judged, (about_a_run(),))
    assert [(f.condition, f.because_of) for f in found.findings] == [
        ("wrong-mode", ""),
        ("label-changing-transform", ""),
        ("underfitting", "label-changing-transform"),
    ]
    assert found.findings[1] == about_a_run()
    assert found.headline == judged.headline
