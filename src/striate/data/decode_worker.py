"""A process that decodes runs of files: `python -m striate.data.decode_worker`.

A plain program rather than a fork or a pickled function, so a user's script is never run a second time, no
thread of torch is copied, and a decoder that crashes takes nothing with it. It imports NumPy, Pillow and simplejpeg only.

    in    one line of JSON: the job; then one line per run: {"first": 0, "paths": [...]}
    out   HELLO; then one frame per piece: HEAD (first, files, bytes of JSON), packed facts, JSON of the details

The end of its input ends the process at once, so none outlives the scan, however that ended. Knows nothing about scheduling.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import struct
import sys
import threading
import warnings
from typing import BinaryIO

from striate.data.decode_run import Job, decode_run

__all__ = ["FAILED", "HEAD", "HELLO", "main"]

HELLO = b"striate\n"
HEAD = struct.Struct("<QII")
FAILED = 0xFFFFFFFF
"""In place of the number of files: the pixel file could not be written; the JSON is [errno, text]."""


def _read_requests(requests: BinaryIO, pending: queue.SimpleQueue[bytes]) -> None:
    """Lines into the queue; at the end of input the process ends, in the middle of a file if need be."""
    for line in requests:
        pending.put(line)
    os._exit(0)


def main() -> None:
    """Serve until the input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole terminal; the scan ends its workers itself
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the frames
    pending: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, pending), daemon=True).start()
    answers.write(HELLO)
    answers.flush()
    job = Job.from_dict(json.loads(pending.get()))
    while True:
        request = json.loads(pending.get())
        try:
            for piece in decode_run(job, request["first"], request["paths"]):
                details = json.dumps(piece.details).encode() if piece.details else b""
                answers.write(
                    HEAD.pack(piece.first, len(piece.facts), len(details)) + piece.facts.tobytes() + details
                )
                answers.flush()
        except OSError as error:
            said = json.dumps([error.errno, error.strerror]).encode()
            answers.write(HEAD.pack(0, FAILED, len(said)) + said)
            answers.flush()


if __name__ == "__main__":
    main()
