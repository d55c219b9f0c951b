"""A network that a person's own Python file builds: ``net.py:TinyNet``.

The file is run because it was named, and only then; its mistakes are told by its own lines. Knows nothing about striate's
networks or weights.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from striate.core.errors import nearest
from striate.models.errors import ModelFileFailed, NoSuchFactory

__all__ = ["UserFactory", "factory_of", "names_a_file"]


@dataclass(frozen=True)
class UserFactory:
    """Builds the network when called, with torch's generator as it then is."""

    path: Path
    name: str
    found: Any

    @property
    def finished(self) -> bool:
        """Whether the file holds the network itself, so that every call hands the same one over."""
        return isinstance(self.found, nn.Module)

    def __call__(self) -> nn.Module:
        """The network. Raises ModelFileFailed."""
        return _built(self.path, self.name, self.found)


def names_a_file(text: str) -> bool:
    """Whether `text` is ``file.py:factory``, or a Python file without a factory."""
    path, _, _ = _parts(text)
    return path.suffix == ".py"


def factory_of(text: str) -> UserFactory:
    """What builds the network that ``file.py:factory`` means.

    The factory is a function or class that can be called without arguments, or a finished module, which is handed back as it is. The
    file's folder can be imported from while it runs. Raises ModelFileFailed or NoSuchFactory.
    """
    path, colon, name = _parts(text)
    if not path.is_file():
        raise ModelFileFailed(
            "no such file", where=path, expected="file.py:factory", next_step="check the path"
        )
    module = _run(path)
    found = vars(module).get(name) if name else None
    if found is None or not (callable(found) or isinstance(found, nn.Module)):
        raise _no_factory(path, module, name, colon)
    return UserFactory(path, name, found)


def _parts(text: str) -> tuple[Path, str, str]:
    """Path, colon and name; the colon of a drive letter is none."""
    head, colon, name = text.rpartition(":")
    if colon and head.endswith(".py"):
        return Path(head), colon, name
    return Path(text), "", ""


def _run(path: Path) -> ModuleType:
    """The file as a module, under a name that hides none."""
    name = f"striate_user_file_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Classes look their module up by name (dataclasses do), also after the import.
    sys.modules[name] = module
    with _told_by_its_lines(path, "while it was imported"), _importing_from(path.parent):
        spec.loader.exec_module(module)
    return module


def _built(path: Path, name: str, found: Any) -> nn.Module:
    network = found
    if not isinstance(found, nn.Module):
        with _told_by_its_lines(path, f"in {name}()"), _importing_from(path.parent):
            network = found()
    if not isinstance(network, nn.Module):
        raise ModelFileFailed(
            f"{name} builds no network",
            where=path,
            got=f"an object of type {type(network).__name__}",
            expected="a torch.nn.Module",
        )
    return network


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """The file's neighbours can be imported, as when Python runs the file itself."""
    entry = str(folder.resolve())
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        sys.path.remove(entry)


@contextmanager
def _told_by_its_lines(path: Path, when: str) -> Iterator[None]:
    """Whatever the person's code raises, as one screen with the line of their file."""
    try:
        yield
    except (Exception, SystemExit) as error:  # the border to code that may raise anything
        line, text = _line(path, error)
        said = f"{type(error).__name__}: {error}".strip().removesuffix(":")
        raise ModelFileFailed(
            "this file builds no network",
            where=f"{path}, line {line}" if line else path,
            got=f"{text}\n{said}" if text else f"{said} ({when})",
            next_step=f"python {path} shows it with a traceback",
        ) from error


def _line(path: Path, error: BaseException) -> tuple[int, str]:
    """Number and text of the last line of the file on the way to the error; 0 where none was on it."""
    own = path.resolve()
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == own:
        return error.lineno or 0, (error.text or "").strip()
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == own]
    return (frames[-1].lineno or 0, frames[-1].line or "") if frames else (0, "")


def _no_factory(path: Path, module: ModuleType, name: str, colon: str) -> NoSuchFactory:
    own = [
        n
        for n, value in vars(module).items()
        if not n.startswith("_")
        and (getattr(value, "__module__", "") == module.__name__ or isinstance(value, nn.Module))
        and callable(value)
    ]
    close = nearest(name, own) if name else own[:1]
    return NoSuchFactory(
        "the file has no such factory" if colon else "which network of this file is not said",
        where=path,
        got=name or None,
        expected="one of: " + ", ".join(own[:12]) if own else "a function or class that builds a network",
        next_step=f"did you mean {path}:{close[0]}?" if close else None,
    )
