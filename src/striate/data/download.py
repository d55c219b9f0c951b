"""Files of published sets from a list of mirrors: resumed, verified, then renamed.

The only module that opens a connection, and only when a set was asked for by name and is not on this machine.
Knows nothing about what the files hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

from striate.core.atomic import fsync_folder, writing
from striate.core.progress import SILENT, Progress
from striate.data.errors import DownloadFailed

__all__ = ["RemoteFile", "checksum_of", "fetch", "is_right"]

CHUNK = 1 << 18
TIMEOUT = 30.0
"""Seconds without a byte before a mirror counts as dead."""
ATTEMPTS = 3
"""At one mirror; a transfer that breaks off goes on where it stopped."""
MAX_BYTES = 4 << 30
"""No file of a named set is larger than 0.2 GB: a server that sends on and on is not sending the set."""


@dataclass(frozen=True)
class RemoteFile:
    """A file by its published name, mirrors in the order to try, and its published checksum."""

    name: str
    urls: tuple[str, ...]
    checksum: str
    """'md5:...' or 'sha256:...', as the publisher gives it."""


class _Failed(Exception):
    """One mirror did not give the file; its text says why."""


def checksum_of(path: Path, algorithm: str) -> str:
    """'<algorithm>:<hex>' of the file's bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return f"{algorithm}:{digest.hexdigest()}"


def is_right(path: Path, checksum: str) -> bool:
    """Whether the file has the published checksum."""
    return checksum_of(path, checksum.partition(":")[0]) == checksum


def fetch(
    files: Sequence[RemoteFile], folder: Path, progress: Progress = SILENT, timeout: float = TIMEOUT
) -> list[Path]:
    """The files in `folder`, those that are missing fetched. Two processes may do so at once.

    A file gets its name when its checksum is right, never before. Raises DownloadFailed, which lists every file that
    is still missing, DiskFull, CannotWrite.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".download.lock"):
            for file in files:
                path = folder / file.name
                if path.exists() and is_right(path, file.checksum):
                    continue
                reasons = _from_mirrors(file, path, progress, timeout)
                if reasons:
                    raise _download_failed(files, folder, reasons)
    return [folder / file.name for file in files]


def _download_failed(files: Sequence[RemoteFile], folder: Path, reasons: Sequence[str]) -> DownloadFailed:
    missing = [file for file in files if not (folder / file.name).exists()]
    return DownloadFailed(
        "a data set is not on this machine and could not be fetched",
        where=folder,
        got="\n".join(reasons),
        next_step="fetch on another machine, and put into the folder above:\n"
        + "\n".join(file.urls[0] for file in missing),
    )


def _from_mirrors(file: RemoteFile, path: Path, progress: Progress, timeout: float) -> list[str]:
    """Try mirror after mirror; the reason of each that failed, or nothing when one gave the file."""
    part = path.with_name(f"{path.name}.part")
    reasons = []
    for url in file.urls:
        try:
            resumed = _transfer(url, part, progress, timeout)
            if resumed and not is_right(part, file.checksum):
                # The first half may have been another mirror's, or another day's: once more from the start.
                part.unlink()
                _transfer(url, part, progress, timeout)
            if is_right(part, file.checksum):
                os.replace(part, path)
                fsync_folder(path.parent)
                return []
            part.unlink()
            raise _Failed("wrong checksum")
        except _Failed as error:
            reasons.append(f"{url}: {error}")
    return reasons


def _transfer(url: str, part: Path, progress: Progress, timeout: float) -> bool:
    """Bring `part` to the length the mirror says; whether it began with bytes of an earlier attempt."""
    resumed = part.exists() and part.stat().st_size > 0
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            _request(url, part, progress, timeout)
            return resumed
        except urllib.error.HTTPError as error:
            error.close()
            raise _Failed(f"HTTP {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
    raise _Failed(reason)


def _request(url: str, part: Path, progress: Progress, timeout: float) -> None:
    """One request for what `part` lacks. Raises OSError when the bytes end too early."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "striate"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = _opener().open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing beyond what is here: whole, or another file; the checksum tells
            raise
        error.close()
        return
    with contextlib.closing(response):
        if response.status == 206 and not response.headers.get("Content-Range", "").startswith(
            f"bytes {have}-"
        ):
            raise _Failed("another range than asked for")
        _save(response, part, have if response.status == 206 else 0, progress)


def _opener() -> urllib.request.OpenerDirector:
    """Web addresses only: urllib's usual opener also reads file: and follows redirects to ftp:."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _save(response: http.client.HTTPResponse, part: Path, start: int, progress: Progress) -> None:
    """Append to the first `start` bytes of `part` what the mirror sends."""
    length = response.headers.get("Content-Length")
    total = None if length is None else start + int(length)
    label = f"Fetching {part.name.removesuffix('.part')}"
    with progress.task(label, total, of="bytes") as task, _opened(part, start) as file:
        task.advance(start)
        at = start
        while data := response.read(CHUNK):
            at += len(data)
            if at > MAX_BYTES:
                raise _Failed(f"more than {MAX_BYTES >> 30} GiB")
            with writing(part):
                file.write(data)
            task.advance(len(data))
    if total is not None and at < total:
        raise OSError(f"it broke off after {at:,} of {total:,} bytes")


def _opened(part: Path, start: int) -> IO[bytes]:
    with writing(part):
        file = part.open("r+b" if start else "wb", buffering=0)
        file.seek(start)
        return file
