"""Each ported rule fires on the number that its tool's documentation names, and is silent on little."""

from __future__ import annotations

import pytest

from benchmarks.clinic.ports.autotrainer import autotrainer
from benchmarks.clinic.ports.deepdiagnosis import deepdiagnosis
from benchmarks.clinic.ports.sagemaker import sagemaker
from benchmarks.clinic.ports.umlaut import umlaut
from striate.core.data_observation import DataSeen, SplitSeen
from striate.core.inside_records import (
    ActivationSeries,
    Inside,
    LayerSeries,
    LoopSeen,
    NonFiniteSeen,
    OutputsSeen,
    ParameterSeen,
)
from striate.core.observation_records import EpochPoint, Observation, Setting, StepSeries

SETTING = Setting(source="attached")


def layer(name: str, depth: int, grad: float = 0.1, weight: float = 1.0, update: float = 1e-3) -> LayerSeries:
    return LayerSeries(
        name=name, kind="conv", depth=depth, parameters=100, width=4, grad=(grad,) * 3, weight=(weight,) * 3, update=(update,) * 3
    )  # fmt: skip


def activation(
    zero: float = 0.5, dead: float = 0.0, saturated: float = 0.0, mean: float = 0.1
) -> ActivationSeries:
    return ActivationSeries(
        name="relu", kind="ReLU", depth=0, channels=4, mean=(mean,), std=(1.0,), zero=(zero,), saturated=(saturated,), dead=(dead,)
    )  # fmt: skip


def inside(*layers: LayerSeries, activations: tuple[ActivationSeries, ...] = ()) -> Observation:
    return Observation(setting=SETTING, inside=Inside(layers=layers, activations=activations))


def curve(*points: tuple[float, float, float, float], **more) -> Observation:
    epochs = tuple(
        EpochPoint(epoch=n, train_loss=a, train_accuracy=b, val_loss=c, val_accuracy=d)
        for n, (a, b, c, d) in enumerate(points, 1)
    )
    return Observation(setting=SETTING, epochs=epochs, **more)


def data(**more) -> Observation:
    usual = {"split": "train", "n": 100, "shape": (1, 8, 8), "dtype": "float32", "mean": (0.0,), "std": (0.5,), "low": -1.0, "high": 1.0, "counts": (50, 50)}  # fmt: skip
    return Observation(setting=SETTING, data=DataSeen(train=SplitSeen(**usual | more)))


LOOP = {"optimizer_steps": 9, "backwards": 9, "train_forwards": 9}
NAN = Observation(setting=SETTING, loop=LoopSeen(**LOOP, non_finite=NonFiniteSeen(step=3, where="outputs")))
STILL = ParameterSeen(
    name="w", numel=9, requires_grad=True, in_optimizer=True, gradient="seen", changed=False
)
GOOD = ((1.0, 0.7, 1.0, 0.7), (0.8, 0.8, 0.82, 0.8), (0.6, 0.9, 0.63, 0.9))

FIRES = [
    (sagemaker, NAN, "non-finite"),
    (sagemaker, Observation(setting=SETTING, loop=LoopSeen(**LOOP, parameters=(STILL,))), "parameters-not-updated"),
    (sagemaker, inside(layer("a", 0, grad=5e-7)), "vanishing-gradient"),
    (sagemaker, inside(activations=(activation(dead=0.6),)), "dead-relu"),
    (sagemaker, inside(activations=(activation(saturated=0.6),)), "saturated-activations"),
    (sagemaker, inside(layer("a", 0), layer("b", 1, weight=4.0)), "bad-initialisation"),
    (sagemaker, inside(layer("a", 0, update=11.0)), "learning-rate-too-high"),
    (sagemaker, inside(layer("a", 0, update=1e-9)), "learning-rate-too-low"),
    (sagemaker, curve((1.0, 0.7, 1.2, 0.7)), "overfitting"),
    (sagemaker, curve(*[(1.0, 0.7, 1.0, 0.7)] * 12), "late-overfitting"),
    (sagemaker, data(counts=(110, 10)), "class-imbalance"),
    (sagemaker, data(mean=(0.3,)), "input-not-scaled"),
    (autotrainer, NAN, "non-finite"),
    (autotrainer, inside(layer("a", 0, grad=5e-5), layer("b", 1, grad=1.0)), "vanishing-gradient"),
    (autotrainer, inside(layer("a", 0, grad=80.0), layer("b", 1, grad=1.0)), "learning-rate-too-high"),
    (autotrainer, inside(layer("a", 0), layer("b", 1), activations=(activation(dead=0.8),)), "dead-relu"),
    (autotrainer, curve(*[(1, 0.7, 1, 0.7), (1, 0.7, 1, 0.6)] * 3), "learning-rate-too-high"),
    (autotrainer, curve(*[(1, 0.7, 1, 0.7)] * 3), "learning-rate-too-low"),
    (autotrainer, curve((1, 0.3, 1, 0.3), (1, 0.4, 1, 0.4)), "underfitting"),
    (deepdiagnosis, NAN, "non-finite"),
    (deepdiagnosis, inside(activations=(activation(zero=0.75),)), "dead-relu"),
    (deepdiagnosis, inside(layer("a", 0, weight=0.01)), "bad-initialisation"),
    (deepdiagnosis, Observation(setting=Setting(source="attached", lr=0.2)), "learning-rate-too-high"),
    (deepdiagnosis, Observation(setting=Setting(source="attached", lr=1e-6)), "learning-rate-too-low"),
    (deepdiagnosis, curve((1, 0.3, 1, 0.3), (1, 0.3, 1, 0.3)), "underfitting"),
    (umlaut, NAN, "non-finite"),
    (umlaut, data(high=1.5), "input-not-scaled"),
    (umlaut, Observation(setting=SETTING, loop=LoopSeen(**LOOP, outputs=OutputsSeen(checked=9, probabilities=1.0))), "softmax-before-loss"),
    (umlaut, Observation(setting=Setting(source="attached", lr=0.02)), "learning-rate-too-high"),
    (umlaut, curve((1.0, 0.7, 1.0, 0.7), (0.9, 0.7, 1.1, 0.7)), "overfitting"),
    (umlaut, curve((1.0, 0.7, 1.0, 0.8)), "train-val-overlap"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "seen", "slug"), FIRES, ids=[f"{r.__name__}-{s}-{n}" for n, (r, _, s) in enumerate(FIRES)]
)
def test_fires(rules, seen, slug):
    assert slug in rules(seen)


@pytest.mark.parametrize("rules", [sagemaker, autotrainer, deepdiagnosis, umlaut])
def test_silent_on_what_is_good_by_its_own_rules(rules):
    steps = StepSeries(step=(1, 11, 21), loss=(2.0, 1.5, 1.0), **dict.fromkeys(("accuracy", "lr", "grad_norm", "seconds", "wait", "memory"), (0.0,) * 3))  # fmt: skip
    assert rules(curve(*GOOD, steps=steps)) == ()
    assert rules(Observation(setting=SETTING)) == ()


def test_deepdiagnosis_stops_at_the_first():
    seen = inside(layer("a", 0, weight=0.01), activations=(activation(zero=0.75),))
    assert deepdiagnosis(seen) == ("dead-relu",)


def test_sagemaker_looks_at_losses_ten_steps_apart():
    steps = StepSeries(step=(1, 5, 11), loss=(1.0, 3.0, 0.9), **dict.fromkeys(("accuracy", "lr", "grad_norm", "seconds", "wait", "memory"), (0.0,) * 3))  # fmt: skip
    assert sagemaker(Observation(setting=SETTING, steps=steps)) == ()
