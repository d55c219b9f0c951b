"""Sick, healthy and near-miss runs for D5."""

from __future__ import annotations

from striate.diagnosis.conditions.covariate_shift import CONDITION
from tests.patients.looking import RISING, curve, data, split
from tests.patients.seen import case

LAGGING = curve(tuple(a - 0.2 for a in RISING), train=RISING, clean=RISING)
TOLD = {"domain_auc": 0.9, "domain_low": 0.86, "domain_n": 600}


def test_sick_pictures_tell():
    found = CONDITION.examine(case(data=data(**TOLD), epochs=LAGGING))
    assert (found.state, found.severity) == ("present", "warning")


def test_sick_blurred_val():
    blurred = data(val=split("val", sharpness=0.1, std=(0.85, 0.83, 0.87)))
    found = CONDITION.examine(case(data=blurred, epochs=LAGGING))
    assert (found.state, found.severity) == ("suspected", "warning")
    assert "sharpness 2-fold" in found.evidence[0].sentence


def test_healthy():
    assert (
        CONDITION.examine(
            case(data=data(domain_auc=0.52, domain_low=0.45, domain_n=600), epochs=LAGGING)
        ).state
        == "absent"
    )
    assert CONDITION.examine(case()).state == "unseen"


def test_near_miss_augmented_train():
    weaker = curve(RISING, train=tuple(a - 0.15 for a in RISING), clean=RISING)
    assert CONDITION.examine(case(data=data(**TOLD), epochs=weaker)).state == "absent"


def test_near_miss_overfitting_under_augmentation():
    later = curve((0.5, 0.6, 0.62, 0.62), clean=(0.51, 0.7, 0.9, 1.0))
    assert CONDITION.examine(case(data=data(**TOLD), epochs=later)).state == "absent"


def test_near_miss_few_images():
    for more in ({"domain_n": 60}, {"domain_low": 0.6}):
        assert CONDITION.examine(case(data=data(**TOLD | more), epochs=LAGGING)).state == "absent"
