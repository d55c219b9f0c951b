"""Whatever is in a file, reading it as a log gives an observation or an error with words; known curves come back.

Knows nothing about any one library's format.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from striate.core.errors import StriateError
from striate.core.observation_records import Observation
from striate.diagnosis.logs import read_log
from striate.diagnosis.logs.curve_points import MOST_POINTS, MOST_STEPS

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "logs"
FIXTURES = sorted(path for path in GOLDEN.rglob("*") if path.is_file())
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def sound(seen: Observation) -> None:
    """What every observation of a log keeps to."""
    assert Observation.from_json(seen.to_json()).setting == seen.setting
    assert seen.setting.source == "log"
    assert seen.setting.assumed
    assert all(sentence.endswith(".") for sentence in seen.setting.assumed)
    assert len(seen.epochs) <= MOST_POINTS
    assert all(a.epoch < b.epoch for a, b in zip(seen.epochs, seen.epochs[1:], strict=False))
    for point in seen.epochs:
        for share in (point.train_accuracy, point.val_accuracy, point.clean_accuracy, point.data_wait):
            assert share is None or 0 <= share <= 1
        assert point.step >= 0
    columns = [getattr(seen.steps, name) for name in type(seen.steps).model_fields]
    assert len({len(column) for column in columns}) == 1
    assert len(columns[0]) <= MOST_STEPS + 1


def read_or_refuse(path: Path) -> None:
    try:
        seen = read_log(path)
    except StriateError as error:
        refusal = error
    else:
        sound(seen)
        return
    assert refusal.slug
    assert "\n" in str(refusal)


@same_folder
@given(
    data=st.binary(max_size=400), name=st.sampled_from(["log.csv", "x.json", "events.out.tfevents.1", "a"])
)
def test_random_bytes_are_read_or_refused(data: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    read_or_refuse(path)


cells = st.one_of(
    st.sampled_from(
        [
            "",
            "nan",
            "inf",
            "-inf",
            "0",
            "1",
            "2",
            "1e308",
            "-1e308",
            "1e999",
            "epoch",
            "loss",
            "train",
            "val",
            "%",
            '"',
        ]
    ),
    st.floats().map(repr),
    st.integers(-3, 30).map(str),
    st.text(max_size=5),
)
names = st.sampled_from(
    [
        "epoch",
        "step",
        "loss",
        "train_loss",
        "val_loss",
        "acc",
        "val_acc",
        "error_rate",
        "lr",
        "val_top1",
        "phase",
        "x",
        "grad_norm",
    ]
)


@same_folder
@given(
    header=st.lists(names, min_size=1, max_size=6),
    rows=st.lists(st.lists(cells, max_size=7), max_size=12),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_random_tables_are_read_or_refused(
    header: list[str], rows: list[list[str]], separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "\n".join(separator.join(row) for row in [header, *rows]), encoding="utf-8", errors="replace"
    )
    read_or_refuse(path)


figures = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**400), st.floats(), st.text(max_size=3))
json_rows = st.lists(
    st.dictionaries(names, st.one_of(figures, st.lists(figures, max_size=2), st.dictionaries(names, figures)))
)


@same_folder
@given(rows=json_rows, wrapped=st.sampled_from(["rows", "state", "lines"]))
def test_random_json_is_read_or_refused(rows: list[dict[str, object]], wrapped: str, tmp_path: Path) -> None:
    import json

    path = tmp_path / "trainer_state.json"
    if wrapped == "lines":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        path.write_text(json.dumps({"log_history": rows, "max_steps": 5} if wrapped == "state" else rows))
    read_or_refuse(path)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.relative_to(GOLDEN).as_posix())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data())
def test_damaged_logs_are_read_or_refused(fixture: Path, data: st.DataObject, tmp_path: Path) -> None:
    whole = bytearray(fixture.read_bytes())
    for _ in range(data.draw(st.integers(1, 6), label="changes")):
        at = data.draw(st.integers(0, max(len(whole) - 1, 0)), label="at")
        change = data.draw(st.sampled_from(["cut", "flip", "drop", "twice", "insert"]), label="change")
        if change == "cut":
            del whole[at:]
        elif change == "flip" and whole:
            whole[at] ^= 1 << data.draw(st.integers(0, 7), label="bit")
        elif change == "drop":
            del whole[at : at + data.draw(st.integers(1, 40), label="bytes")]
        elif change == "twice":
            whole[at:at] = whole[at : at + 200]
        else:
            whole[at:at] = data.draw(st.binary(max_size=6), label="inserted")
    path = tmp_path / fixture.name
    path.write_bytes(bytes(whole))
    read_or_refuse(path)


COLUMNS = {
    "epoch": ["epoch", "Epoch", "epochs", "ep", "epoch_num"],
    "train_loss": [
        "train_loss",
        "Loss/train",
        "trainLoss",
        "Training Loss",
        "loss (train)",
        "train/cross_entropy",
        "trn_loss",
    ],
    "val_loss": [
        "val_loss",
        "Loss/val",
        "validLoss",
        "Validation Loss",
        "eval/loss",
        "dev_loss",
        "vloss",
        "test_loss",
    ],
    "train_accuracy": [
        "train_acc",
        "Accuracy/train",
        "trainAcc@1",
        "Training accuracy",
        "train_top1",
        "train_categorical_accuracy",
    ],
    "val_accuracy": [
        "val_acc",
        "Accuracy/val",
        "validAcc@1",
        "eval_top1",
        "Validation accuracy",
        "val prec@1",
    ],
    "val_error": ["val_error_rate", "valid err@1", "Validation error rate"],
    "lr": ["lr", "learning_rate", "lr/pg0", "lr-Adam", "train_lr"],
}
unit_interval = st.floats(0, 1).map(lambda x: round(x, 6))


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, dict[str, list[float]], int]:
    """A table by epoch in some tool's words and units, with the curves that are in it and its first epoch."""
    n = draw(st.integers(2, 12))
    known: dict[str, list[float]] = {}
    for key in ("train_loss", "val_loss"):
        known[key] = draw(st.lists(st.floats(0, 9).map(lambda x: round(x, 6)), min_size=n, max_size=n))
    known["lr"] = draw(st.lists(st.floats(1e-6, 1).map(lambda x: float(f"{x:.5g}")), min_size=n, max_size=n))
    for key in ("train_accuracy", "val_accuracy"):
        # An accuracy in percent that never is above one percent reads as a share; no one could tell.
        known[key] = [0.5, *draw(st.lists(unit_interval, min_size=n - 1, max_size=n - 1))]
    first = draw(st.integers(0, 1))
    as_error = draw(st.booleans())
    written: dict[str, list[float]] = {"epoch": [float(first + i) for i in range(n)]}
    for key, values in known.items():
        name, column = key, values
        if key == "val_accuracy" and as_error:
            name, column = "val_error", [1 - x for x in values]
        if "accuracy" in key and draw(st.booleans(), label=f"{key} in percent"):
            column = [100 * x for x in column]
        written[name] = column
    titles = {
        key: draw(st.sampled_from([t for t in COLUMNS[key] if not (t == "test_loss" and as_error)]))
        for key in written
    }
    if titles["val_loss"] == "test_loss":
        titles["val_loss"] = "val_loss"
    separator, comma = draw(st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]))
    order = draw(st.permutations(list(written)))
    lines = [separator.join(titles[key] for key in order)]
    for i in range(n):
        lines.append(separator.join(f"{written[key][i]:.9g}".replace(".", comma) for key in order))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines), known, first


