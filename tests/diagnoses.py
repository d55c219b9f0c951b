"""Diagnoses and observations made up for tests of what shows them. Knows nothing about how one comes to them."""

from __future__ import annotations

import math
from typing import Any

from striate.core.data_observation import AgreementSeen, DataSeen, Suspect
from striate.core.diagnosis_records import Diagnosis, Evidence, Excluded, Finding, Remedy, Where
from striate.core.inside_records import ActivationSeries, Inside, LayerSeries
from striate.core.observation_records import EpochPoint, Observation, Setting

__all__ = ["CLASSES", "diagnosis", "finding", "healthy", "hostile", "observation", "sick"]

CLASSES = ("cat", "dog", "fox")


def finding(condition: str = "overfitting", **changes: Any) -> Finding:
    """An established one with everything."""
    values: dict[str, Any] = {
        "id": "G1",
        "condition": condition,
        "title": condition.replace("-", " ").capitalize(),
        "status": "established",
        "severity": "warning",
        "confidence": 0.92,
        "sentence": "Clean train goes on rising while val does not follow.",
        "evidence": (
            Evidence(
                sentence="the gap is 21.0 points (17.2 to 24.9)",
                name="gap",
                value=0.21,
                low=0.172,
                high=0.249,
            ),
            Evidence(
                sentence="val loss is 38 % above its lowest", name="rise", value=0.38, low=0.3, high=0.47
            ),
        ),
        "onset_epoch": 6.0,
        "remedies": (
            Remedy(
                change="Augment the training images more strongly.",
                effect="a smaller gap",
                cost="a few more epochs",
                risk="a transform may change labels",
                settings={"augment": "default"},
            ),
            Remedy(change="Stop earlier: --patience 5.", cost="none"),
        ),
        "ruled_out": (Excluded(condition="label-noise", why="out-of-fold errors are 1 %"),),
    }
    return Finding(**{**values, **changes})


def diagnosis(*findings: Finding, **changes: Any) -> Diagnosis:
    """With these findings."""
    serious = any(f.severity != "info" for f in findings)
    values: dict[str, Any] = {
        "striate_version": "0.1.0",
        "level": "config",
        "verdict": "problem" if serious else "healthy",
        "headline": f"{findings[0].title}." if serious else "Healthy.",
        "findings": findings,
    }
    return Diagnosis(**{**values, **changes})


def healthy() -> Diagnosis:
    """Nothing found, and one thing that looks odd and is normal."""
    return diagnosis(notes=("Train as trained lies under val: normal with augmentation.",))


def sick() -> Diagnosis:
    """A critical cause that explains another, which explains a third; one more cause, suspected; and the rest."""
    return diagnosis(
        finding(
            "learning-rate-too-high",
            id="O1",
            severity="critical",
            sentence="The steps are so large that whole layers died.",
            onset_step=340,
            onset_epoch=None,
        ),
        finding("label-noise", id="D1", status="suspected", confidence=0.5, probe="folds of a small network"),
        finding(
            "dead-relu",
            id="A3",
            where=Where(layers=tuple(f"layer{i}" for i in range(9))),
            because_of="learning-rate-too-high",
        ),
        finding("underfitting", id="G2", severity="info", because_of="dead-relu"),
        level="data",
        candidates=("overfitting", "label-noise", "covariate-shift"),
        assumed=("Column acc was taken for the training accuracy.",),
        not_judged=(
            Excluded(condition="wrong-mode", why="the loop was not watched"),
            Excluded(condition="memory-growth", why="memory was not read"),
        ),
    )


def hostile() -> Diagnosis:
    """Names that would command a terminal or a browser, wherever a name can stand."""
    bad = "\x1b[2J<script>alert(1)</script>\u202e"
    return diagnosis(
        finding(
            sentence=bad,
            evidence=(Evidence(sentence=bad),),
            where=Where(layers=(bad,), samples=(bad,), classes=(bad,), transforms=(bad,)),
            remedies=(Remedy(change=bad, effect=bad, cost=bad, risk=bad),),
            ruled_out=(Excluded(condition=bad, why=bad),),
            probe=bad,
        ),
        headline=bad,
        notes=(bad,),
        assumed=(bad,),
        candidates=(bad, "overfitting"),
        not_judged=(Excluded(condition=bad, why=bad),),
    )


def observation(epochs: int = 12, **changes: Any) -> Observation:
    """A run whose val stops following, with layers, a dying one among them, and suspects."""
    points = tuple(
        EpochPoint(
            epoch=float(i + 1),
            step=(i + 1) * 30,
            train_loss=1.1 * math.exp(-0.3 * i),
            train_accuracy=1 - 0.62 * math.exp(-0.32 * i),
            train_n=3000,
            clean_loss=1.0 * math.exp(-0.34 * i),
            clean_accuracy=round(600 * (1 - 0.6 * math.exp(-0.35 * i))) / 600,
            clean_n=600,
            val_loss=0.62 + 0.5 * math.exp(-i) + 0.03 * i,
            val_accuracy=round(400 * (0.78 - 0.38 * math.exp(-0.6 * i))) / 400,
            val_n=400,
            lr=0.1,
        )
        for i in range(epochs)
    )
    values: dict[str, Any] = {
        "setting": Setting(
            source="run",
            classes=3,
            class_names=CLASSES,
            train_n=3000,
            val_n=400,
            planned_epochs=epochs,
            optimizer="SGD",
            lr=0.1,
        ),
        "epochs": points,
        "inside": inside(),
        "data": DataSeen(
            agreement=AgreementSeen(
                suspects=tuple(
                    Suspect(
                        sample=f"train/cat/{i:03d}.png", given=0, suggested=1 + i % 2, score=0.99 - 0.01 * i
                    )
                    for i in range(10)
                )
            )
        ),
    }
    return Observation(**{**values, **changes})


def inside(layers: int = 6, probes: int = 10) -> Inside:
    """Layers of growing gradients; the third dies."""
    steps = tuple(40 * (i + 1) for i in range(probes))

    def dead(layer: int) -> tuple[float, ...]:
        return tuple(min(1.0, 0.12 * i * i) if layer == 2 else 0.02 * layer for i in range(probes))

    return Inside(
        step=steps,
        probe_step=steps,
        probe_n=16,
        layers=tuple(
            LayerSeries(
                name=f"features.{i}.conv",
                kind="conv",
                depth=i,
                parameters=1000,
                width=16,
                grad=(10.0 ** (i - 5),) * probes,
                weight=(2.0,) * probes,
                update=(10.0 ** (i - 7),) * probes,
            )
            for i in range(layers)
        ),
        activations=tuple(
            ActivationSeries(
                name=f"features.{i}.relu",
                kind="ReLU",
                depth=i,
                channels=16,
                mean=(0.1,) * probes,
                std=(0.5,) * probes,
                zero=(0.5,) * probes,
                saturated=(0.0,) * probes,
                dead=dead(i),
            )
            for i in range(layers)
        ),
    )
