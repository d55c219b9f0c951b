"""The flags are the recipe: each setting once in the help, every synonym, the recipe's own words for a bad value."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from striate.cli.errors import RecipeFileUnusable
from striate.cli.flags import RECIPE_SPELLING, command_line, settings_from, size_from
from striate.training.errors import InvalidSetting
from striate.training.recipe import GROUPS, Recipe, aliases

FIELDS = list(Recipe.model_fields)


@pytest.fixture
def page(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    return str(cli("train", "--help").out)


def test_every_setting_is_one_entry_of_the_help(page: str) -> None:
    def entries(field: str) -> list[str]:
        name = field.replace("_", "-")
        entry = re.compile(rf"^  (DATA, )?--(\[no-\])?{name}(?![\w-])")
        return [line for line in page.splitlines() if entry.match(line)]

    assert {field: len(entries(field)) for field in FIELDS} == dict.fromkeys(FIELDS, 1)


def test_the_help_has_the_groups_of_the_recipe_in_their_order(page: str) -> None:
    assert [line for line in page.splitlines() if line in GROUPS] == list(GROUPS)


def test_the_help_names_defaults_and_shorts(page: str) -> None:
    words = " ".join(page.split())
    assert "--epochs N passes over the training images [20]" in words
    assert "--batch-size, -b N" in words
    assert "--workers, -j N" in words
    assert "--[no-]pretrained start from downloaded weights (timm, torchvision) [off]" in words
    assert "shape of the learning rate after warm-up: cosine, onecycle, step, constant [cosine]" in words


def test_the_help_fits_80_columns(page: str) -> None:
    assert max(len(line) for line in page.splitlines()) <= 80


SAMPLES: dict[str, tuple[str, Any]] = {
    "data": ("photos", "photos"),
    "img_size": ("64x48", (64, 48)),
    "channels": ("1", 1),
    "epochs": ("7", 7),
    "lr": ("0.5", 0.5),
    "sched": ("step", "step"),
    "opt": ("adamw", "adamw"),
    "norm": ("none", "none"),
    "augment": ("none", "none"),
    "class_weights": ("balanced", "balanced"),
    "precision": ("fp32", "fp32"),
    "memory_format": ("contiguous", "contiguous"),
    "activation": ("gelu", "gelu"),
    "resize": ("pad", "pad"),
    "on_bad": ("fail", "fail"),
    "batch_size": ("8", 8),
    "workers": ("2", 2),
    "patience": ("3", 3),
    "stop_when": ("overfitting", "overfitting"),
    "seed": ("5", 5),
}


def sample(field: str) -> tuple[str, Any]:
    """Something to type for a setting, and what the recipe makes of it."""
    info = Recipe.model_fields[field]
    if field in SAMPLES:
        return SAMPLES[field]
    if info.annotation is bool:
        return ("false", False) if info.default else ("true", True)
    return ("0.25", 0.25) if "float" in str(info.annotation) else ("thing", "thing")


FORMS = ("--{dash}={value}", "--{under} {value}", "{under}={value}")


# Each name in one of the forms, in turn: that the forms are equal is test_tokens.py's business.
@pytest.mark.parametrize(
    ("name", "form"), [(name, FORMS[i % len(FORMS)]) for i, name in enumerate(sorted(aliases()))]
)
def test_every_name_of_every_setting_reaches_the_verb(
    cli: Callable[..., Any], verb: Callable[..., list[dict[str, Any]]], name: str, form: str
) -> None:
    calls = verb("train", lambda *_, **__: pytest.fail("stop here"))
    field = aliases()[name]
    typed, wanted = sample(field)
    dash = name.replace("_", "-")
    words = form.format(dash=dash, under=name, value=typed).split()
    if len(name) == 1 and words[0].startswith("--"):
        words[0] = words[0][1:]
    with pytest.raises(pytest.fail.Exception):
        cli("train", *words)
    given = {**calls[0], "data": calls[0]["args"][0]}
    assert getattr(Recipe.make({k: v for k, v in given.items() if k in FIELDS}), field) == wanted


@pytest.mark.parametrize("field", [f for f, i in Recipe.model_fields.items() if i.annotation is bool])
def test_switches_can_be_turned_on_and_off(
    cli: Callable[..., Any], verb: Callable[..., list[dict[str, Any]]], field: str
) -> None:
    calls = verb("train", lambda *_, **__: pytest.fail("stop here"))
    for words in (("--" + field,), ("--no-" + field.replace("_", "-"),), ("--no_" + field,)):
        with pytest.raises(pytest.fail.Exception):
            cli("train", *words)
    assert [call[field] for call in calls] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("224", (224, 224)),
        ("224x192", (224, 192)),
        ("224,192", (224, 192)),
        ("[224, 192]", (224, 192)),
        ("8X9", (8, 9)),
    ],
)
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert size_from("img_size", text) == size


@pytest.mark.parametrize("text", ["", "x", "224y192", "0", "-1", "1x2x3", "22.5", "²"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        size_from("img_size", text)
    assert str(caught.value) == (
        f"--img-size cannot be that [invalid-setting]\n  got       {text!r}\n"
        "  expected  224, or height and width: 224x192"
    )


def test_auto_and_none_leave_a_number_to_striate() -> None:
    settings = settings_from({"batch_size": "auto", "lr": "none", "norm": "none", "name": "none"})
    assert settings == {"batch_size": None, "lr": None, "norm": "none", "name": "none"}


def test_a_recipe_file_gives_settings_and_flags_win(tmp_path: Path) -> None:
    path = tmp_path / "args.yaml"
    path.write_text("epochs: 7\nimgsz: 32\nmodel: resnet20\n")
    settings = settings_from({"config": str(path), "epochs": "9", "data": None})
    assert settings == {"epochs": "9", "img_size": (32, 32), "model": "resnet20"}


def test_a_run_s_own_args_yaml_is_a_recipe_file(tmp_path: Path) -> None:
    recipe = Recipe.make({"epochs": 7, "img_size": (32, 16), "data": "photos"})
    path = tmp_path / "args.yaml"
    path.write_text(recipe.to_yaml())
    assert Recipe.make(settings_from({"config": str(path)})) == recipe


@pytest.mark.parametrize(
    ("content", "got"),
    [(None, "No such file or directory"), (b"\xff\xfe\x00", "not YAML: "), (b"a: [1", "not YAML: ")],
)
def test_recipe_files_that_cannot_be_read(tmp_path: Path, content: bytes | None, got: str) -> None:
    path = tmp_path / "args.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeFileUnusable) as caught:
        settings_from({"config": str(path)})
    assert caught.value.where == str(path)
    assert str(caught.value.got).startswith(got)


def test_a_recipe_file_with_a_typo_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("epoch: 7\n")
    with pytest.raises(Exception, match="did you mean epochs") as caught:
        settings_from({"config": str(path)})
    assert f"where     {path}" in str(caught.value)


def test_the_command_line_says_the_same_again() -> None:
    flags = {
        "data": "my photos",
        "epochs": "3",
        "img_size": "64x48",
        "skip": False,
        "exist_ok": True,
        "lr": None,
        "config": "a b.yaml",
    }
    assert command_line("train", flags) == (
        "striate train 'my photos' --epochs 3 --img-size 64x48 --no-skip --exist-ok --config 'a b.yaml'"
    )


def test_the_recipe_file_flag_is_no_setting() -> None:
    assert not set(RECIPE_SPELLING.known) - set(aliases()) - {"config", "recipe", "cfg"}
    assert yaml.safe_load(Recipe().to_yaml()).keys() == Recipe.model_fields.keys()
