"""Event files that are whole, cut short, damaged, begun again, or no event files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs import read_log
from striate.diagnosis.logs.crc32c import crc32c, masked
from striate.diagnosis.logs.event_log import read_events

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "logs" / "tensorboard"
WHOLE = GOLDEN / "by_epoch" / "events.out.tfevents.1700000000.host.1.0"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def part(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + varint(len(content)) + content


def event(step: int, **figures: float) -> bytes:
    """One Event with its summary, as the wire format has it."""
    values = b"".join(
        part(1, part(1, tag.replace("__", "/").encode()) + b"\x15" + np.float32(x).tobytes())
        for tag, x in figures.items()
    )
    return b"\x09" + np.float64(1.0).tobytes() + b"\x10" + varint(step) + part(5, values)


def record(content: bytes) -> bytes:
    def checksum(data: bytes) -> bytes:
        buffer = np.frombuffer(data, dtype=np.uint8)
        return masked(crc32c(buffer, np.array([0]), len(data))).astype("<u4").tobytes()

    head = len(content).to_bytes(8, "little")
    return head + checksum(head) + content + checksum(content)


def written(folder: Path, *events: bytes, name: str = "events.out.tfevents.1") -> Path:
    path = folder / name
    path.write_bytes(b"".join(map(record, events)))
    return path


def test_the_checksum_is_the_published_one() -> None:
    # RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and rising.
    for data, value in ((bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E)):
        assert crc32c(np.frombuffer(data, dtype=np.uint8), np.array([0]), 32)[0] == value


@pytest.mark.parametrize("lost", [1, 10, 300, 900])
def test_a_file_cut_short_is_read_up_to_there_and_it_is_said(tmp_path: Path, lost: int) -> None:
    path = tmp_path / WHOLE.name
    path.write_bytes(WHOLE.read_bytes()[:-lost])
    seen = read_log(path)
    assert f"{WHOLE.name}: its last record is cut short." in seen.setting.assumed
    whole = read_log(WHOLE)
    assert 0 < len(seen.epochs) <= 6
    assert seen.epochs[0].train_loss == whole.epochs[0].train_loss


def test_a_record_that_fails_its_checksum_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, *(event(n, train__loss=3 - n, val__loss=3 - n) for n in range(3)))
    data = bytearray(path.read_bytes())
    size = len(data) // 3
    # The last byte of the second record's figure.
    data[2 * size - 5] ^= 1
    path.write_bytes(bytes(data))
    seen = read_log(path)
    assert f"{path.name}: 1 of its records fail their checksum and were left out." in seen.setting.assumed
    assert [p.val_loss for p in seen.epochs] == [3, 1]


def test_a_damaged_head_ends_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, *(event(n, val__loss=3 - n) for n in range(3)))
    data = bytearray(path.read_bytes())
    at = 2 * len(data) // 3
    data[at] ^= 1
    path.write_bytes(bytes(data))
    seen = read_log(path)
    assert f"{path.name}: it is damaged at byte {at}." in seen.setting.assumed
    assert [p.val_loss for p in seen.epochs] == [3, 2]


def test_a_tag_that_goes_back_was_begun_again(tmp_path: Path) -> None:
    first = written(tmp_path, *(event(n, val__loss=9) for n in range(4)))
    second = written(tmp_path, *(event(n, val__loss=n) for n in (2, 3, 4)), name="events.out.tfevents.2")
    seen = read_log(tmp_path)
    assert [p.val_loss for p in seen.epochs] == [9, 9, 2, 3, 4]
    assert (
        "Steps go back, so the run was begun again or resumed there: what came later counts."
        in seen.setting.assumed
    )
    assert seen.setting.assumed[0] == "The log is the event files in it."
    assert read_events([first, second]).rows == 5


def test_files_without_the_usual_name_are_known_by_their_bytes(tmp_path: Path) -> None:
    shutil.copy(WHOLE, tmp_path / "log")
    assert len(read_log(tmp_path / "log").epochs) == 6


def test_a_file_without_scalars(tmp_path: Path) -> None:
    path = written(tmp_path, b"\x09" + bytes(8) + part(3, b"brain.Event:2"))
    with pytest.raises(LogEmpty) as error:
        read_log(path)
    assert str(error.value).replace(str(tmp_path), "ROOT") == (
        "the event file holds no scalar [log-empty]\n  where     ROOT/events.out.tfevents.1\n  got       1 whole records\n"
        "  expected  scalars such as loss and accuracy\n  next      close the writer, or give another file"
    )


@pytest.mark.parametrize(
    "data", [b"", b"\x01", bytes(40), bytes(range(200))], ids=["empty", "byte", "zeros", "junk"]
)
def test_a_file_without_a_whole_record(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(data)
    with pytest.raises(NotATrainingLog, match="the file holds no whole record of events"):
        read_log(path)


def test_tags_of_something_else(tmp_path: Path) -> None:
    path = written(tmp_path, event(1, queue__size=3))
    with pytest.raises(NotATrainingLog) as error:
        read_log(path)
    assert str(error.value).replace(str(tmp_path), "ROOT") == (
        "the log names no loss and no accuracy [not-a-training-log]\n  where     ROOT/events.out.tfevents.1\n"
        "  got       queue/size\n  expected  names such as train/loss, val_loss, accuracy\n"
        "  next      give the log of the training run"
    )


def test_a_record_larger_than_scalars_is_stepped_over(tmp_path: Path) -> None:
    image = b"\x10\x01" + part(
        5, part(1, part(1, b"train/loss") + part(4, bytes(40_000)) + b"\x15" + bytes(4))
    )
    seen = read_log(written(tmp_path, image, event(1, train__loss=2, val__loss=2)))
    assert [p.train_loss for p in seen.epochs] == [2]
