"""Sick, healthy and near-miss runs for N4."""

from __future__ import annotations

from striate.core.data_observation import RepeatSeen
from striate.diagnosis.conditions.preprocessing_mismatch import CONDITION
from tests.patients.looking import RISING, curve, data, split
from tests.patients.seen import case

RAW = data(val=split("val", mean=(0.5, 0.49, 0.45), std=(0.25, 0.24, 0.26), low=0.0, high=1.0))
ERASED = data(train=split("train", low=-4.2, high=4.1, std=(1.1, 1.1, 1.1)))
LAGGING = curve(tuple(a - 0.25 for a in RISING), train=RISING, clean=RISING)
# Clean train runs away from val as time goes on.
OVERFIT = curve((0.5, 0.6, 0.65, 0.65, 0.64), clean=(0.5, 0.66, 0.8, 0.95, 1.0))


def test_sick_only_train_is_normalised():
    found = CONDITION.examine(case(data=RAW, epochs=LAGGING))
    assert (found.state, found.severity, found.onset_epoch) == ("present", "warning", 1.0)
    assert CONDITION.examine(case(data=RAW, epochs=curve((0.1,) * 10, train=RISING))).severity == "critical"


def test_sick_behind_at_the_end_where_train_comes_as_it_is():
    # Early on, train as trained is the mean over an epoch of fast learning.
    epochs = curve((0.41, 0.65, 0.8, 0.94, 0.95), train=(0.28, 0.67, 0.9, 0.98, 1.0))
    assert CONDITION.examine(case(data=RAW, epochs=epochs)).state == "present"
    clipped = {"val": split("val", low=-0.8, std=(0.95, 0.95, 0.95))}
    plain = data(**clipped, repeats=(RepeatSeen(split="train", passes=2, images=2000, same=2000),))
    assert CONDITION.examine(case(data=plain, epochs=epochs)).state == "present"
    assert CONDITION.examine(case(data=data(**clipped), epochs=epochs)).severity == "info"


def test_sick_channels_in_another_order():
    swapped = data(
        train=split("train", mean=(0.49, 0.48, 0.45), std=(0.25, 0.24, 0.26), low=0.0, high=1.0),
        val=split("val", mean=(0.45, 0.48, 0.49), std=(0.26, 0.24, 0.25), low=0.0, high=1.0),
    )
    found = CONDITION.examine(case(data=swapped, epochs=LAGGING))
    assert found.state == "present"
    assert "order 2, 1, 0" in found.sentence


def test_sick_another_type():
    assert (
        CONDITION.examine(case(data=data(val=split("val", dtype="uint8")), epochs=LAGGING)).state == "present"
    )


def test_sick_channels_off_in_both_directions():
    mixed = data(val=split("val", mean=(0.2, 0.0, -0.2)))
    found = CONDITION.examine(case(data=mixed, epochs=LAGGING))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_healthy():
    assert CONDITION.examine(case(data=data(), epochs=curve())).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"
    assert CONDITION.examine(case(data=data(val=split("val", n=20)))).state == "unseen"


def test_near_miss_erasing_and_padding_of_train():
    found = CONDITION.examine(case(data=ERASED, epochs=curve(RISING, train=tuple(a - 0.1 for a in RISING))))
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_overfitting_opens_a_gap_later():
    assert CONDITION.examine(case(data=ERASED, epochs=OVERFIT)).severity == "info"


def test_near_miss_batch_norm_closes_a_gap_early():
    settling = curve((0.1, 0.4, 0.78, 0.85), train=(0.5, 0.7, 0.8, 0.86))
    assert CONDITION.examine(case(data=RAW, epochs=settling)).severity == "info"


def test_near_miss_darker_pictures_are_a_shift():
    dark = data(
        train=split("train", mean=(0.5, 0.5, 0.5), std=(0.25,) * 3, low=0.0, high=1.0),
        val=split("val", mean=(0.3, 0.3, 0.3), std=(0.15,) * 3, low=0.0, high=0.6),
    )
    assert CONDITION.examine(case(data=dark, epochs=LAGGING)).state == "absent"


def test_near_miss_lag_within_noise():
    mixed = data(val=split("val", mean=(0.2, 0.0, -0.2)))
    for lag, state in ((0.02, "absent"), (0.06, "suspected")):
        epochs = curve(tuple(a - lag for a in RISING), train=RISING)
        assert CONDITION.examine(case(data=mixed, epochs=epochs)).state == state


def test_near_miss_lag_without_a_difference():
    assert CONDITION.examine(case(data=data(), epochs=LAGGING)).state == "absent"


LIGHT_ABOVE = tuple(1.0 if i < 32 else -1.0 for i in range(64))


def test_sick_val_is_inverted():
    dark_above = tuple(-v for v in LIGHT_ABOVE)
    seen = data(train=split("train", thumbnail=LIGHT_ABOVE * 3), val=split("val", thumbnail=dark_above * 3))
    found = CONDITION.examine(case(data=seen, epochs=LAGGING))
    assert (found.state, "dark where the other is light" in found.sentence) == ("present", True)
    alike = data(train=split("train", thumbnail=LIGHT_ABOVE * 3), val=split("val", thumbnail=LIGHT_ABOVE * 3))
    assert CONDITION.examine(case(data=alike, epochs=LAGGING)).state == "absent"


def test_sick_channels_in_another_order_after_each_was_standardised():
    shapes = (LIGHT_ABOVE, tuple(0.5 * v for v in LIGHT_ABOVE), tuple(0.2 * v for v in LIGHT_ABOVE))
    even = {"mean": (0.0,) * 3, "std": (1.0,) * 3}
    train = split("train", thumbnail=sum(shapes, ()), **even)
    val = split("val", thumbnail=sum(shapes[::-1], ()), **even)
    found = CONDITION.examine(case(data=data(train=train, val=val), epochs=LAGGING))
    assert (found.state, "order 2, 1, 0" in found.sentence) == ("present", True)


def test_near_miss_noise_on_training_images_is_no_preparation_of_val():
    noisy = data(
        train=split("train", std=(3.0, 3.0, 3.0), low=-14.0, high=14.0),
        repeats=(RepeatSeen(split="train", passes=2, images=2000, same=0),),
    )
    epochs = curve((0.54, 0.43, 0.45, 0.43), train=(0.31, 0.44, 0.46, 0.49))
    assert CONDITION.examine(case(data=noisy, epochs=epochs)).severity == "info"
