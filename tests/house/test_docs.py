"""What the documents name exists: paths, links, make targets, verbs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, files_of_the_project, shown
from tests.house.verdict import none_breaks

DOCUMENTS = [path for path in files_of_the_project() if path.suffix == ".md"]

# A path in backticks is one of the repository when it begins like this; `runs/train/photos` is a user's.
TOPS = r"(?:src|tests|docs|scripts|benchmarks|requirements|\.ci)/[\w./-]*"
FILES = r"(?:pyproject\.toml|Makefile|[A-Z]+\.md|LICENSE)"


def code(text: str) -> Iterator[str]:
    """Everything between backticks and in fenced blocks."""
    fences = re.findall(r"^```.*?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    yield from fences
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def paths_named(text: str) -> Iterator[str]:
    """Paths of the repository; those with a placeholder such as <name> are patterns, not paths."""
    for piece in code(text):
        yield from re.findall(rf"(?<![\w/.<-])({TOPS}|{FILES})(?![\w<*/])", piece)


def links_to_files(text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield target.split("#")[0]


def verbs() -> set[str]:
    """The verbs of the command line, and the names they also go by."""
    app = importlib.import_module("striate.cli.app")
    return {*app.VERBS, *app.ALIASES}


def verbs_named(text: str) -> Iterator[str]:
    for piece in code(text):
        yield from re.findall(
            r"(?<![\w.-])(?<!from )(?<!import )striate ([a-z][a-z-]+)(?=[\s`]|$)", piece, re.MULTILINE
        )


def test_every_path_in_a_document_exists() -> None:
    none_breaks(
        "a document names what is not there",
        (
            f"{shown(path)}: {name}"
            for path in DOCUMENTS
            for name in paths_named(path.read_text(encoding="utf-8"))
            if not (ROOT / name).exists()
        ),
    )


def test_every_link_between_documents_leads_somewhere() -> None:
    none_breaks(
        "a link to nothing",
        (
            f"{shown(path)}: {target}"
            for path in DOCUMENTS
            for target in links_to_files(path.read_text(encoding="utf-8"))
            if not (path.parent / target).exists()
        ),
    )


def test_every_make_target_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {
        (shown(path), target)
        for path in DOCUMENTS
        for piece in code(path.read_text(encoding="utf-8"))
        for target in re.findall(r"(?:^|\s)make ([a-z-]+)", piece, flags=re.MULTILINE)
    }
    none_breaks(
        "no such make target", (f"{name}: make {target}" for name, target in named if target not in targets)
    )


def test_every_verb_in_a_document_is_one() -> None:
    known = verbs()
    none_breaks(
        "no such verb",
        (
            f"{shown(path)}: striate {verb}"
            for path in DOCUMENTS
            for verb in verbs_named(path.read_text(encoding="utf-8"))
            if verb not in known
        ),
    )


def test_every_verb_is_one_public_function() -> None:
    # The name striate.augment is taken, by the package of transforms.
    renamed = {"augment": "audit"}
    for verb in importlib.import_module("striate.cli.app").VERBS:
        name = renamed.get(verb, verb.replace("-", "_"))
        assert callable(getattr(importlib.import_module(f"striate.verbs.{name}"), name)), verb


def test_the_version_is_said_once() -> None:
    import striate

    project = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{striate.__version__}"' in project
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert (
        re.search(r"^## \[Unreleased\]", changes, flags=re.MULTILINE) or f"[{striate.__version__}]" in changes
    )


SAMPLE = """See `src/striate/core/errors.py`, `src/striate/models/<name>.py`, `runs/train/photos` and `docs/gone.md`.

```
striate train photos/ --epochs 2
make test      # and `striate trian x`
```
Or [here](docs/LOG.md#x), [there](https://example.org/a).
"""


def test_the_scan_reads_a_document_as_a_person_does() -> None:
    assert list(paths_named(SAMPLE)) == ["src/striate/core/errors.py", "docs/gone.md"]
    assert list(verbs_named(SAMPLE)) == ["train", "trian"]
    assert list(links_to_files(SAMPLE)) == ["docs/LOG.md"]


def test_documents_are_found() -> None:
    assert Path("README.md") in {path.relative_to(ROOT) for path in DOCUMENTS}
