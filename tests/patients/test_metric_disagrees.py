"""Sick, healthy and near-miss runs for E1."""

from __future__ import annotations

from striate.core.observation_records import Declared, EpochPoint
from striate.diagnosis.conditions.metric_disagrees import CONDITION
from tests.patients.looking import RISING, curve, data, split
from tests.patients.seen import case, loop, setting


def logged(*values: float) -> tuple[EpochPoint, ...]:
    """The usual curve, and what the loop said of it."""
    return tuple(
        p.model_copy(update={"logged_val_accuracy": v}) for p, v in zip(curve(), values, strict=False)
    )


def test_sick_maximum_over_the_wrong_dimension():
    found = CONDITION.examine(case(epochs=logged(0.1, 0.12, 0.09, 0.11)))
    assert (found.state, found.severity, found.onset_epoch) == ("present", "warning", 1.0)


def test_sick_denominator_of_whole_batches():
    found = CONDITION.examine(case(epochs=logged(*(a * 1000 / 1015 for a in RISING))))
    assert found.state == "present"
    assert "same at 10 evaluations" in found.evidence[1].sentence


def test_sick_one_of_two_answers_may_be_right():
    close = tuple(min(1.0, a + 0.012) for a in RISING)
    assert CONDITION.examine(case(epochs=logged(*close))).state == "present"


def test_sick_only_while_answers_are_unsure():
    better = (0.75, 0.9, 0.95, *(a + 0.003 for a in RISING[3:]))
    assert CONDITION.examine(case(epochs=logged(*better))).state == "present"


def test_near_miss_written_down_an_epoch_late():
    assert CONDITION.examine(case(epochs=logged(0.1, *RISING[:-1]))).state == "absent"


def test_near_miss_one_evaluation_differs():
    assert CONDITION.examine(case(epochs=logged(0.55, *RISING[1:]))).state == "absent"


def test_near_miss_averaged_weights_are_another_network():
    apart = logged(*(a + 0.04 for a in RISING))
    assert CONDITION.examine(case(epochs=apart, loop=loop(val_forwards=0))).state == "unseen"
    assert CONDITION.examine(case(epochs=apart, loop=loop(val_forwards=80))).state == "present"


def test_sick_one_batch_only():
    found = CONDITION.examine(case(epochs=curve(), data=data(val=split("val", n=100, expected=1000))))
    assert (found.state, found.severity) == ("present", "warning")


def test_healthy():
    assert CONDITION.examine(case(epochs=logged(*RISING), data=data())).state == "absent"
    assert CONDITION.examine(case(epochs=curve(), data=data())).state == "absent"
    assert CONDITION.examine(case(epochs=curve())).state == "unseen"


def test_near_miss_mean_over_batches_of_two_sizes():
    off = (0.506, 0.694, 0.803, 0.866, 0.894, 0.92, 0.937, 0.936, 0.951, 0.95)
    assert CONDITION.examine(case(epochs=logged(*off))).state == "absent"


def test_near_miss_percent():
    assert CONDITION.examine(case(epochs=logged(*(100 * a for a in RISING)))).state == "absent"


def test_near_miss_averaged_weights():
    apart = logged(*(a + 0.04 for a in RISING))
    assert CONDITION.examine(case(epochs=apart)).state == "present"
    assert CONDITION.examine(case(epochs=apart, declared=Declared(average=True))).state == "absent"


def test_near_miss_parts_of_val_that_are_meant():
    short = data(val=split("val", n=960, expected=1000))
    assert CONDITION.examine(case(data=short)).severity == "info"
    sampled = data(train=split("train", n=4000, expected=5000), val=split("val", n=1000, expected=5000))
    assert CONDITION.examine(case(epochs=logged(*RISING), data=sampled)).state == "absent"
    broken_off = data(val=split("val", n=100, expected=1000))
    assert CONDITION.examine(case(data=broken_off, setting=setting(finished=False))).state != "present"
