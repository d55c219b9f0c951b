"""Scalars in the records of a TensorBoard event file, read from the wire format.

Of the message Event: step (field 2), summary (5); of Summary: value (1); of its Value: tag (1), simple_value (2), tensor (8), of
which dtype (1), tensor_content (4), float_val (5) and double_val (6). All else is stepped over. Knows nothing about files,
checksums or what tags mean.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["LONGEST", "Scalar", "scalars"]

Scalar = tuple[str, int, float]

# A summary of some hundred scalars. What is longer holds images, graphs or histograms, and is not looked into.
LONGEST = 16_384
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_FLOAT, _DOUBLE = 1, 2

Field = tuple[int, int, int, int]
"""Number, wire type, and where the value begins and ends; of a varint the value and 0."""


def scalars(data: bytes, start: int, length: int) -> list[Scalar]:
    """Scalars of one record; none where it is no Event or breaks off."""
    if length > LONGEST:
        return []
    step = 0
    found: list[tuple[str, float]] = []
    try:
        for number, wire, begin, end in _fields(data, start, start + length):
            if number == 2 and wire == _VARINT:
                step = begin - (1 << 64) if begin >= 1 << 63 else begin
            elif number == 5 and wire == _BYTES:
                for inner, inner_wire, a, b in _fields(data, begin, end):
                    if inner == 1 and inner_wire == _BYTES and (value := _value(data, a, b)):
                        found.append(value)
    except (ValueError, IndexError, struct.error):
        return []
    return [(tag, step, value) for tag, value in found]


def _fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    """The fields of one message; raises ValueError where they overrun it."""
    while at < end:
        key, at = _varint(data, at, end)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at, end)
            yield number, wire, value, 0
            continue
        if wire == _BYTES:
            size, at = _varint(data, at, end)
        elif wire == _EIGHT:
            size = 8
        elif wire == _FOUR:
            size = 4
        else:
            raise ValueError("no such wire type")
        if at + size > end:
            raise ValueError("a field overruns its message")
        yield number, wire, at, at + size
        at += size


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise ValueError("a number without an end")


def _value(data: bytes, at: int, end: int) -> tuple[str, float] | None:
    """Tag and scalar of one value of a summary."""
    tag, figure = "", None
    for number, wire, a, b in _fields(data, at, end):
        if number == 1 and wire == _BYTES:
            tag = data[a:b].decode("utf-8", errors="replace")
        elif number == 2 and wire == _FOUR:
            (figure,) = struct.unpack_from("<f", data, a)
        elif number == 8 and wire == _BYTES:
            figure = _tensor(data, a, b)
    return None if figure is None else (tag, figure)


def _tensor(data: bytes, at: int, end: int) -> float | None:
    """The one number in a tensor of float or double; None for others."""
    kind, content, floats, doubles = 0, b"", b"", b""
    for number, wire, a, b in _fields(data, at, end):
        if number == 1 and wire == _VARINT:
            kind = a
        elif number == 4 and wire == _BYTES:
            content = data[a:b]
        elif number == 5:
            floats += data[a:b]
        elif number == 6:
            doubles += data[a:b]
    if kind == _FLOAT and len(raw := floats or content) == 4:
        return float(struct.unpack("<f", raw)[0])
    if kind == _DOUBLE and len(raw := doubles or content) == 8:
        return float(struct.unpack("<d", raw)[0])
    return None
