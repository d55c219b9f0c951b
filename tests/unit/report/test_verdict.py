"""The lines at the end of a run, word for word."""

from __future__ import annotations

from striate.report.verdict import honest_figure, majority_share, verdict_text
from tests.diagnoses import healthy, hostile, sick
from tests.unit.report.fabricate import HOSTILE, fabricate


def test_with_a_test_split():
    assert verdict_text(*fabricate(), healthy()) == (
        "resnet20 on cifar10: 91.5 % of 1,000 test images right (95 % interval 89.6 to 93.1 %).\n"
        "Test images were looked at once, after training; they chose nothing.\n"
        "Best epoch: 20 of 20 (highest val accuracy, ties by lower val loss).\n"
        "Healthy.\n"
        "Train as trained lies under val: normal with augmentation."
    )


def test_without_a_test_split_the_caveat_says_what_val_did():
    lines = verdict_text(*fabricate(test=False), None).splitlines()
    assert lines[0].endswith("of 500 val images right (95 % interval 88.8 to 93.7 %).")
    assert lines[1] == (
        "These val images also chose the epoch, so expect a little less on new ones; "
        "--test-split sets images aside for that."
    )


def test_interrupted():
    lines = verdict_text(*fabricate(epochs=7, finished=False), None).splitlines()
    assert lines[0] == "Interrupted after epoch 7 of 14; `striate resume` goes on from there exactly."
    assert lines[2] == "The best epoch so far, by these very val images; 14 epochs are planned."


def test_before_the_first_epoch():
    run, data = fabricate(epochs=0, finished=False)
    assert honest_figure(run) is None
    assert verdict_text(run, data, None).splitlines()[1] == "resnet20 on cifar10: no figure yet."


def test_early_stopping_and_failure_are_said():
    run, data = fabricate()
    text = verdict_text(run.model_copy(update={"stopped_early": True}), data, None)
    assert "Stopped early: no better epoch for as long as --patience allows." in text
    failed = run.model_copy(update={"status": "failed", "failure": "out of memory\n  next      smaller"})
    assert verdict_text(failed, data, None).splitlines()[0] == "Failed after epoch 20 of 20: out of memory."


def test_names_cannot_command_a_terminal():
    run, data = fabricate(HOSTILE, name="\x1b[2Jgone\r")
    text = verdict_text(run, data, hostile())
    for forbidden in ("\x1b", "\r", "\u202e"):
        assert forbidden not in text


def test_the_diagnosis_in_a_few_sentences():
    assert verdict_text(*fabricate(), sick()).splitlines()[3:] == [
        "Learning rate too high.",
        "The steps are so large that whole layers died.",
        "Next: Augment the training images more strongly.",
        "One of: overfitting, label noise, covariate shift. Several conditions draw these curves.",
        "Also: perhaps label noise: Clean train goes on rising while val does not follow.",
        "Also: dead relu (because of learning rate too high): Clean train goes on rising while val does not follow.",
        "1 more finding in the report.",
    ]


def test_majority_share():
    _, data = fabricate()
    assert majority_share(data, "test") == 0.1
    assert majority_share(data, "nowhere") != majority_share(data, "nowhere")  # NaN
