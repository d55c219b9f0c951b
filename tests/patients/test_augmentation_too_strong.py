"""Sick, healthy and near-miss runs for U2."""

from __future__ import annotations

from striate.core.data_observation import RepeatSeen
from striate.core.inside_records import NetworkSeen
from striate.diagnosis.conditions.augmentation_too_strong import CONDITION
from tests.patients.looking import agreement, curve, data, split, with_outputs
from tests.patients.seen import case, setting

WEAK = (0.2, 0.3, 0.38, 0.4, 0.41, 0.41, 0.42, 0.41, 0.42)
ABLE = (0.4, 0.55, 0.65, 0.7, 0.71, 0.71, 0.71, 0.71, 0.71)
STUCK = curve(ABLE, train=WEAK, clean=ABLE)


def test_sick():
    found = CONDITION.examine(case(epochs=STUCK, data=data()))
    assert (found.state, found.severity) == ("suspected", "warning")
    assert CONDITION.examine(case(epochs=curve(ABLE, train=WEAK))).severity == "warning"


def test_sick_neighbours_do_better():
    able = curve(ABLE, train=WEAK, clean=tuple(a + 0.1 for a in ABLE))
    assert CONDITION.examine(case(epochs=able, data=data())).severity == "info"
    beaten = data(agreement=agreement(neighbours_right=900))
    found = CONDITION.examine(case(epochs=able, data=beaten))
    assert found.severity == "warning"
    assert found.evidence[1].name == "neighbours"


def test_healthy():
    assert CONDITION.examine(case(epochs=curve())).state == "absent"
    assert CONDITION.examine(case(epochs=curve((0.5, 0.6)))).state == "unseen"


def test_near_miss_strong_and_right():
    good = tuple(min(0.96, a + 0.25) for a in ABLE)
    found = CONDITION.examine(case(epochs=curve(good, train=tuple(w + 0.2 for w in WEAK), clean=good)))
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_still_learning():
    rising = tuple(0.3 + 0.05 * i for i in range(9))
    found = CONDITION.examine(case(epochs=curve(rising, train=tuple(a - 0.3 for a in rising))))
    assert found.severity == "info"


def test_near_miss_mixed_labels():
    assert CONDITION.examine(case(epochs=STUCK, setting=setting(augmentation=("MixUp",)))).state == "absent"
    assert CONDITION.examine(case(epochs=STUCK, loop=with_outputs(implied_right=0.6))).state == "absent"


def test_near_miss_dropout_and_no_augmentation():
    dropping = NetworkSeen(kind="Net", input_size=(3, 32, 32), parameters=1000, dropout=0.5)
    assert CONDITION.examine(case(epochs=STUCK, network=dropping)).state == "absent"
    again = data(repeats=(RepeatSeen(split="train", passes=2, images=2000, same=2000),))
    assert CONDITION.examine(case(epochs=STUCK, data=again)).state == "absent"


VARIED = RepeatSeen(split="train", passes=2, images=2000, same=0)
LEVEL = (0.3, 0.42, 0.45, 0.45, 0.46, 0.45, 0.45, 0.46, 0.45)


def drowned(**more: object):
    """Training images under so much noise that they vary three times as much as those of val."""
    train = {"std": (3.0, 3.0, 3.0), "low": -12.0, "high": 12.0} | more
    return data(train=split("train", **train), repeats=(VARIED,))


def test_sick_images_that_look_like_no_others():
    found = CONDITION.examine(case(epochs=curve(LEVEL), data=drowned()))
    assert (found.state, found.severity, found.evidence[0].name) == ("suspected", "warning", "variance_ratio")


def test_near_miss_noise_that_the_network_copes_with():
    well = tuple(min(0.95, a + 0.5) for a in LEVEL)
    assert CONDITION.examine(case(epochs=curve(well), data=drowned())).state == "absent"


def test_near_miss_another_preparation_of_val():
    # Train is learnt and val never was: what differs is val.
    train = (0.6, 0.7, 0.8, 0.85, 0.86, 0.86, 0.86, 0.86, 0.86)
    found = CONDITION.examine(case(epochs=curve(LEVEL, train=train), data=drowned()))
    assert found.state == "absent"


def test_near_miss_blank_images_among_sharp_ones():
    blank = drowned(std=(1.5, 1.5, 1.5), low=-2.0, high=2.2, constant=600, sharpness=0.14)
    assert CONDITION.examine(case(epochs=curve(LEVEL), data=blank)).state == "absent"
