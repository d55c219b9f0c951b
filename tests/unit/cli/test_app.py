"""The front page, and that nothing is imported before it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import striate
from striate.cli.app import ALIASES, VERBS

FRONT = """\
Usage: striate VERB ...

A folder of images in; a trained classifier and an honest report out.

Verbs
  train             Train a classifier on a folder of images.
  resume            Go on with a run that was interrupted, to the same bits.
  val, eval         Score a run on its held-out images, or on other data.
  predict           Say what is on images.
  compare           Compare two runs class by class: what the second one hurts.
  report            Write a run's report again from its records.
  diagnose          Name what is wrong with a run, or with any tool's log.
  scan, check-data  Look through the images: what is broken, doubled, missing.
  augment           Tell which transforms keep the labels of this data.
  inspect           List a network's layers: shape, cost, what a unit sees.
  filters           Show a network's first kernels, beside noise.
  field             Show what a unit really sees of the image.
  equivariance      Measure whether layers move with the image.
  lr-find           Measure a good learning rate; leaves no trace.

Options
  --completion  Print completions for bash, zsh, fish or powershell.
  --help, -h    Show this page; after a verb, its own.
  --version     Show the version.

Examples
  striate train photos/                    one folder for each class
  striate train cifar10 --model resnet20 --epochs 20
  striate train labels.csv batch=64        key=value works too
  striate resume runs/train/photos
  striate predict runs/train/photos new/*.jpg
  striate train --help                     all settings, with their defaults
"""


def test_the_front_page(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli("--help").out == FRONT


@pytest.mark.parametrize("verb", [*VERBS, *ALIASES])
def test_each_verb_has_its_page(cli: Callable[..., Any], verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = cli(verb, "--help")
    line, usage = VERBS[ALIASES.get(verb, verb)]
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: {usage}\n\n{line[0].upper()}{line[1:]}.\n")
    assert max(len(text) for text in ended.out.splitlines()) <= 80


def test_only_training_shows_examples_of_training(cli: Callable[..., Any]) -> None:
    assert "Examples" in cli("train", "--help").out
    assert "Examples" not in cli("val", "--help").out


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["train", "--help"], ["train", "--epoch", "3"]])
def test_nothing_heavy_is_imported_to_talk(words: list[str]) -> None:
    heavy = {"torch", "numpy", "matplotlib", "PIL"} | ({"pydantic", "yaml"} if len(words) == 1 else set())
    probe = (
        "import sys; from striate.cli import main; main(sys.argv[1:]); "
        f"sys.exit('imported: ' + ' '.join(found) if (found := {heavy!r} & set(sys.modules)) else 0)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", probe, *words], env=env, capture_output=True, text=True, check=False
    )
    assert "imported: " not in done.stderr
    assert done.returncode == 0
