"""The lines at the end of a run, word for word."""

from __future__ import annotations

from striate.report.verdict import honest_figure, majority_share, verdict_text
from tests.unit.report.fabricate import HOSTILE, fabricate


def test_with_a_test_split():
    assert verdict_text(*fabricate()) == (
        "resnet20 on cifar10: 91.5 % of 1,000 test images right (95 % interval 89.6 to 93.1 %).\n"
        "Test images were looked at once, after training; they chose nothing.\n"
        "Best epoch: 20 of 20 (highest val accuracy, ties by lower val loss).\n"
        "Clean train and val differ by 3.2 points (0.8 to 6.1), and nothing in the curves points to a problem.\n"
        "Next: Use it; the most confident mistakes show what is left to win."
    )


def test_without_a_test_split_the_caveat_says_what_val_did():
    lines = verdict_text(*fabricate(test=False)).splitlines()
    assert lines[0].endswith("of 500 val images right (95 % interval 88.8 to 93.7 %).")
    assert lines[1] == (
        "These val images also chose the epoch, so expect a little less on new ones; "
        "--test-split sets images aside for that."
    )


def test_interrupted():
    lines = verdict_text(*fabricate(epochs=7, finished=False)).splitlines()
    assert lines[0] == "Interrupted after epoch 7 of 14; `striate resume` goes on from there exactly."
    assert lines[2] == "The best epoch so far, by these very val images; 14 epochs are planned."


def test_before_the_first_epoch():
    run, data = fabricate(epochs=0, finished=False)
    assert honest_figure(run) is None
    assert verdict_text(run, data).splitlines()[1] == "resnet20 on cifar10: no figure yet."


def test_early_stopping_and_failure_are_said():
    run, data = fabricate()
    text = verdict_text(run.model_copy(update={"stopped_early": True}), data)
    assert "Stopped early: no better epoch for as long as --patience allows." in text
    failed = run.model_copy(update={"status": "failed", "failure": "out of memory\n  next      smaller"})
    assert verdict_text(failed, data).splitlines()[0] == "Failed after epoch 20 of 20: out of memory."


def test_names_cannot_command_a_terminal():
    run, data = fabricate(HOSTILE, name="\x1b[2Jgone\r")
    text = verdict_text(run, data)
    assert "\x1b" not in text
    assert "\r" not in text
    assert 3 <= len(text.splitlines()) <= 6


def test_majority_share():
    _, data = fabricate()
    assert majority_share(data, "test") == 0.1
    assert majority_share(data, "nowhere") != majority_share(data, "nowhere")  # NaN
