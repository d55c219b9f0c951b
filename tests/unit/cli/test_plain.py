"""A whole run as plain lines, against the text itself."""

from __future__ import annotations

import io

from striate.cli.plain import PlainView
from tests.unit.cli.conftest import Clock, drive

RUN = """\
Data     photos: 100 train, 20 val; 2 classes (cat, dog); 64x48 colour
Model    resnet20, 272,474 parameters, 3 epochs
Machine  cpu, bf16, channels_last: no GPU that torch can see, so 2 CPU threads; bf16 is native on this CPU
Folder   runs/train/photos
epoch 1/3  train loss  1.5000 acc  50.0 %  clean acc  60.0 %  val loss  1.6000 acc  40.0 % best  lr 0.1       12,346 img/s  9.0 s left
epoch 2/3  train loss  0.7500 acc  75.0 %  clean acc  80.0 %  val loss  0.8000 acc  70.0 %       lr 0.05      12,346 img/s  4.5 s left
epoch 3/3  train loss  0.5000 acc  83.3 %  clean acc  86.7 %  val loss  0.5333 acc  80.0 % best  lr 0.0333    12,346 img/s
"""


def test_a_run() -> None:
    clock, stream = Clock(), io.StringIO()
    drive(PlainView(stream, clock), clock)
    assert stream.getvalue() == RUN


def test_a_slow_run_gives_a_sign_of_life_every_half_minute() -> None:
    clock, stream = Clock(), io.StringIO()
    drive(PlainView(stream, clock), clock, epochs=1, seconds=20.0)
    lines = stream.getvalue().splitlines()[4:]
    assert lines == [
        "epoch 1/1  step 2 of 4  loss 1.2345 acc 56.8 %  1 min 12 s left",
        "epoch 1/1  step 4 of 4  loss 1.2345 acc 56.8 %  1.2 img/s  32 s left",
        "epoch 1/1  train loss  1.5000 acc  50.0 %  clean acc  60.0 %  val loss  1.6000 acc  40.0 % best"
        "  lr 0.1       12,346 img/s",
    ]


def test_the_run_is_asked_for_its_figures_only_when_they_are_shown() -> None:
    """`running` waits for the device, so it must not be called at every step."""
    clock, stream = Clock(), io.StringIO()
    drive(PlainView(stream, clock), clock, seconds=0.001)
    assert "loss 1.2345" not in stream.getvalue()


def test_no_control_characters() -> None:
    clock, stream = Clock(), io.StringIO()
    view = PlainView(stream, clock)
    view.say("odd \x1b[2J name")
    drive(view, clock, seconds=40.0)
    assert not {c for c in stream.getvalue() if ord(c) < 32} - {"\n"}


def test_a_task() -> None:
    clock, stream = Clock(), io.StringIO()
    view = PlainView(stream, clock)
    with view.task("Reading images", 400) as task:
        for _ in range(4):
            clock.passes(20.0)
            task.advance(100)
    with view.task("Loading torch"):
        clock.passes(2.0)
    with view.task("Unpacking x", 4_000_000, of="bytes") as task:
        clock.passes(20.0)
        task.advance(4_000_000)
    assert stream.getvalue() == (
        "Reading images: 200/400, 40 s left\nReading images: 400/400\nReading images: 400 in 1 min 20 s\n"
        "Unpacking x: 4.0 MB in 20 s\n"
    )
