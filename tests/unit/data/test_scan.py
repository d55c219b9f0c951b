"""Every file of a corpus of bad ones: its fate as declared, told, and nothing of it touched."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.decode import decode
from striate.data.facts import FACTS, REASONS
from striate.data.findings import file_notices
from striate.data.pixel_errors import UnreadableImage
from striate.data.preprocess import Preprocess
from striate.data.scan import default_workers, scan_files
from tests.unit.data.bad_images import Case, encode, photo, plain_listing, tree_hashes, write_corpus

SIZE = (24, 24)
PREPROCESS = Preprocess(SIZE)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case]]:
    root = tmp_path_factory.mktemp("corpus")
    return root, sorted(write_corpus(root), key=lambda case: case.path)


def slots(path: Path, n: int, preprocess: Preprocess = PREPROCESS) -> Path:
    path.write_bytes(bytes(n * int(np.prod(preprocess.shape))))
    return path


@pytest.mark.parametrize("workers", [0, 2])
def test_every_file_of_the_corpus_meets_its_declared_fate(
    corpus: tuple[Path, list[Case]], tmp_path: Path, workers: int
) -> None:
    root, cases = corpus
    before = tree_hashes(root)
    listing = plain_listing(root, [case.path for case in cases])
    scan = scan_files(listing, PREPROCESS, slots(tmp_path / "p", len(cases)), workers=workers)
    reasons = {case.path: REASONS[code] for case, code in zip(cases, scan.facts["reason"], strict=True)}
    assert reasons == {case.path: case.reason for case in cases}
    assert tree_hashes(root) == before
    told = Counter((notice.path, notice.kind) for notice in file_notices(listing, scan, PREPROCESS))
    missing = [
        (c.path, k) for c in cases for k in (*c.kinds, *filter(None, [c.reason])) if not told[c.path, k]
    ]
    assert missing == []
    assert all(told[case.path, case.reason] == 1 for case in cases if case.reason)


def test_the_corpus_is_as_large_as_the_claim(corpus: tuple[Path, list[Case]]) -> None:
    assert len(corpus[1]) >= 190
    assert len({case.path.split("/")[1].split("-")[0] for case in corpus[1]}) >= 25


def test_prediction_sees_the_bits_that_the_scan_stored(
    corpus: tuple[Path, list[Case]], tmp_path: Path
) -> None:
    root, cases = corpus
    listing = plain_listing(root, [case.path for case in cases])
    pixels = slots(tmp_path / "p", len(cases))
    scan = scan_files(listing, PREPROCESS, pixels, workers=1)
    stored = np.fromfile(pixels, np.uint8).reshape(-1, *PREPROCESS.shape)
    for i, case in enumerate(cases):
        if scan.facts["reason"][i]:
            with pytest.raises(UnreadableImage):
                decode(root / case.path, PREPROCESS)
            assert not stored[i].any()
        else:
            assert np.array_equal(decode(root / case.path, PREPROCESS).pixels, stored[i]), case.path


@pytest.mark.parametrize(
    "preprocess",
    [
        Preprocess((24, 24), channels=1),
        Preprocess((16, 40), resize="squash"),
        Preprocess((24, 24), resize="pad", background=(10, 20, 30)),
        Preprocess((24, 24), channels=1, resize="pad"),
    ],
    ids=lambda p: f"{p.resize}-{p.channels}",
)
def test_in_process_and_in_workers_give_equal_bits(
    corpus: tuple[Path, list[Case]], tmp_path: Path, preprocess: Preprocess
) -> None:
    root, cases = corpus
    listing = plain_listing(root, [case.path for case in cases])
    results = []
    for workers in (0, 2):
        pixels = slots(tmp_path / f"p{workers}", len(cases), preprocess)
        scan = scan_files(listing, preprocess, pixels, workers=workers)
        results.append((scan.facts.tobytes(), scan.details, pixels.read_bytes()))
    assert results[0] == results[1]


def spoiled(rng: np.random.Generator, data: bytes) -> bytes:
    """Some bytes changed, or the end cut off, or both."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(0, 20))):
        changed[rng.integers(len(changed))] = rng.integers(256)
    return bytes(changed[: rng.integers(1, len(changed) + 1)]) if rng.random() < 0.5 else bytes(changed)


