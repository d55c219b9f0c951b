"""The list of runs: hosts are split, every core condition is planted, and every plant can be planted."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from benchmarks.clinic.cases import Case, cases
from benchmarks.clinic.controls import CONTROLS
from benchmarks.clinic.faults import CORE, FAULTS, SLUGS
from benchmarks.clinic.hosts import HOSTS, host
from benchmarks.clinic.running import network
from tests.clinic.small import OFFLINE


def test_hosts_of_the_two_parts_share_neither_data_nor_architecture():
    for what in ("data", "network"):
        tune, report = ({getattr(h, what) for h in HOSTS if h.part == part} for part in ("tune", "report"))
        assert tune
        assert report
        assert not tune & report


def test_loops_are_of_several_styles_in_both_parts():
    for part in ("tune", "report"):
        assert len({h.settings["loop"] for h in HOSTS if h.part == part}) >= 4


def test_every_core_condition_is_planted_in_both_parts():
    assert len(CORE) == 33
    for part in ("tune", "report"):
        planted = {FAULTS[c.name].id for c in cases([part]) if c.kind == "fault"}
        assert planted >= CORE


def test_truths_are_conditions():
    for fault in FAULTS.values():
        assert fault.truth
        assert {*fault.truth, *fault.curves} <= SLUGS
        assert not {*fault.truth} & {*fault.curves}


@pytest.mark.parametrize("part", ["tune", "report"])
@pytest.mark.parametrize("hosts", [1, 2])
def test_two_fifths_of_the_runs_are_healthy(part, hosts):
    kinds = Counter(case.kind for case in cases([part], hosts=hosts))
    assert kinds["control"] + kinds["healthy"] >= 0.4 * kinds.total()


def test_labels_are_unique_and_fewer_hosts_are_a_part_of_more():
    many, few = cases(["tune", "report"], seeds=2), cases(["tune"], hosts=1)
    assert len({case.label for case in many}) == len(many)
    assert set(few) <= set(cases(["tune"], hosts=2))


def offline(fits) -> list[str]:
    return [name for name in OFFLINE if fits(host(name))]


@pytest.mark.parametrize("name", FAULTS)
def test_every_plant_makes_a_network_that_answers(name):
    fault = FAULTS[name]
    fitting = offline(fault.fits)
    if not fitting:
        pytest.skip("fits only hosts whose data are files")
    for severity in fault.levels:
        _answers(Case(fitting[0], "fault", name, severity, 0))


@pytest.mark.parametrize(
    "name", [n for n in CONTROLS if n not in ("fine-tuned", "frozen", "frozen-declared")]
)
def test_every_control_makes_a_network_that_answers(name):
    fitting = offline(CONTROLS[name].fits)
    _answers(Case(fitting[-1], "control", name, "", 0))


def _answers(case: Case) -> None:
    plan = case.plan()
    torch.manual_seed(0)
    model = network(plan).eval()
    x = torch.stack([plan.train_scale(image) for image in torch.from_numpy(plan.train.x[:3])])
    with torch.no_grad():
        assert model(x).shape == (3, plan.classes)
    assert plan.train.x.dtype.name == "float32"
    assert plan.train.y.dtype.name == "int64"


def test_a_plan_is_no_other_plans_business():
    for name in ("label-noise", "blank", "val-classes"):
        Case("digits-tanh", "fault", name, "gross", 0).plan()
    plan, again = host("digits-tanh").plan(0), host("digits-tanh").plan(0)
    assert (plan.train.y == again.train.y).all()
    assert (plan.train.x.reshape(len(plan.train), -1).max(1) > 0).all()
    plan.declared["accumulation"] = 4
    assert again.declared == {}
