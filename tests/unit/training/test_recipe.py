"""The recipe: names, synonyms, bounds, YAML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.training.errors import InvalidSetting, UnknownSetting
from striate.training.recipe import GROUPS, Recipe, aliases


def test_every_setting_has_a_reason_and_a_group():
    for name, info in Recipe.model_fields.items():
        assert info.description, name
        assert info.json_schema_extra["group"] in GROUPS, name


def test_no_synonym_means_two_things():
    listed = [n for f, i in Recipe.model_fields.items() for n in (f, *i.json_schema_extra["also"])]
    assert len(listed) == len(set(listed)) == len(aliases())


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "epochs": st.integers(1, 10**6),
            "lr": st.floats(1e-12, 1e3),
            "data": st.text(min_size=1),
            "name": st.text(min_size=1),
            "img_size": st.tuples(st.integers(1, 999), st.integers(1, 999)),
            "skip": st.booleans(),
            "ema": st.none() | st.floats(0.01, 0.99),
        },
    )
)
def test_yaml_round_trip(settings):
    recipe = Recipe.make(settings)
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe


def test_synonyms_and_dashes():
    recipe = Recipe.make({"lr0": 0.5, "imgsz": 64, "weight-decay": 0.1, "wd": 0.2, "batch": 7})
    assert (recipe.lr, recipe.img_size, recipe.weight_decay, recipe.batch_size) == (0.5, (64, 64), 0.2, 7)


def test_an_unknown_setting_gets_the_nearest_name():
    with pytest.raises(UnknownSetting) as error:
        Recipe.make({"ephocs": 3})
    assert str(error.value) == (
        "no such setting [unknown-setting]\n"
        "  got       ephocs\n"
        "  expected  one of the settings that `striate train --help` lists\n"
        "  next      did you mean epochs or max_epochs?"
    )


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"opt": "sdg"},
            "--opt cannot be that [invalid-setting]\n"
            "  got       'sdg'\n"
            "  expected  auto, sgd, adam or adamw\n"
            "  next      did you mean sgd?",
        ),
        (
            {"lr": -1},
            "--lr cannot be that [invalid-setting]\n"
            "  got       -1\n"
            "  expected  a number above 0\n"
            "  next      leave it out for the default: by model",
        ),
        (
            {"epochs": 0},
            "--epochs cannot be that [invalid-setting]\n"
            "  got       0\n"
            "  expected  a whole number of at least 1\n"
            "  next      leave it out for the default, 20",
        ),
        (
            {"val_split": 1.0},
            "--val-split cannot be that [invalid-setting]\n"
            "  got       1.0\n"
            "  expected  a number of at least 0 and below 1\n"
            "  next      leave it out for the default, 0.2",
        ),
        (
            {"img_size": (32,)},
            "--img-size cannot be that [invalid-setting]\n"
            "  got       (32,)\n"
            "  expected  height and width, two whole numbers\n"
            "  next      leave it out for the default: read off the images",
        ),
        (
            {"skip": "maybe"},
            "--skip cannot be that [invalid-setting]\n"
            "  got       'maybe'\n"
            "  expected  true or false\n"
            "  next      leave it out for the default, True",
        ),
        (
            {"clip_grad": 0},
            "--clip-grad cannot be that [invalid-setting]\n"
            "  got       0\n"
            "  expected  a number above 0\n"
            "  next      leave it out for the default: no clipping",
        ),
        (
            {"label_map": {"flip": "!cat"}},
            "--label-map cannot be that [invalid-setting]\n"
            "  got       {'flip': '!cat'}\n"
            "  expected  text\n"
            "  next      leave it out for the default: nothing",
        ),
    ],
)
def test_a_value_out_of_range_says_the_range(settings, text):
    with pytest.raises(InvalidSetting) as error:
        Recipe.make(settings)
    assert str(error.value) == text


@pytest.mark.parametrize(
    "bad", [{"epochs": 0}, {"val_split": 1.0}, {"dropout": 1.0}, {"ema": 1.0}, {"seed": -1}]
)
def test_bounds(bad):
    with pytest.raises(InvalidSetting):
        Recipe.make(bad)


FLOATS = [name for name, info in Recipe.model_fields.items() if "float" in str(info.annotation)]


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", 1e300])
def test_every_number_has_finite_bounds(name, value):
    with pytest.raises(InvalidSetting):
        Recipe.make({name: value})


def test_who_gave_too_much_is_told_how_much_is_allowed():
    for value, shown in (("inf", "'inf'"), (1e19, "1e+19")):
        with pytest.raises(InvalidSetting) as error:
            Recipe.make({"warmup_epochs": value})
        assert str(error.value) == (
            "--warmup-epochs cannot be that [invalid-setting]\n"
            f"  got       {shown}\n"
            "  expected  a number of at least 0 and at most 1e+18\n"
            "  next      leave it out for the default: 5 % of the run, at most 5"
        )


def test_a_file_that_is_no_mapping():
    with pytest.raises(InvalidSetting, match="a recipe is a mapping of settings"):
        Recipe.from_yaml("- a\n- b\n")


def test_differences_are_what_was_set():
    assert Recipe.make({"epochs": 3, "lr": None}).differences() == {"epochs": 3}
