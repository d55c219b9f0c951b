"""Insides for the patients of dynamics: a sound network while it trains, and ways to change one thing about it.

Knows nothing about conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from striate.core.inside_records import ActivationSeries, Inside, LayerSeries, NetworkSeen, NormSeries
from striate.core.observation_records import EpochPoint, StepSeries
from striate.diagnosis.case import Case
from tests.patients.seen import case, setting

__all__ = ["STEPS", "activation", "inside", "layer", "network", "norm", "point", "run", "series"]

STEPS = (1, 2, 4, 8, 16, 32, 64, 100, 150, 200, 250, 300, 350, 400)
PROBES = (0, 100, 200, 300, 400)


def layer(
    at: int, *, ratio: float = 0.005, grad: float = 0.1, weight: float = 1.0, **more: Any
) -> LayerSeries:
    """Layer number `at`: |dw| / |w| and |g| / |w| the same at every step."""
    n = len(STEPS)
    usual: dict[str, Any] = {
        "name": f"conv{at}",
        "kind": "conv",
        "depth": at,
        "parameters": 1000,
        "width": 16,
        "grad": grad if isinstance(grad, tuple) else (grad * weight,) * n,
        "weight": weight if isinstance(weight, tuple) else (weight,) * n,
    }
    if "update" not in more:
        usual["update"] = tuple(ratio * w for w in usual["weight"])
    return LayerSeries(**usual | more)


def activation(
    at: int, *, dead: float | Sequence[float] = 0.0, kind: str = "ReLU", std: float = 0.6, **more: Any
) -> ActivationSeries:
    """The output after layer number `at`; `dead` at all probes, or one for each."""
    n = len(PROBES)
    shares = (dead,) * n if isinstance(dead, float) else tuple(dead)
    usual: dict[str, Any] = {
        "name": f"act{at}",
        "kind": kind,
        "depth": at,
        "channels": 16,
        "mean": (0.4,) * n,
        "std": (std,) * n,
        "zero": (0.5,) * n,
        "saturated": (0.0,) * n,
        "dead": shares,
        "stuck": min(shares[-3:]),
    }
    return ActivationSeries(**usual | more)


def norm(at: int, *, shift: float = 0.05, ratio: float = 1.0, momentum: float = 0.1) -> NormSeries:
    """A batch norm with the same drift at all probes."""
    n = len(PROBES)
    return NormSeries(
        name=f"bn{at}", depth=at, momentum=momentum, shift=(shift,) * n, variance_ratio=(ratio,) * n
    )


def inside(
    *, bend: float = 0.2, ratio: float = 0.005, layers: int = 4, lr: float = 0.1, **more: Any
) -> Inside:
    """Sound: a promise of 0.05 nats a step of which curvature takes back the share `bend`; guessing before the first step."""
    n, probes = len(STEPS), len(PROBES)
    before = tuple(2.3 - 0.005 * s for s in STEPS)
    usual: dict[str, Any] = {
        "step": STEPS,
        "lr": (lr,) * n,
        "batch": 64,
        "layers": tuple(layer(i, ratio=ratio) for i in range(layers)),
        "predicted": (-0.05,) * n,
        "before": before,
        "after": tuple(b - 0.05 * (1 - bend) for b in before),
        "probe_step": PROBES,
        "probe_n": 256,
        "activations": tuple(activation(i) for i in range(layers - 1)),
        "train_mode_loss": (2.3, 1.5, 1.0, 0.8, 0.7),
        "train_mode_accuracy": (0.1, 0.5, 0.6, 0.7, 0.75),
        "eval_mode_loss": (2.3, 1.5, 1.0, 0.8, 0.7),
        "eval_mode_accuracy": (0.1, 0.5, 0.6, 0.7, 0.75),
        "gradient_correlation": (0.5,) * probes,
    }
    return Inside(**usual | more)


def point(accuracy: float = 0.5, loss: float = 1.4, **more: Any) -> EpochPoint:
    """The last evaluation, on 1000 training images."""
    usual: dict[str, Any] = {
        "epoch": 8.0,
        "step": 400,
        "clean_accuracy": accuracy,
        "clean_loss": loss,
        "clean_n": 1000,
        "lr": 0.1,
    }
    return EpochPoint(**usual | more)


def series(loss: Sequence[float] | None = None, **more: Any) -> StepSeries:
    """400 steps, one in four kept; the loss falls from 2.3 to 1.3 unless given."""
    steps = tuple(range(1, 401, 4))
    values = tuple(loss) if loss is not None else tuple(2.3 - s / 400 for s in steps)
    n = len(steps)
    usual: dict[str, Any] = {
        "step": steps,
        "loss": values,
        "accuracy": (0.5,) * n,
        "lr": (0.1,) * n,
        "grad_norm": tuple(1.0 + 0.01 * (i % 7) for i in range(n)),
        "seconds": (0.01,) * n,
        "wait": (0.0,) * n,
        "memory": (1e9,) * n,
    }
    return StepSeries(**usual | more)


def network(**more: Any) -> NetworkSeen:
    """Four convolutions that see all of a 32 x 32 image."""
    usual: dict[str, Any] = {
        "kind": "Net",
        "input_size": (3, 32, 32),
        "parameters": 4000,
        "convolutions": 4,
        "nonlinear": True,
        "affine_residual": 0.5,
        "initial_loss": 2.4,
        "filter_cosine": 0.2,
    }
    return NetworkSeen(**usual | more)


def run(**parts: Any) -> Case:
    """A sound run of 400 steps that ends at half of the training images right: a hard task. `parts` replace what is different."""
    usual: dict[str, Any] = {
        "setting": setting(),
        "epochs": (point(),),
        "steps": series(),
        "inside": inside(),
        "network": network(),
    }
    return case(**usual | parts)
