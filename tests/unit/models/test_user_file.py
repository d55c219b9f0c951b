"""A person's own file: built by name, and every mistake told by a line of that file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from striate.models.errors import ModelFileFailed, NoSuchFactory
from striate.models.user_file import factory_of, names_a_file

GOOD = """\
from dataclasses import dataclass
from torch import nn
import neighbour

@dataclass
class Settings:
    width: int = neighbour.WIDTH

class TinyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, Settings().width, 3)

def tiny_net():
    import neighbour
    return TinyNet()

def needs(width):
    return nn.Conv2d(3, width, 3)

def none():
    return "no network"

def broken():
    width = 1
    return inner(width)

def inner(width):
    return width / 0

ready = nn.Conv2d(1, 1, 1)
_hidden = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "neighbour.py").write_text("WIDTH = 5\n")
    path = tmp_path / "net.py"
    path.write_text(GOOD)
    return path


def test_a_function_a_class_and_a_finished_network(file: Path) -> None:
    before = list(sys.path)
    for name in ("tiny_net", "TinyNet"):
        factory = factory_of(f"{file}:{name}")
        one, two = factory(), factory()
        assert one.conv.out_channels == 5  # type: ignore[union-attr]
        assert one is not two
        assert not factory.finished
    ready = factory_of(f"{file}:ready")
    assert ready.finished
    assert ready() is ready()
    assert sys.path == before


def test_what_names_a_file() -> None:
    assert names_a_file("net.py:TinyNet")
    assert names_a_file("some/net.py")
    assert names_a_file(r"C:\nets\net.py:TinyNet")
    assert not names_a_file("resnet20")
    assert not names_a_file("timm/resnet50.a1_in1k")
    assert not names_a_file("runs/train/photos")


def test_an_error_is_told_by_the_last_line_of_the_file(file: Path) -> None:
    with pytest.raises(ModelFileFailed) as failed:
        factory_of(f"{file}:broken")()
    assert str(failed.value) == (
        "this file builds no network [model-file-failed]\n"
        f"  where     {file}, line 29\n"
        "  got       return width / 0\n"
        "            ZeroDivisionError: division by zero\n"
        f"  next      python {file} shows it with a traceback"
    )


def test_a_path_from_here_is_told_by_its_lines_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(ModelFileFailed, match=r"where     net\.py, line 29\n"):
        factory_of("net.py:broken")()
    Path("wrong.py").write_text("x = (\n")
    with pytest.raises(ModelFileFailed, match=r"where     wrong\.py, line 1\n"):
        factory_of("wrong.py:f")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("import torch\ndef f(:\n  pass\n", 2, "SyntaxError: invalid syntax"),
        ("import torch\nimport no_such_library_at_all\n", 2, "ModuleNotFoundError: No module named"),
        ("\n\nraise SystemExit('no')\n", 3, "SystemExit: no"),
    ],
)
def test_a_file_that_raises_while_it_is_imported(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "net.py"
    path.write_text(text)
    with pytest.raises(ModelFileFailed) as failed:
        factory_of(f"{path}:f")
    assert f"line {line}\n" in str(failed.value)
    assert said in str(failed.value)
    assert "striate/" not in str(failed.value).replace(str(tmp_path), "")


def test_a_factory_that_needs_arguments_and_one_that_builds_none(file: Path) -> None:
    with pytest.raises(
        ModelFileFailed, match=r"missing 1 required positional argument: 'width' \(in needs\(\)\)"
    ):
        factory_of(f"{file}:needs")()
    with pytest.raises(ModelFileFailed) as failed:
        factory_of(f"{file}:none")()
    assert str(failed.value) == (
        "none builds no network [model-file-failed]\n"
        f"  where     {file}\n"
        "  got       an object of type str\n"
        "  expected  a torch.nn.Module"
    )


def test_a_factory_that_is_not_there(file: Path) -> None:
    with pytest.raises(NoSuchFactory) as failed:
        factory_of(f"{file}:TinyNett")
    assert str(failed.value) == (
        "the file has no such factory [no-such-factory]\n"
        f"  where     {file}\n"
        "  got       TinyNett\n"
        "  expected  one of: Settings, TinyNet, tiny_net, needs, none, broken, inner, ready\n"
        f"  next      did you mean {file}:TinyNet?"
    )
    with pytest.raises(NoSuchFactory, match="which network of this file is not said"):
        factory_of(str(file))
    with pytest.raises(NoSuchFactory):
        factory_of(f"{file}:_hidden")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileFailed, match="no such file"):
        factory_of(f"{tmp_path}/gone.py:f")
