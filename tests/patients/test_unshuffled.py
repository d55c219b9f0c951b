"""Sick, healthy and near-miss runs for D6."""

from __future__ import annotations

from striate.core.data_observation import OrderSeen
from striate.core.observation_records import Declared
from striate.diagnosis.conditions.unshuffled import CONDITION
from tests.patients.looking import curve, data
from tests.patients.seen import case


def order(entropy: float, **more: object) -> OrderSeen:
    """Batches of 100 images of ten classes."""
    usual: dict[str, object] = {
        "null_entropy": 2.25,
        "null_low": 2.22,
        "passes": 3,
        "same_order": False,
        "batches": 20,
    }
    return OrderSeen(entropy=entropy, **usual | more)


def judged(entropy: float, **more: object):
    """D6's opinion of batches that are so mixed."""
    return CONDITION.examine(case(data=data(order=order(entropy, **more))))


def test_sick_sorted_by_class():
    found = judged(0.2, same_order=True)
    assert (found.state, found.severity) == ("present", "warning")
    seen = data(order=order(0.2))
    assert CONDITION.examine(case(data=seen, epochs=curve((0.1, 0.1)))).severity == "critical"


def test_healthy():
    assert judged(2.25).state == "absent"
    assert CONDITION.examine(case(data=data())).state == "unseen"


def test_near_miss_same_order_of_mixed_labels():
    found = judged(2.25, same_order=True)
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_a_little_less_mixed():
    found = judged(2.1)
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_balanced_batches():
    assert judged(2.302).state == "absent"


def test_near_miss_declared():
    seen = case(data=data(order=order(0.2)), declared=Declared(ordered=True))
    assert CONDITION.examine(seen).state == "absent"


def test_near_miss_batches_of_one_image_or_two_batches():
    assert judged(0.0, null_entropy=0.0, null_low=0.0).state == "unseen"
    assert judged(0.2, batches=2).state == "unseen"
    # Tiny batches vary much: below 0.7 of the null, and still what shuffling gives.
    assert judged(0.35, null_entropy=0.6, null_low=0.3).state == "absent"


def test_near_miss_sorted_and_learnt_all_the_same():
    learnt = tuple(min(0.99, 0.9 + 0.02 * i) for i in range(10))
    seen = case(data=data(order=order(0.9)), epochs=curve(learnt, clean=learnt))
    assert (CONDITION.examine(seen).state, CONDITION.examine(seen).severity) == ("present", "info")
    behind = case(data=data(order=order(0.9)), epochs=curve(tuple(a - 0.3 for a in learnt), clean=learnt))
    assert CONDITION.examine(behind).severity == "warning"