def seeds_of_fuzz() -> list[bytes]:
    picture = Image.fromarray(photo(7, 40, 40))
    files = [encode(picture, kind) for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM")]
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [Image.fromarray(photo(i, 40, 40)) for i in range(3)]
    return [
        *files,
        encode(picture, "JPEG", progressive=True, exif=exif),
        encode(picture, "TIFF", compression="tiff_lzw"),
        encode(picture.quantize(8), "PNG", transparency=0),
        encode(picture, "WEBP", lossless=True),
        encode(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        encode(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        encode(frames[0], "MPO", save_all=True, append_images=frames[1:]),
        encode(picture.convert("CMYK"), "JPEG"),
    ]


def fuzz(tmp_path: Path, n: int, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(n)
    sources = seeds_of_fuzz()
    folder = tmp_path / "in" / "a"
    folder.mkdir(parents=True)
    for i in range(n):
        (folder / f"{i:05}.jpg").write_bytes(spoiled(rng, sources[i % len(sources)]))
    before = tree_hashes(tmp_path / "in")
    listing = plain_listing(tmp_path / "in", [f"a/{i:05}.jpg" for i in range(n)])
    pixels = slots(tmp_path / "p", n)
    scan = scan_files(listing, PREPROCESS, pixels, workers=2)
    reasons = Counter(REASONS[code] for code in scan.facts["reason"])
    assert not reasons["decoder-crashed"]
    assert not reasons["decoder-hung"]
    assert n / 5 < reasons[""] < n
    assert tree_hashes(tmp_path / "in") == before
    _no_silent_substitution(listing.root / "a", pixels, scan.facts, n)  # type: ignore[operator]
    assert capfd.readouterr() == ("", "")


def _no_silent_substitution(folder: Path, pixels: Path, facts: np.ndarray, n: int) -> None:
    """A row holds what Pillow makes of that very file, or the file is told as unreadable."""
    stored = np.fromfile(pixels, np.uint8).reshape(n, *SIZE, 3)
    assert facts.dtype == FACTS
    for i in np.random.default_rng(0).permutation(n)[:150]:
        data = (folder / f"{i:05}.jpg").read_bytes()
        if facts["reason"][i]:
            assert not stored[i].any()
        else:
            assert np.array_equal(decode(data, PREPROCESS).pixels, stored[i])


def test_fuzzed_files_are_decoded_or_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fuzz(tmp_path, 450, capfd)


@pytest.mark.slow
def test_five_thousand_fuzzed_files_are_decoded_or_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fuzz(tmp_path, 5000, capfd)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_any_share_of_bad_files_is_counted_exactly(tmp_path: Path, share: float) -> None:
    n = 1000
    bad = set(np.random.default_rng(1).permutation(n)[: int(n * share)].tolist())
    good = encode(Image.fromarray(photo(3, 8, 8)), "JPEG")
    (tmp_path / "a").mkdir()
    for i in range(n):
        (tmp_path / f"a/{i:04}.jpg").write_bytes(good[:200] if i in bad else good)
    listing = plain_listing(tmp_path, [f"a/{i:04}.jpg" for i in range(n)])
    scan = scan_files(listing, PREPROCESS, slots(tmp_path / "p", n), workers=1)
    assert set(np.flatnonzero(scan.facts["reason"]).tolist()) == bad
    assert set(scan.details) == bad


def test_progress_counts_every_file(tmp_path: Path) -> None:
    from tests.unit.data.watching import Watching

    (tmp_path / "a").mkdir()
    for i in range(30):
        (tmp_path / f"a/{i}.png").write_bytes(encode(Image.fromarray(photo(i)), "PNG"))
    listing = plain_listing(tmp_path, [f"a/{i}.png" for i in range(30)])
    for workers in (0, 2):
        watching = Watching()
        scan_files(listing, PREPROCESS, slots(tmp_path / "p", 30), workers=workers, progress=watching)
        assert watching.tasks == [("Reading images", 30, 30)]


def test_a_listing_without_files_is_no_work(tmp_path: Path) -> None:
    listing = plain_listing(tmp_path, [])
    assert len(scan_files(listing, PREPROCESS, slots(tmp_path / "p", 0), workers=2).facts) == 0


def test_few_files_start_few_workers() -> None:
    assert default_workers(1) == 1
    assert default_workers(10**6) >= default_workers(100)


def test_decoding_says_nothing_on_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    texts = []
    for data in seeds_of_fuzz():
        for cut in (len(data), len(data) - 7, len(data) // 2, 20):
            try:
                decode(data[:cut], PREPROCESS)
            except UnreadableImage as error:
                texts.append(str(error))
    assert capfd.readouterr() == ("", "")
    assert len(texts) > 20
    assert not [text for text in texts if "0x" in text], "an address differs from run to run"
