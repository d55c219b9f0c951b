"""How to repeat a run: only what differs from the defaults, and what striate chose."""

from __future__ import annotations

from striate.report.circumstances import circumstances
from striate.training.recipe import Recipe
from tests.unit.report.fabricate import fabricate


def settings(**changes) -> dict[str, object]:
    return Recipe.make(changes).to_dict()


def test_defaults_are_not_listed():
    run, _ = fabricate()
    assert circumstances(run, settings(), {}).settings == ()


def test_differences_say_the_default_or_who_chose():
    run, _ = fabricate()
    rows = circumstances(
        run, settings(epochs=7, lr=0.1, img_size=(32, 48), name="x", data="here"), {}
    ).settings
    assert rows == (
        ("--img-size", "32 × 48", "chosen by striate"),
        ("--epochs", "7", "20"),
        ("--lr", "0.1", "chosen by striate"),
    )


def test_a_setting_of_another_version_is_shown_as_unknown():
    run, _ = fabricate()
    assert circumstances(run, {"warp": 9}, {}).settings == (("--warp", "9", "unknown"),)
