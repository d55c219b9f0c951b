"""Facts become notices: of a file where few have it, of the set where most do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from striate.core.records import Notice
from striate.data.facts import FACTS, FORMATS, MODES, REASONS
from striate.data.findings import class_notices, file_notices, same_content
from striate.data.listing import Listing
from striate.data.preprocess import Preprocess
from striate.data.scan import Scan
from tests.unit.data.bad_images import plain_listing


def scanned(n: int = 200, **changes: Sequence[tuple[int, object]]) -> tuple[Listing, Scan]:
    """`n` alike JPEGs in two classes; `width=[(3, 99)]` changes one fact of file 3."""
    facts = np.zeros(n, FACTS)
    facts["format"], facts["mode"] = FORMATS.index("JPEG"), MODES.index("RGB")
    facts["width"] = facts["height"] = 32
    facts["orientation"] = facts["frames"] = 1
    facts["digest"] = np.frombuffer(b"".join(i.to_bytes(16, "little") for i in range(n)), "V16")
    for name, pairs in changes.items():
        for i, value in pairs:
            facts[name][i] = value
    listing = plain_listing(Path("/set"), [f"{'ab'[i % 2]}/{i:03}.jpg" for i in range(n)])
    return listing, Scan(facts, {})


def told(found: tuple[Listing, Scan], preprocess: Preprocess | None = None) -> list[Notice]:
    return list(file_notices(*found, preprocess or Preprocess((32, 32))))


def one(kind: str, i: int, detail: str, action: str = "used", path: str = "") -> list[Notice]:
    label = "ab"[i % 2]
    return [Notice(kind=kind, path=path or f"{label}/{i:03}.jpg", detail=detail, action=action, label=label)]


def test_a_set_without_faults_has_nothing_to_tell() -> None:
    assert told(scanned()) == []
    assert told(scanned(0)) == []


@pytest.mark.parametrize(
    ("changes", "kind", "detail"),
    [
        ({"flags": [(3, 1)]}, "16-bit", "scaled to 8 bits by v / 257"),
        ({"flags": [(3, 2)]}, "alpha", "transparent pixels became the background colour"),
        ({"flags": [(3, 4)]}, "cmyk", "ink colours converted without a colour profile"),
        ({"flags": [(3, 8)]}, "damaged", "the decoder painted over damage; part of the picture may be wrong"),
        ({"orientation": [(3, 6)]}, "exif-rotated", "orientation 6: turned upright"),
        ({"frames": [(3, 12)]}, "animation", "the first of 12 pictures is used"),
        ({"mode": [(3, MODES.index("L"))]}, "grey-in-colour-set", "grey in all three channels"),
        ({"width": [(3, 44)]}, "elongated", "44 x 32: the centre crop loses 27 % of the area"),
        ({"height": [(3, 64)]}, "elongated", "32 x 64: the centre crop loses 50 % of the area"),
        ({"width": [(3, 7)], "height": [(3, 7)]}, "tiny", "7 x 7 pixels"),
    ],
)
def test_what_a_file_has_is_told_of_it(changes: dict, kind: str, detail: str) -> None:
    assert told(scanned(**changes)) == one(kind, 3, detail)


def test_what_a_decoder_said_is_passed_on() -> None:
    listing, scan = scanned(flags=[(3, 1)])
    scan = Scan(scan.facts, {3: "values up to 4,095 of 65,535"})
    assert told((listing, scan)) == one(
        "16-bit", 3, "scaled to 8 bits by v / 257; values up to 4,095 of 65,535"
    )


def test_the_limits_themselves_are_not_told() -> None:
    assert told(scanned(width=[(3, 8)], height=[(3, 8)])) == []
    assert told(scanned(width=[(3, 400)], height=[(3, 300)])) == [], (
        "a 4:3 photograph loses a quarter exactly"
    )
    assert told(scanned(height=[(3, 64)]), Preprocess((32, 32), resize="pad")) == []
    assert told(scanned(frames=[(i, 1) for i in range(200)])) == []


def test_what_most_files_have_is_told_once_of_the_set() -> None:
    half = scanned(orientation=[(i, 3) for i in range(100)])
    assert len(told(half)) == 100
    most = scanned(orientation=[(i, 3) for i in range(101)])
    (notice,) = told(most)
    text = "101 of 200 images: turned upright as their EXIF says"
    assert notice == Notice(kind="exif-rotated", path="", detail=text, action="used")


def test_colour_in_a_grey_set_is_told() -> None:
    found = scanned(mode=[(i, MODES.index("L")) for i in range(200) if i != 3])
    assert told(found, Preprocess((32, 32), channels=1)) == one("colour-in-grey-set", 3, "converted to grey")


def test_files_without_pixels_come_first_and_are_told_by_nothing_else() -> None:
    listing, scan = scanned(reason=[(5, REASONS.index("truncated"))], width=[(5, 0)], orientation=[(1, 2)])
    found = told((listing, Scan(scan.facts, {5: "it ends early"})))
    assert found == one("truncated", 5, "it ends early", "skipped") + one(
        "exif-rotated", 1, "orientation 2: turned upright"
    )


def test_the_split_of_the_data_is_in_the_notice() -> None:
    listing, scan = scanned(orientation=[(3, 2)])
    listing = dataclasses.replace(listing, split=np.full(200, 2, np.int8))
    assert told((listing, scan))[0].split == "test"


def test_a_wrong_extension_is_told_and_an_mpo_is_a_jpeg() -> None:
    found = scanned(
        100, format=[(i, FORMATS.index("PNG")) for i in range(0, 100, 4)] + [(1, FORMATS.index("MPO"))]
    )
    assert len(told(found)) == 25
    assert told(found)[0] == one("wrong-extension", 0, "the content is PNG, and decoded as such")[0]


def test_a_lone_format_is_told_as_odd() -> None:
    listing, scan = scanned(format=[(3, FORMATS.index("GIF"))])
    listing = dataclasses.replace(
        listing, paths=tuple(p.replace("003.jpg", "gone.gif") for p in listing.paths)
    )
    text = "the only GIF among 199 JPEG: used; is it a picture of its class?"
    assert told((listing, scan)) == one("odd-format", 3, text, path="b/gone.gif")
    few = scanned(100, format=[(3, FORMATS.index("GIF"))])
    assert "odd-format" not in {n.kind for n in told(few)}, (
        "one in a hundred is not less than one in a hundred"
    )


def copies(*pairs: tuple[int, int]) -> list[tuple[int, object]]:
    return [(i, np.frombuffer(first.to_bytes(16, "little"), "V16")[0]) for i, first in pairs]


def test_copies_are_told_by_what_they_break() -> None:
    listing, scan = scanned(digest=copies((7, 1), (8, 1), (9, 1)))
    split = np.full(200, 0, np.int8)
    split[9] = 2
    listing = dataclasses.replace(listing, split=split)
    assert [(n.kind, n.path, n.detail, n.split) for n in told((listing, scan))] == [
        ("duplicate", "b/007.jpg", "the same bytes as b/001.jpg", "train"),
        ("duplicate-different-labels", "a/008.jpg", "the same bytes as b/001.jpg of class b", "train"),
        ("duplicate-across-splits", "b/009.jpg", "the same bytes as b/001.jpg in train", "test"),
    ]


def test_same_content_names_the_first_of_each_kind() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 40, 60)
    facts = np.zeros(60, FACTS)
    facts["digest"] = np.frombuffer(b"".join(int(v).to_bytes(16, "big") for v in values), "V16")
    facts["reason"][[4, 50]] = 1
    group = same_content(Scan(facts, {}))
    readable = [i for i in range(60) if i not in (4, 50)]
    for i in range(60):
        alike = [j for j in readable if values[j] == values[i]]
        expected = min(alike) if i in readable and len(alike) > 1 else -1
        assert group[i] == expected
    assert same_content(Scan(np.zeros(0, FACTS), {})).tolist() == []


def test_arrays_are_not_asked_for_their_format() -> None:
    listing, scan = scanned(format=[(i, 0) for i in range(200)])
    listing = dataclasses.replace(listing, root=None, arrays=np.zeros((200, 32, 32, 3), np.uint8))
    assert told((listing, scan)) == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((99, 10), []),
        ((100, 10), [("imbalance", "", "cat has 100 images, dog 10: 10 to 1")]),
        ((50, 9), [("few-images", "dog", "9 images: results for it are a matter of luck")]),
        (
            (12, 1),
            [
                ("imbalance", "", "cat has 12 images, dog 1: 12 to 1"),
                ("few-images", "dog", "1 image: results for it are a matter of luck"),
            ],
        ),
        ((50, 0), []),
    ],
)
def test_classes_are_weighed_against_each_other(counts: tuple[int, int], expected: list) -> None:
    found = class_notices(("cat", "dog"), np.array(counts))
    assert [(n.kind, n.label, n.detail) for n in found] == expected
    assert all(n.action == "told" for n in found)
