"""Sick, healthy and near-miss runs for A5."""

from __future__ import annotations

import pytest

from striate.core.inside_records import NonFiniteSeen
from striate.diagnosis.conditions.bad_initialisation import CONDITION
from tests.patients.moving import STEPS, activation, inside, layer, network, point, run
from tests.patients.seen import loop

SHORT = (point(0.3, 1.9),)
NOTHING = (point(0.1, 2.3),)


def stds(*values):
    return inside(activations=tuple(activation(i, std=s) for i, s in enumerate(values)))


def names(found):
    return [e.name for e in found.evidence]


def test_sick_all_zero():
    zero = tuple(layer(i, weight=0.0) for i in range(4))
    found = CONDITION.examine(run(inside=inside().model_copy(update={"layers": zero}), epochs=NOTHING))
    assert (found.state, found.severity, names(found)) == ("present", "critical", ["zero_layers"])


def test_sick_equal_filters():
    found = CONDITION.examine(run(network=network(filter_cosine=1.0), epochs=SHORT))
    assert (found.state, found.severity, names(found)) == ("present", "warning", ["filter_cosine"])


def test_sick_confident_nonsense():
    assert names(CONDITION.examine(run(network=network(initial_loss=110.0), epochs=SHORT))) == [
        "initial_loss"
    ]


def test_sick_the_signal_grows_from_layer_to_layer():
    found = CONDITION.examine(run(inside=stds(0.6, 3.0, 12.0, 60.0), epochs=SHORT))
    assert names(found) == ["std_ratio"]
    assert found.evidence[0].value == pytest.approx(100 ** (1 / 3))


def test_sick_the_signal_is_drowned_by_biases():
    assert names(CONDITION.examine(run(inside=stds(0.1, 0.03, 0.02), epochs=NOTHING))) == ["last_std"]


def test_sick_learnt_by_heart_from_a_loud_start():
    apart = point(0.99, 0.02, val_accuracy=0.8, val_n=500)
    assert CONDITION.examine(run(network=network(initial_loss=110.0), epochs=(apart,))).severity == "warning"


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"


@pytest.mark.parametrize(
    "parts",
    [
        {"network": network(initial_loss=110.0), "epochs": (point(0.99, 0.03),)},
        {"network": network(initial_loss=3.2)},
        {"inside": stds(0.6, 3.0, 12.0, 60.0), "network": network(normalisations=4)},
        {"inside": stds(0.1, 0.03, 0.02), "epochs": SHORT},
        {"network": network(initial_loss=9.0), "inside": inside(eval_mode_accuracy=(0.5,) * 5)},
    ],
    ids=["learnt", "half-a-nat", "normalised", "faint-and-learning", "pretrained"],
)
def test_near_miss(parts):
    assert CONDITION.examine(run(**parts)).state == "absent"


def test_near_miss_faint_behind_a_usual_start():
    # Weights of the framework's own size, a rate that learns nothing: the rate is to blame.
    faint = stds(0.17, 0.066, 0.041)
    usual = faint.model_copy(update={"layers": tuple(layer(i, weight=2.3) for i in range(4))})
    assert CONDITION.examine(run(inside=usual, epochs=NOTHING)).state == "absent"


def test_near_miss_a_last_layer_of_zero():
    layers = (*(layer(i) for i in range(3)), layer(3, weight=0.0, update=(0.01,) * len(STEPS)))
    assert CONDITION.examine(run(inside=inside().model_copy(update={"layers": layers}))).state == "absent"


def test_near_miss_dead_from_the_start_because_of_biases():
    dead = inside(
        activations=(activation(0, std=0.3, dead=1.0), activation(1, std=0.01), activation(2, std=0.01))
    )
    found = CONDITION.examine(run(inside=dead, epochs=NOTHING))
    assert (found.state, "dead from the start" in found.why) == ("absent", True)


def test_a_moderately_loud_start_is_only_worth_knowing():
    """At three times the loss of a constant answer; unless steps as large as the loss will bear hardly move the weights."""
    loud = network(initial_loss=7.0)
    assert CONDITION.examine(run(network=loud)).severity == "info"
    assert CONDITION.examine(run(network=loud, inside=inside(ratio=5e-4))).severity == "warning"
    assert CONDITION.examine(run(network=loud, inside=inside(ratio=5e-4, bend=0.01))).severity == "info"


def test_unseen():
    assert CONDITION.examine(run(inside=None, network=None)).state == "unseen"


def test_near_miss_a_look_that_was_taken_after_values_had_blown_up():
    exploded = NonFiniteSeen(step=3, where="weights", first_loss=2.31)
    late = run(network=network(initial_loss=1e6), loop=loop(non_finite=exploded), epochs=(point(0.1, 9.0),))
    assert CONDITION.examine(late).state == "absent"
    assert (
        CONDITION.examine(run(network=network(initial_loss=1e6), epochs=(point(0.1, 9.0),))).state
        == "present"
    )
