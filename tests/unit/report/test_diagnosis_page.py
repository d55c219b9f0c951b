"""The page of a diagnosis: complete, offline, escaped, the same every time; and the same cards in a run's report."""

from __future__ import annotations

import re

import pytest

from striate.report.diagnosis_page import render_diagnosis
from striate.report.page import write_report
from tests.diagnoses import healthy, hostile, observation, sick
from tests.unit.report.fabricate import fabricate, write
from tests.unit.report.test_page import Tree


@pytest.mark.parametrize("make", [healthy, sick, hostile])
def test_it_is_whole_offline_and_the_same_every_time(make):
    page = render_diagnosis(make(), observation(), "runs/train/<b>photos</b>\x1b")
    assert page == render_diagnosis(make(), observation(), "runs/train/<b>photos</b>\x1b")
    tree = Tree(page)
    assert not {"script", "iframe", "b", "form"} & set(tree.tags)
    assert not re.search(r"url\(|@import|https?://", page)
    for forbidden in ("\x1b", "\u202e"):
        assert forbidden not in page
    assert "runs/train/<b>photos</b>␛" in tree.text


def test_everything_is_said():
    text = Tree(render_diagnosis(sick(), observation(), "log.csv")).text.replace("\xa0", " ")
    for said in (
        "Learning rate too high.",
        "critical Learning rate too high established, 92 % sure, since step 340",
        "the gap is 21.0 points (17.2 to 24.9)",
        "Ruled out label noise : out-of-fold errors are 1 %",
        "Would decide folds of a small network",
        "effect: a smaller gap; cost: a few more epochs; risk: a transform may change labels",
        "Explained by this: dead relu, underfitting",
        "One of: overfitting, label noise, covariate shift.",
        "Column acc was taken for the training accuracy.",
        "2 conditions could not be judged",
        "train/cat/000.png : labelled cat , looks like dog",
        "12 evaluations of 12 epochs planned",
        "Best val accuracy 78.0 %",
        "Seen: the curves, the settings, the images and their labels.",
    ):
        assert said in text, said


def test_a_log_of_nothing_still_has_a_page():
    text = Tree(render_diagnosis(healthy(), observation(epochs=0, inside=None, data=None), "empty")).text
    assert "0 evaluations" in text
    assert "Best val accuracy –" in text


def test_the_report_of_a_run_has_the_same_cards_and_pictures_of_suspects(tmp_path):
    folder = write(tmp_path / "run", *fabricate(), found=sick(), seen=observation())
    index = folder.read_json("images/index.json")
    folder.write_json("images/index.json", {**index, "suspects": index["mistakes"][:3]})
    page = write_report(folder).read_text()
    tree = Tree(page)
    assert "What is wrong" in tree.text
    assert "Explained by this: dead relu, underfitting" in tree.text
    assert page.count(", looks like ") == 3
    assert "Suspect labels (10)" not in tree.text


def test_a_healthy_report_says_what_was_found(tmp_path):
    tree = Tree(write_report(write(tmp_path / "run", *fabricate())).read_text())
    assert "What was found" in tree.text
    assert "What is wrong" not in tree.text
