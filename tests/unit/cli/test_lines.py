"""The words around the numbers."""

from __future__ import annotations

import math

import pytest

from striate.cli.lines import amount_text, epoch_line, loss_text, opening, rate_text, task_line
from tests.unit.cli.conftest import data_record, epoch_record, run_record


def test_what_is_trained_on_what() -> None:
    assert opening(run_record(20), data_record(), "runs/train/photos") == [
        ("Data", "photos: 100 train, 20 val; 2 classes (cat, dog); 64x48 colour"),
        ("Model", "resnet20, 272,474 parameters, 20 epochs"),
        (
            "Machine",
            "cpu, bf16, channels_last: no GPU that torch can see, so 2 CPU threads; bf16 is native on this CPU",
        ),
        ("Folder", "runs/train/photos"),
    ]


def test_going_on_is_said() -> None:
    rows = opening(run_record(20, history=(epoch_record(1), epoch_record(2))), data_record(), "r")
    assert ("Model", "resnet20, 272,474 parameters, going on after epoch 2 of 20") in rows


def test_many_classes_are_counted_and_hostile_ones_shown_harmless() -> None:
    many = data_record(classes=tuple(f"class{i}" for i in range(30)), channels=1)
    assert opening(run_record(), many, "r")[0][1] == "photos: 100 train, 20 val; 30 classes; 64x48 grey"
    hostile = data_record(classes=("a\x1b[2J", "b\nc"))
    assert "\x1b" not in opening(run_record(), hostile, "r")[0][1]
    assert "\n" not in opening(run_record(), hostile, "r")[0][1]


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (0.42, "0.4200"),
        (999.99, "999.9900"),
        (12345.6, "1.23e+04"),
        (math.nan, "NaN"),
        (math.inf, "infinite"),
    ],
)
def test_losses(loss: float, text: str) -> None:
    assert loss_text(loss) == text


def test_rates() -> None:
    assert [rate_text(rate) for rate in (3.14, 12345.6, 16_876_259)] == ["3.1", "12,346", "16,876,259"]
    assert [rate_text(rate, "bytes") for rate in (0.5, 999, 2_124_243)] == ["0 B", "999 B", "2.1 MB"]


def test_amounts() -> None:
    assert amount_text(1200, 50_000) == "1,200/50,000"
    assert amount_text(1200, None) == "1,200"
    assert amount_text(402_664, 19_642_268, "bytes") == "0.4/19.6 MB"
    assert amount_text(12, 980, "bytes") == "12/980 B"
    assert amount_text(13_300, None, "bytes") == "13.3 kB"
    assert amount_text(1, 2_000_000_000, "bytes") == "0.0/2.0 GB"


def test_an_epoch_on_a_line() -> None:
    assert epoch_line(epoch_record(2), 20, best=True, left=125.0) == (
        "epoch  2/20  train loss  0.7500 acc  75.0 %  clean acc  80.0 %  val loss  0.8000 acc  70.0 % best"
        "  lr 0.05      12,346 img/s  2 min 5 s left"
    )
    assert epoch_line(epoch_record(20), 20, best=False, left=0.0).endswith("lr 0.005     12,346 img/s")


def test_a_task_on_a_line() -> None:
    assert task_line("Reading images", 100, 400, 10.0) == "Reading images: 100/400, 30 s left"
    assert task_line("Reading images", 100, None, 10.0) == "Reading images: 100"
    assert task_line("Fetching x", 402_664, None, 10.0, "bytes") == "Fetching x: 402.7 kB"
    assert (
        task_line("Unpacking x", 1_000_000, 4_000_000, 10.0, "bytes") == "Unpacking x: 1.0/4.0 MB, 30 s left"
    )
    assert task_line("Loading", 0, None, 10.0) == "Loading"
