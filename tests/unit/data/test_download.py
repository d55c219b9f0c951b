"""Downloads over loopback: resumed, verified, another mirror when one fails, and one clear error when all do."""

from __future__ import annotations

import hashlib
import http.server
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from striate.core.atomic import DiskFull
from striate.core.progress import SilentProgress, Unit
from striate.data import download
from striate.data.download import RemoteFile, checksum_of, fetch, is_right
from striate.data.errors import DownloadFailed

CONTENT = b"".join(i.to_bytes(4, "big") for i in range(200_000))
MD5 = "md5:" + hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path says how the mirror behaves."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))  # type: ignore[attr-defined]
        behaviour = self.path.split("/")[1]
        getattr(self, behaviour)()

    def send(self, body: bytes, code: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def start(self) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        return int(asked[1]) if asked else 0

    def good(self) -> None:
        if self.start() >= len(CONTENT):
            return self.send(b"", 416)
        if self.start():
            span = f"bytes {self.start()}-{len(CONTENT) - 1}/{len(CONTENT)}"
            return self.send(CONTENT[self.start() :], 206, Content_Range=span)
        return self.send(CONTENT)

    def no_ranges(self) -> None:
        self.send(CONTENT)

    def missing(self) -> None:
        self.send(b"<html>not here</html>", 404)

    def portal(self) -> None:
        self.send(b"<html>please log in</html>")

    def breaks_off(self) -> None:
        """Half of what is left each time, then the line is dead."""
        rest = CONTENT[self.start() :]
        span = f"bytes {self.start()}-{len(CONTENT) - 1}/{len(CONTENT)}"
        self.send(rest[: len(rest) // 2 + 1], 206 if self.start() else 200, len(rest), Content_Range=span)
        self.close_connection = True

    def wrong_range(self) -> None:
        self.send(CONTENT, 206, Content_Range=f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}")

    def silent(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.server.leave.wait(5)  # type: ignore[attr-defined]

    def elsewhere(self) -> None:
        self.send(b"", 302, Location="/good/x")

    def to_a_file(self) -> None:
        self.send(b"", 302, Location="file:" + "///etc/hostname")

    def to_ftp(self) -> None:
        self.send(b"", 302, Location="ftp://127.0.0.1/x")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.leave = [], threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.leave.set()  # type: ignore[attr-defined]
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def file_at(server: http.server.HTTPServer, *behaviours: str, checksum: str = MD5) -> RemoteFile:
    base = f"http://127.0.0.1:{server.server_port}"
    return RemoteFile("set.bin", tuple(f"{base}/{behaviour}/set.bin" for behaviour in behaviours), checksum)


def asked(server: Any) -> list[tuple[str, str | None]]:
    return [(path.split("/")[1], span) for path, span in server.asked]


def test_a_good_mirror(server: Any, tmp_path: Path) -> None:
    assert fetch([file_at(server, "good")], tmp_path / "new" / "sets") == [
        tmp_path / "new" / "sets" / "set.bin"
    ]
    assert (tmp_path / "new" / "sets" / "set.bin").read_bytes() == CONTENT
    assert {path.name for path in (tmp_path / "new" / "sets").iterdir()} <= {"set.bin", ".download.lock"}


def test_sha256_too(server: Any, tmp_path: Path) -> None:
    fetch([file_at(server, "good", checksum="sha256:" + hashlib.sha256(CONTENT).hexdigest())], tmp_path)


def test_what_is_there_is_not_fetched(server: Any, tmp_path: Path) -> None:
    (tmp_path / "set.bin").write_bytes(CONTENT)
    fetch([file_at(server, "missing")], tmp_path)
    assert asked(server) == []


def test_what_is_there_but_wrong_is_fetched_again(server: Any, tmp_path: Path) -> None:
    (tmp_path / "set.bin").write_bytes(CONTENT[:-1])
    fetch([file_at(server, "good")], tmp_path)
    assert (tmp_path / "set.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("first", ["missing", "portal", "to_a_file", "to_ftp"])
def test_the_next_mirror_is_tried(server: Any, tmp_path: Path, first: str) -> None:
    fetch([file_at(server, first, "good")], tmp_path)
    assert (tmp_path / "set.bin").read_bytes() == CONTENT
    assert asked(server)[-1] == ("good", None)


def test_redirects_on_the_web_are_followed(server: Any, tmp_path: Path) -> None:
    fetch([file_at(server, "elsewhere")], tmp_path)
    assert (tmp_path / "set.bin").read_bytes() == CONTENT


class TestResumed:
    def test_where_an_earlier_attempt_stopped(self, server: Any, tmp_path: Path) -> None:
        (tmp_path / "set.bin.part").write_bytes(CONTENT[:1000])
        fetch([file_at(server, "good")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT
        assert asked(server) == [("good", "bytes=1000-")]

    def test_from_the_start_where_the_mirror_knows_no_ranges(self, server: Any, tmp_path: Path) -> None:
        (tmp_path / "set.bin.part").write_bytes(CONTENT[:1000])
        fetch([file_at(server, "no_ranges")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT
        assert len(asked(server)) == 1

    def test_after_a_broken_line(self, server: Any, tmp_path: Path) -> None:
        with pytest.raises(DownloadFailed, match="it broke off after"):
            fetch([file_at(server, "breaks_off")], tmp_path)
        halves = len(CONTENT)
        for _ in range(3):
            halves -= halves // 2 + 1
        assert (tmp_path / "set.bin.part").stat().st_size == len(CONTENT) - halves
        server.asked.clear()
        fetch([file_at(server, "good")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT
        assert asked(server) == [("good", f"bytes={len(CONTENT) - halves}-")]

    def test_at_another_mirror(self, server: Any, tmp_path: Path) -> None:
        fetch([file_at(server, "breaks_off", "good")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT
        assert asked(server)[-1][1] is not None

    def test_a_part_that_is_whole_needs_no_byte(self, server: Any, tmp_path: Path) -> None:
        (tmp_path / "set.bin.part").write_bytes(CONTENT)
        fetch([file_at(server, "good")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT

    @pytest.mark.parametrize("part", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
    def test_a_part_of_something_else_is_dropped(self, server: Any, tmp_path: Path, part: bytes) -> None:
        (tmp_path / "set.bin.part").write_bytes(part)
        fetch([file_at(server, "good")], tmp_path)
        assert (tmp_path / "set.bin").read_bytes() == CONTENT

    def test_a_range_that_was_not_asked_for_is_refused(self, server: Any, tmp_path: Path) -> None:
        (tmp_path / "set.bin.part").write_bytes(CONTENT[:1000])
        with pytest.raises(DownloadFailed, match="another range than asked for"):
            fetch([file_at(server, "wrong_range")], tmp_path)


class TestFailed:
    def test_all_mirrors_in_words(self, server: Any, tmp_path: Path) -> None:
        file = file_at(server, "missing", "portal")
        other = RemoteFile("labels.bin", ("http://127.0.0.1:9/labels.bin",), MD5)
        with pytest.raises(DownloadFailed) as error:
            fetch([file, other], tmp_path)
        assert str(error.value) == (
            "a data set is not on this machine and could not be fetched [download-failed]\n"
            f"  where     {tmp_path}\n"
            f"  got       {file.urls[0]}: HTTP 404 Not Found\n"
            f"            {file.urls[1]}: wrong checksum\n"
            "  next      fetch on another machine, and put into the folder above:\n"
            f"            {file.urls[0]}\n"
            "            http://127.0.0.1:9/labels.bin"
        )
        assert not (tmp_path / "set.bin").exists()
        assert not (tmp_path / "set.bin.part").exists()

    def test_no_network(self, tmp_path: Path) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        with pytest.raises(DownloadFailed, match="Connection refused"):
            fetch([RemoteFile("set.bin", (f"http://127.0.0.1:{port}/set.bin",), MD5)], tmp_path)

    def test_a_mirror_that_says_nothing(self, server: Any, tmp_path: Path) -> None:
        with pytest.raises(DownloadFailed, match="timed out"):
            fetch([file_at(server, "silent")], tmp_path, timeout=0.2)

    def test_other_addresses_are_not_opened(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(CONTENT)
        with pytest.raises(DownloadFailed, match="unknown url type"):
            fetch([RemoteFile("set.bin", ((tmp_path / "x").as_uri(),), MD5)], tmp_path)

    def test_an_endless_file(self, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(download, "MAX_BYTES", 1000)
        with pytest.raises(DownloadFailed, match="more than"):
            fetch([file_at(server, "good")], tmp_path)

    def test_a_full_disk_is_no_fault_of_the_mirror(
        self, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Full:
            def __enter__(self) -> Full:
                return self

            def __exit__(self, *error: object) -> None: ...

            def write(self, data: bytes) -> None:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(download, "_opened", lambda part, start: Full())
        with pytest.raises(DiskFull):
            fetch([file_at(server, "good", "good")], tmp_path)
        assert len(asked(server)) == 1


def test_progress_counts_bytes(server: Any, tmp_path: Path) -> None:
    (tmp_path / "set.bin.part").write_bytes(CONTENT[:1000])
    seen: list[tuple[str, int | None, str]] = []
    steps: list[int] = []

    class Watching(SilentProgress):
        def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> Any:
            seen.append((label, total, of))
            task = super().task(label, total)
            task.advance = steps.append  # type: ignore[method-assign]
            return task

    fetch([file_at(server, "good")], tmp_path, Watching())
    assert seen == [("Fetching set.bin", len(CONTENT), "bytes")]
    assert sum(steps) == len(CONTENT)


def test_checksums(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert checksum_of(tmp_path / "x", "md5") == "md5:900150983cd24fb0d6963f7d28e17f72"
    assert is_right(tmp_path / "x", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert not is_right(tmp_path / "x", "md5:900150983cd24fb0d6963f7d28e17f73")
