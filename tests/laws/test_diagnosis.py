"""Whatever an observation holds, diagnosing it ends, and no rule of a condition breaks on it.

Observations are sound ones with any of their fields taken away, emptied, blown up or made no number, at any depth. Knows nothing about which
diagnosis is right.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from striate.core.data_observation import FlipSeen, OrderSeen, OverlapSeen, RepeatSeen
from striate.core.observation_records import Observation
from striate.diagnosis import judge
from striate.diagnosis.conditions import all_conditions
from striate.diagnosis.judge import diagnose
from tests.histories import observed, towards
from tests.patients.looking import agreement, confusion, data, outputs
from tests.patients.moving import activation, inside, network, norm, series
from tests.patients.seen import loop, setting


def whole(good: float = 0.7) -> dict[str, Any]:
    """Everything that can be seen, as plain data."""
    seen = Observation(
        setting=setting(),
        epochs=observed(towards(0.2, good, 12), towards(0.2, good - 0.1, 12), lr=[0.1] * 12),
        steps=series([2.3] * 50 + [1.5] * 50),
        loop=loop(outputs=outputs(), mode_layers=2, val_forwards=20),
        inside=inside(
            activations=(activation(0), activation(1, dead=0.6)),
            norms=(norm(0),),
        ),
        network=network(convolutions=6, normalisations=6),
        data=data(
            agreement=agreement(folds=2000, folds_accuracy=0.8, folds_noise=0.1, folds_low=0.05),
            order=OrderSeen(
                entropy=1.0, null_entropy=2.2, null_low=2.1, passes=2, same_order=False, batches=9
            ),
            overlap=OverlapSeen(checked=1000, exact=0, near=10),
            repeats=(RepeatSeen(split="train", passes=2, images=100, same=10),),
            flips=(FlipSeen(transform="flip", used=0.5, flows=((1, 2, 50, 20), (2, 1, 50, 20))),),
            train_confusion=confusion(),
            val_confusion=confusion(),
        ),
    )
    return json.loads(seen.to_json())


ODD = (
    None,
    math.nan,
    math.inf,
    -math.inf,
    0,
    1,
    -1,
    2,
    1e-300,
    1e300,
    10**9,
    0.5,
    "",
    [],
    (),
    [math.nan],
    [0.0],
)
EVERY = 5
"""Of all single damages, so many are passed over for each that is tried on an observation."""
BASES = (whole(), whole(0.11), whole(0.99))


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all that can be replaced."""
    found = [at] if at else []
    items = (
        value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    )
    return found + [path for key, inner in items for path in places(inner, (*at, key))]


PLACES = places(BASES[0])


def damaged(base: dict[str, Any], changes: list[tuple[int, Any]]) -> Observation | None:
    """With the values at some places replaced; None where no record can hold that."""
    content = json.loads(json.dumps(base))
    for number, value in changes:
        *way, last = PLACES[number % len(PLACES)]
        holder = content
        try:
            for key in way:
                holder = holder[key]
            holder[last] = list(value) if isinstance(value, tuple) else value
        except (KeyError, IndexError, TypeError):
            continue  # what stood around it was replaced before
    try:
        return Observation.model_validate(content)
    except ValidationError:
        return None


def broken_rules(seen: Observation) -> list[str]:
    return [f"{e.condition}: {e.why}" for e in diagnose(seen).not_judged if "its rule failed" in e.why]


@pytest.mark.parametrize("at", range(len(BASES)), ids=["good", "guessing", "learnt"])
def test_no_single_damage_breaks_a_rule(at):
    taken = 0
    for n, (number, value) in enumerate((number, value) for number in range(len(PLACES)) for value in ODD):
        if n % EVERY == at:
            seen = damaged(BASES[at], [(number, value)])
            if seen is not None:
                taken += 1
                assert broken_rules(seen) == [], (PLACES[number], value)
    assert taken > 300


changes = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(ODD)), min_size=1, max_size=12)


@given(base=st.sampled_from(BASES), changes=changes)
@settings(max_examples=300, deadline=None)
def test_no_damage_breaks_a_rule(base, changes):
    seen = damaged(base, changes)
    assert seen is None or broken_rules(seen) == []


def test_a_rule_that_fails_is_said_and_leaves_the_rest(monkeypatch):
    def fails(_case: object) -> None:
        raise ZeroDivisionError("nobody thought of it")

    conditions = list(all_conditions())
    conditions[0] = conditions[0].__class__(**{**vars(conditions[0]), "examine": fails})
    monkeypatch.setattr(judge, "all_conditions", lambda: tuple(conditions))
    found = diagnose(Observation.model_validate(BASES[0]))
    said = {e.condition: e.why for e in found.not_judged}
    assert said[conditions[0].name] == "its rule failed: ZeroDivisionError: nobody thought of it"
    assert found.findings
