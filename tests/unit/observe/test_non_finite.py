"""The first place that was not finite."""

from __future__ import annotations

import math

import pytest

from striate.observe.non_finite import NonFiniteWatch
from striate.observe.outputs_watch import Read


def read(step: int, **more) -> Read:
    return Read(**{"step": step, "loss": 2.0, "hits": 1, "n": 8, "finite": True} | more)


CASES = {
    "input": (read(3), False, "input"),
    "input of some images": (read(3, finite=False, bad_rows=(1,)), True, "input"),
    "weights": (read(3, finite=False, bad_rows=tuple(range(8))), True, "weights"),
    "gradient": (read(3, gradient_finite=False), True, "gradient"),
    "outputs": (read(3, loss=math.inf), True, "outputs"),
}


@pytest.mark.parametrize("name", CASES)
def test_where(name):
    bad, finite, where = CASES[name]
    watch = NonFiniteWatch()
    watch.take(read(1, loss=2.3), lr=0.1, input_finite=True)
    watch.take(read(2, loss=40.0), lr=0.1, input_finite=True)
    assert watch.seen is None
    watch.take(bad, lr=0.2, input_finite=finite)
    watch.take(read(4, finite=False), lr=0.3, input_finite=True)
    assert watch.seen is not None
    assert (watch.seen.step, watch.seen.where, watch.seen.lr) == (3, where, 0.2)
    assert (watch.seen.first_loss, watch.seen.largest_before) == (2.3, 40.0)


def test_at_the_first_step_no_step_can_have_broken_the_weights():
    watch = NonFiniteWatch()
    watch.take(read(1, finite=False, bad_rows=tuple(range(8))), lr=0.1, input_finite=True)
    assert watch.seen is not None
    assert watch.seen.where == "activations"
