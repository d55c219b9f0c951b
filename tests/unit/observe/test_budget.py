"""Seconds earned and spent, by a clock that the test moves."""

from __future__ import annotations

import math

import pytest

from striate.observe.budget import Budget


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def budget(**more):
    clock = Clock()
    return Budget(clock=clock, **more), clock


def test_what_is_spent_stays_within_the_allowance_and_the_share():
    b, clock = budget(share=0.01, allowance=0.1)
    looks = 0
    for _ in range(10_000):
        b.earn(0.01)
        if b.affords("look"):
            with b.paying("look"):
                clock.now += 0.005
            looks += 1
    # One look too many at most: the first, whose cost nobody knew.
    assert b.spent <= 0.1 + 0.01 * 100 + 0.005
    assert looks >= 200


def test_a_dear_look_is_waited_for_and_a_cheap_one_is_not():
    b, clock = budget(share=0.01, allowance=1.0)
    for look, seconds in (("dear", 0.9), ("cheap", 0.001)):
        with b.paying(look):
            clock.now += seconds
    assert b.affords("cheap")
    assert not b.affords("dear")
    b.earn(100.0)
    assert b.affords("dear")


def test_costs_by_size():
    b, clock = budget(share=0.01, allowance=1.0)
    with b.paying("images", times=100):
        clock.now += 0.1
    assert b.costs["images"] == pytest.approx(0.001)
    assert b.affords("images", times=800)
    assert not b.affords("images", times=1000)


def test_an_error_inside_is_paid_and_passed_on():
    b, clock = budget()

    def fails() -> None:
        with b.paying("look"):
            clock.now += 0.2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert b.spent == pytest.approx(0.2)


def test_infinity_affords_everything():
    b, _ = budget(share=math.inf)
    with b.paying("look"):
        pass
    b.pay(1e9, "look")
    b.earn(0.0)
    assert b.affords("look")


def test_a_part_is_not_starved_by_the_rest():
    b, clock = budget(share=0.01, allowance=1.0)
    part = b.part(0.3)
    assert (part.balance, b.balance) == (pytest.approx(0.3), pytest.approx(0.7))
    with b.paying("look"):
        clock.now += 5.0
    assert part.affords("look")
    part.earn(100.0)
    assert part.balance == pytest.approx(0.6)
    whole, _ = budget(share=math.inf)
    assert whole.part(0.3).balance == whole.balance == math.inf
