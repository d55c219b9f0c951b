"""No file names the registry packages come from, nor a folder of one person's machine."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import files_of_the_project, shown
from tests.house.verdict import none_breaks

# In pieces, so that this file does not match itself.
TRACES = re.compile(
    "|".join(
        (
            r"--(extra-)?index" + "-url",
            r"--find" + r"-links",
            r"PIP_(EXTRA_)?INDEX" + "_URL",
            r"https?://[^\s\"')]*/(simple|packages/[0-9a-f]{2})" + "/",
            r"file:" + r"///",
            r"(?<![\w.~/-])/(work|opt|root|home/\w+|Users/\w+|tmp/[a-z])" + r"/\w",
        )
    )
)


def test_no_file_names_a_registry_or_a_machine() -> None:
    named = []
    for path in files_of_the_project():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        named += [
            f"{shown(path)}:{n}: {line.strip()[:100]}"
            for n, line in enumerate(lines, 1)
            if TRACES.search(line)
        ]
    none_breaks("names a registry host or a machine's folder", named)


@pytest.mark.parametrize(
    "text",
    [
        "pip install --extra-index" + "-url=x",
        "--find" + "-links wheels",
        "https://host.example/simple" + "/torch/",
        "see /home/" + "ann/photos",
        "cd /work" + "/x",
    ],
)
def test_the_scan_sees(text: str) -> None:
    assert TRACES.search(text)


@pytest.mark.parametrize(
    "text", ["runs/work/x", "--no-emit-find" + "-links", "a/tmp/w", "https://arxiv.org/abs/1"]
)
def test_the_scan_lets_pass(text: str) -> None:
    assert TRACES.search(text) is None
