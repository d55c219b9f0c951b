"""Two sittings as one: series follow each other, counts add up."""

from __future__ import annotations

import pytest

from striate.core.inside_records import Inside, LayerSeries, LoopSeen, NonFiniteSeen
from striate.core.joined_observation import joined
from striate.core.observation_records import EpochPoint, Observation, Setting, StepSeries

SETTING = Setting(source="run", classes=3)


def layer(*grad: float, name: str = "conv") -> LayerSeries:
    return LayerSeries(
        name=name, kind="conv", depth=0, parameters=9, width=3, grad=grad, weight=grad, update=grad
    )


def sitting(steps: int, **more) -> Observation:
    series = tuple(range(1, steps + 1))
    values = tuple(float(s) for s in series)
    usual = {
        "setting": SETTING,
        "epochs": (EpochPoint(epoch=1.0, step=steps),),
        "steps": StepSeries(**dict.fromkeys(StepSeries.model_fields, values) | {"step": series}),
        "loop": LoopSeen(optimizer_steps=steps, backwards=steps, train_forwards=steps),
        "inside": Inside(
            step=series, layers=(layer(*values),), predicted=values, probe_step=(0, steps), batch=8
        ),
    }
    return Observation(**usual | more)


def test_the_first_sitting_is_itself():
    assert joined(None, sitting(3)) == sitting(3)


def test_series_follow_and_counts_add():
    both = joined(sitting(3), sitting(2))
    assert both.steps.step == (1, 2, 3, 4, 5)
    assert both.steps.loss == (1.0, 2.0, 3.0, 1.0, 2.0)
    assert (both.loop.optimizer_steps, both.loop.backwards) == (5, 5)
    assert both.inside.step == (1, 2, 3, 4, 5)
    assert both.inside.probe_step == (0, 3, 3, 5)
    assert both.inside.predicted == both.inside.layers[0].grad == (1.0, 2.0, 3.0, 1.0, 2.0)
    assert (both.inside.batch, len(both.epochs)) == (8, 2)


def test_three_sittings_are_two_and_one():
    assert joined(joined(sitting(3), sitting(2)), sitting(1)).steps.step == (1, 2, 3, 4, 5, 6)


def test_other_layers_begin_anew():
    other = sitting(2, inside=Inside(step=(1, 2), layers=(layer(1.0, 2.0, name="other"),)))
    assert joined(sitting(3), other).inside == other.inside


@pytest.mark.parametrize("part", ["loop", "inside", "network", "data"])
def test_what_one_of_them_did_not_see_is_the_others(part):
    a, b = sitting(3), sitting(2, **{part: None})
    assert getattr(joined(a, b), part) == getattr(a, part)
    assert getattr(joined(b, a), part) == getattr(a, part)


def test_what_broke_first_stays():
    broke = NonFiniteSeen(step=2, where="weights")
    loop = LoopSeen(optimizer_steps=2, backwards=2, train_forwards=2, non_finite=broke)
    assert joined(sitting(2, loop=loop), sitting(2)).loop.non_finite == broke


def test_it_is_a_record_that_can_be_written():
    both = joined(sitting(3), sitting(2))
    assert Observation.from_json(both.to_json()) == both
