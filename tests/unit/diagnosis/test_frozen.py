"""How much of a network is frozen."""

from __future__ import annotations

from striate.diagnosis.frozen import mostly_frozen
from tests.patients.seen import case, loop, parameter


def test_more_than_half_of_the_weights():
    body, head = parameter("body", 900, requires_grad=False), parameter("head", 100)
    assert mostly_frozen(case(loop=loop(parameters=(body, head))))
    assert not mostly_frozen(case(loop=loop(parameters=(head, parameter("stem", 50, requires_grad=False)))))
    assert not mostly_frozen(case(loop=loop()))
    assert not mostly_frozen(case())
