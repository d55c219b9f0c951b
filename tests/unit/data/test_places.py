"""Where the cache lies and where local sets are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.data.places import default_cache_dir, local_data_dirs


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"STRIATE_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"}, Path("/a/b")),
        ({"XDG_CACHE_HOME": "/c"}, Path("/c/striate")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache/striate"),
        ({"STRIATE_CACHE": "", "XDG_CACHE_HOME": ""}, Path.home() / ".cache/striate"),
        ({"STRIATE_CACHE": "~/x"}, Path.home() / "x"),
    ],
)
def test_the_cache(environ: dict[str, str], expected: Path) -> None:
    assert default_cache_dir(environ) == expected


def test_the_cache_is_not_made(tmp_path: Path) -> None:
    default_cache_dir({"STRIATE_CACHE": str(tmp_path / "new")})
    assert list(tmp_path.iterdir()) == []


def test_data_folders_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("asked", "variable", "data", "cache/datasets"):
        (tmp_path / name).mkdir(parents=True)
    found = local_data_dirs(
        tmp_path / "asked", tmp_path / "cache", {"STRIATE_DATA": str(tmp_path / "variable")}
    )
    assert found == (tmp_path / "asked", tmp_path / "variable", Path("data"), tmp_path / "cache/datasets")
    assert local_data_dirs(tmp_path / "missing", tmp_path / "none", {}) == (Path("data"),)
