"""The section about what is wrong: cards in order, what they explain inside, each plot once, nothing from outside as markup."""

from __future__ import annotations

import pytest

from striate.report.diagnosis import diagnosis_section
from tests.diagnoses import diagnosis, finding, healthy, observation, sick


def test_nothing_judged_is_no_section():
    assert diagnosis_section(None, observation()) is None


def test_cards_are_causes_and_hold_what_they_explain():
    section = diagnosis_section(sick(), observation())
    assert [(c.slug, [s.slug for s in c.secondary]) for c in section.cards] == [
        ("learning-rate-too-high", ["dead-relu", "underfitting"]),
        ("label-noise", []),
    ]
    card = section.cards[1]
    assert (card.severity, card.severity_words, card.status) == (
        *("warning", "warning"),
        "suspected, 50 % sure, since epoch 6",
    )
    assert card.probe == "folds of a small network"
    assert card.remedies[1] == ("Stop earlier: --patience 5.", "cost: none")
    assert section.unjudged[0] == ("wrong mode", "the loop was not watched")


@pytest.mark.parametrize(
    ("found", "severity", "lead", "advice"),
    [
        (healthy(), "ok", "Train as trained lies under val: normal with augmentation.", ""),
        (diagnosis(verdict="unclear"), "info", "", ""),
        (diagnosis(verdict="unknown problem", notes=("Odd.",)), "warning", "Odd.", ""),
        (
            diagnosis(finding(severity="critical")),
            "critical",
            "Clean train goes on rising while val does not follow.",
            "Augment the training images more strongly.",
        ),
        (diagnosis(finding(severity="info"), notes=("Small.",)), "ok", "Small.", ""),
    ],
    ids=["healthy", "unclear", "unknown", "critical", "remark"],
)
def test_what_stands_at_the_top(found, severity, lead, advice):
    section = diagnosis_section(found, None)
    assert (section.severity, section.lead, section.advice) == (severity, lead, advice)


def test_each_plot_is_drawn_once_in_the_first_card_it_belongs_to():
    twice = diagnosis(
        finding("overfitting"),
        finding("late-overfitting"),
        finding("dead-relu"),
        finding("vanishing-gradient"),
    )
    cards = diagnosis_section(twice, observation()).cards
    assert [len(card.plots) for card in cards] == [1, 0, 1, 1]
    assert "points" in cards[0].plots[0].caption
    assert "dead channels" in str(cards[2].plots[0].picture)
    assert "by depth of the layer" in str(cards[3].plots[0].picture)


def test_a_cause_shows_the_plots_of_what_it_explains():
    hidden = diagnosis(finding("input-not-scaled"), finding("dead-relu", because_of="input-not-scaled"))
    assert len(diagnosis_section(hidden, observation()).cards[0].plots) == 1


def test_without_an_observation_or_its_parts_there_are_words_alone():
    for seen in (None, observation(epochs=0, inside=None, data=None)):
        assert all(not card.plots and not card.suspects for card in diagnosis_section(sick(), seen).cards)


def test_suspects_are_named_once():
    cards = diagnosis_section(
        diagnosis(finding("label-noise"), finding("classes-swapped")), observation()
    ).cards
    assert cards[0].suspects[0] == ("train/cat/000.png", "cat", "dog", "99.0 %")
    assert (len(cards[0].suspects), cards[1].suspects) == (10, ())
    assert (cards[0].pictures, cards[1].pictures) == (True, False)


def test_a_suspect_of_a_class_without_a_name_has_its_number():
    seen = observation()
    nameless = seen.model_copy(update={"setting": seen.setting.model_copy(update={"class_names": ()})})
    (card,) = diagnosis_section(diagnosis(finding("label-noise")), nameless).cards
    assert card.suspects[0][1:3] == ("class 0", "class 1")
