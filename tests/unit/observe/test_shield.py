"""Errors end here, time is accounted for."""

from __future__ import annotations

import logging
import time

import pytest

from striate.observe.shield import Shield


def fails() -> None:
    raise ZeroDivisionError("planted")


def test_what_failed_is_not_run_again_and_is_said_once(caplog):
    shield, done = Shield(), []
    with caplog.at_level(logging.WARNING, logger="striate"):
        shield.run("part", fails)
        shield.run("part", done.append, 1)
        shield.run("other", done.append, 2)
        shield.say("the same")
        shield.say("the same")
    assert done == [2]
    assert shield.problems == ["watching the part stopped: ZeroDivisionError: planted", "the same"]
    assert len(caplog.records) == 2


def test_being_stopped_is_no_error():
    def stopped() -> None:
        raise KeyboardInterrupt

    shield = Shield()
    with pytest.raises(KeyboardInterrupt):
        shield.run("part", stopped)
    assert not shield.broken


def test_nested_work_is_counted_once():
    shield = Shield()

    def outer() -> None:
        shield.run("inner", time.sleep, 0.03)

    begin = time.perf_counter()
    shield.run("outer", outer)
    passed = time.perf_counter() - begin
    wall, thread = shield.settle()
    assert 0.03 <= wall <= passed
    assert thread < wall
    assert shield.settle() == (0.0, 0.0)