@same_folder
@given(log=logs(), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_curves_come_back_from_any_names_and_units(
    log: tuple[str, dict[str, list[float]], int], encoding: str, tmp_path: Path
) -> None:
    text, known, _ = log
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode(encoding))
    seen = read_log(path)
    sound(seen)
    assert [point.epoch for point in seen.epochs] == list(range(1, len(known["lr"]) + 1))
    for key, values in known.items():
        assert [getattr(point, key) for point in seen.epochs] == pytest.approx(values, abs=1e-7), key


@same_folder
@given(n=st.integers(2, 30), restarts=st.lists(st.integers(1, 30), max_size=4))
@example(n=5, restarts=[3, 1])
def test_the_last_word_on_every_epoch_counts(n: int, restarts: list[int], tmp_path: Path) -> None:
    rows: list[tuple[int, float]] = []
    epoch = 1
    for stop in [*restarts, n + 1]:
        # Train up to an epoch, then go on from `stop`, be it earlier: a resume.
        for e in range(epoch, n + 1):
            rows.append((e, float(len(rows))))
        epoch = stop
    expected: dict[int, float] = {}
    for e, loss in rows:
        expected = {k: v for k, v in expected.items() if k < e} | {e: loss}
    path = tmp_path / "log.csv"
    path.write_text("epoch,train_loss,val_loss\n" + "".join(f"{e},{loss},{loss}\n" for e, loss in rows))
    assert {int(p.epoch): p.train_loss for p in read_log(path).epochs} == expected


@same_folder
@given(n=st.integers(20, 3000), counts=st.data())
def test_images_are_counted_right_or_not_at_all(n: int, counts: st.DataObject, tmp_path: Path) -> None:
    right = counts.draw(st.lists(st.integers(1, n - 1), min_size=1, max_size=12))
    places = counts.draw(st.sampled_from([4, 6, 16]))
    path = tmp_path / "log.csv"
    path.write_text(
        "epoch,val_loss,val_acc\n" + "".join(f"{e},1,{r / n:.{places}f}\n" for e, r in enumerate(right, 1))
    )
    found = read_log(path).epochs[-1].val_n
    # All counts may share a factor with n; then fewer images would give the same figures.
    assert found == 0 or found == n // math.gcd(n, *right)


def test_many_rows_are_thinned(tmp_path: Path) -> None:
    n = 100_000
    loss = 2.3 * np.exp(-np.arange(n) / 3e4)
    loss[77_777] = np.nan
    path = tmp_path / "log.csv"
    lines = (f"{i // 100},{i},{x:.6f}" for i, x in enumerate(loss.tolist()))
    path.write_text("epoch,step,loss\n" + "\n".join(lines))
    seen = read_log(path)
    sound(seen)
    assert len(seen.epochs) == 1000
    assert seen.epochs[0].train_loss == pytest.approx(loss[:100].mean(), abs=1e-6)
    assert [p.epoch for p in seen.epochs if math.isnan(p.train_loss or 0)] == [778.0]
    assert [s for s, x in zip(seen.steps.step, seen.steps.loss, strict=True) if math.isnan(x)] == [77_778]
