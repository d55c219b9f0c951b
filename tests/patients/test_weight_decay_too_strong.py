"""Sick, healthy and near-miss runs for O7."""

from __future__ import annotations

import pytest

from striate.core.inside_records import Inside
from striate.core.observation_records import Setting
from striate.diagnosis.case import Case
from striate.diagnosis.conditions.weight_decay_too_strong import CONDITION
from tests.patients.moving import STEPS, inside, layer, point, run
from tests.patients.seen import setting


def falling(to: float, end: float = 0.3, **more) -> Case:
    sizes = tuple(1 + (to - 1) * s / STEPS[-1] for s in STEPS)
    layers = tuple(
        layer(i, update=(0.01,) * len(STEPS)).model_copy(update={"weight": sizes}) for i in range(4)
    )
    usual = {"weight_decay": 0.1} | more
    return run(
        inside=inside().model_copy(update={"layers": layers}),
        epochs=(point(end, 2.0),),
        setting=Setting(**setting().model_dump() | usual),
    )


def test_sick_weights_fall_to_a_third():
    """A rate and a decay of 0.1 at a momentum of 0.9: s^2 = 2 lr wd / (1 - m) = 0.2."""
    found = CONDITION.examine(falling(0.3))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.remedies is not None
    assert found.remedies[0].settings == {"weight_decay": 0.01}
    assert found.evidence[1].value == pytest.approx(0.2**0.5)


def test_sick_nothing_is_left():
    assert CONDITION.examine(falling(0.001, end=0.1)).severity == "critical"
    assert CONDITION.examine(falling(0.001, optimizer="Adam")).state == "present"
    assert CONDITION.examine(falling(0.001, weight_decay=None)).state == "present"


def test_healthy():
    assert CONDITION.examine(run(setting=setting(weight_decay=5e-4))).state == "absent"


@pytest.mark.parametrize(
    "case",
    [
        falling(0.3, end=0.99),
        falling(0.3, weight_decay=5e-4),
        falling(0.3, weight_decay=0.0),
        falling(0.8),
        falling(0.3, optimizer="Adam"),
        falling(0.3, optimizer="AdamW"),
    ],
    ids=["learnt", "usual", "off", "little", "coupled", "decoupled-and-weak"],
)
def test_near_miss(case):
    """AdamW with a rate and a decay of 0.1: s = sqrt(2 * 0.01) = 0.14, still below the margin."""
    assert CONDITION.examine(case).state == "absent"


def test_sick_by_its_setting_where_weights_were_seen_early_only():
    early = tuple(layer(i, grad=(0.1,) * 3, weight=(1.0,) * 3) for i in range(4))
    short = Inside(step=(1, 2, 4), lr=(0.1,) * 3, layers=early)
    for decay, state in ((0.1, "suspected"), (5e-4, "absent"), (None, "unseen")):
        assert CONDITION.examine(run(inside=short, setting=setting(weight_decay=decay))).state == state


def test_unseen():
    assert CONDITION.examine(run(inside=None)).state == "unseen"
