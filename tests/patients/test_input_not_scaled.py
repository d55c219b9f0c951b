"""Sick, healthy and near-miss runs for N3."""

from __future__ import annotations

from striate.core.data_observation import RepeatSeen
from striate.core.inside_records import NetworkSeen, NonFiniteSeen
from striate.diagnosis.conditions.input_not_scaled import CONDITION
from tests.patients.looking import agreement, curve, data, split
from tests.patients.seen import case, loop

BYTES = data(train=split("train", mean=(120.0, 115.0, 110.0), std=(60.0, 61.0, 62.0), low=0.0, high=255.0))
TINY = data(train=split("train", mean=(0.002,) * 3, std=(0.001,) * 3, low=0.0, high=0.004))


def network(first: float | None = None, norms: int = 0) -> NetworkSeen:
    """A network with its first loss."""
    return NetworkSeen(
        kind="Net", input_size=(3, 32, 32), parameters=1000, initial_loss=first, normalisations=norms
    )


def test_sick_bytes_blow_up_the_first_loss():
    found = CONDITION.examine(case(data=BYTES, network=network(25.0), epochs=curve()))
    assert (found.state, found.severity) == ("present", "warning")
    assert "not divided by 255" in found.sentence
    assert any("first loss is 25" in e.sentence for e in found.evidence)


def test_sick_bytes_and_values_that_are_not_finite():
    lost = loop(non_finite=NonFiniteSeen(step=3, where="outputs"))
    assert CONDITION.examine(case(data=BYTES, loop=lost)).severity == "critical"


def test_sick_divided_twice_and_stuck():
    found = CONDITION.examine(case(data=TINY, network=network(2.3), epochs=curve((0.1, 0.3, 0.4))))
    assert found.severity == "warning"
    assert "twice" in found.sentence


def test_healthy():
    assert CONDITION.examine(case(data=data(), epochs=curve())).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"


def test_near_miss_batch_norm_absorbs_the_scale():
    found = CONDITION.examine(case(data=BYTES, network=network(2.5, norms=3), epochs=curve((0.3, 0.6))))
    assert (found.state, found.severity) == ("present", "info")


def test_near_miss_sparse_images():
    sparse = data(train=split("train", mean=(0.01,) * 3, std=(0.04,) * 3, low=0.0, high=1.0))
    assert CONDITION.examine(case(data=sparse, epochs=curve((0.1, 0.3)))).state == "absent"


def test_near_miss_standardised_images_reach_far_out():
    far = data(train=split("train", low=-6.0, high=12.0))
    assert CONDITION.examine(case(data=far, epochs=curve((0.1, 0.3)))).state == "absent"


def test_sick_simple_judges_do_better_on_images_that_are_too_small():
    late = tuple(0.1 + 0.083 * i for i in range(11))
    judges = TINY.model_copy(update={"agreement": agreement(neighbours_right=985)})
    found = CONDITION.examine(case(data=judges, network=network(2.3), epochs=curve(late, clean=late)))
    assert found.severity == "warning"
    assert (
        CONDITION.examine(case(data=TINY, network=network(2.3), epochs=curve(late, clean=late))).severity
        == "info"
    )


def test_near_miss_noise_that_is_added_to_training_images():
    noisy = data(
        train=split("train", std=(7.0, 7.0, 7.0), low=-30.0, high=30.0),
        repeats=(RepeatSeen(split="train", passes=2, images=2000, same=0),),
    )
    assert CONDITION.examine(case(data=noisy, epochs=curve((0.1, 0.3)))).state == "absent"
