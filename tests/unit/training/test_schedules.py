"""Learning rates by formula, at the ends and against torch's own schedulers."""

import pytest
import torch

from striate.training.schedules import Schedule


def test_cosine_is_torchs():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    ours = Schedule("cosine", peak=0.1, total=50)
    for step in range(50):
        assert ours(step) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9)
        optimizer.step()
        oracle.step()


def test_warm_up_climbs_in_equal_steps_to_the_peak():
    s = Schedule("cosine", peak=1.0, total=100, warmup=4)
    assert [s(i) for i in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_step_divides_by_ten_at_half_and_three_quarters():
    s = Schedule("step", peak=1.0, total=8)
    assert [s(i) for i in range(8)] == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])


def test_one_cycle_starts_low_peaks_at_a_third_and_ends_near_zero():
    s = Schedule("onecycle", peak=1.0, total=100)
    values = [s(i) for i in range(100)]
    assert values[0] == pytest.approx(0.04)
    assert values.index(max(values)) == 30
    assert max(values) == 1.0
    assert values[-1] < 0.01


def test_constant_is_constant_after_warm_up():
    assert {Schedule("constant", peak=0.3, total=10)(i) for i in range(10)} == {0.3}


@pytest.mark.parametrize("kind", ["cosine", "onecycle", "step", "constant"])
@pytest.mark.parametrize("total", [1, 2, 3, 10])
def test_no_rate_is_zero_or_above_the_peak(kind, total):
    s = Schedule(kind, peak=0.1, total=total, warmup=total - 1)
    assert all(0 < s(i) <= 0.1 for i in range(total))
