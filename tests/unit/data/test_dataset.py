"""The finger print follows what trains and nothing else; the record counts per split and class."""

from __future__ import annotations

import numpy as np

from striate.data.dataset import Dataset, fingerprint
from striate.data.preprocess import Preprocess
from striate.data.scan_report import ScanReport

LABELS = np.array([0, 0, 1, 1, 1])
CODES = np.array([0, 1, 0, 0, 1], np.int8)
DIGESTS = np.frombuffer(bytes(range(80)), "V16")
PREPROCESS = Preprocess((4, 4)).with_statistics((0.1, 0.2, 0.3), (1.0, 1.0, 1.0))


def made() -> Dataset:
    report = ScanReport(
        source="x/",
        classes=("a", "b"),
        counts=(2, 3),
        skipped=(0, 1),
        img_size=(4, 4),
        channels=3,
        notices=(),
    )
    return Dataset(
        name="x",
        source="x/",
        kind="folder",
        classes=("a", "b"),
        pixels=np.zeros((5, 4, 4, 3), np.uint8),
        labels=LABELS,
        paths=("a/1", "a/2", "b/1", "b/2", "b/3"),
        codes=CODES,
        preprocess=PREPROCESS,
        fingerprint="f",
        split_origin="by hand",
        report=report,
    )


def test_indices_and_counts_agree() -> None:
    dataset = made()
    assert len(dataset) == 5
    assert dataset.indices("train").tolist() == [0, 2, 3]
    assert dataset.indices("val").tolist() == [1, 4]
    assert dataset.indices("test").tolist() == []
    record = dataset.record()
    assert record.counts == {"train": (1, 2), "val": (1, 1)}
    assert record.skipped == (0, 1)
    assert Preprocess.from_dict(record.preprocess) == PREPROCESS
    assert type(record).from_json(record.to_json()) == record


def test_the_print_follows_content_labels_splits_classes_and_geometry() -> None:
    plain = fingerprint(DIGESTS, LABELS, CODES, ("a", "b"), PREPROCESS)
    others = [
        fingerprint(DIGESTS[::-1], LABELS, CODES, ("a", "b"), PREPROCESS),
        fingerprint(DIGESTS, LABELS[::-1], CODES, ("a", "b"), PREPROCESS),
        fingerprint(DIGESTS, LABELS, CODES[::-1], ("a", "b"), PREPROCESS),
        fingerprint(DIGESTS, LABELS, CODES, ("a", "c"), PREPROCESS),
        fingerprint(DIGESTS, LABELS, CODES, ("a", "b"), Preprocess((4, 4), 1)),
        fingerprint(DIGESTS[:-1], LABELS[:-1], CODES[:-1], ("a", "b"), PREPROCESS),
    ]
    assert len({plain, *others}) == 7
    assert plain == fingerprint(
        DIGESTS.copy(), LABELS.astype(np.int32), CODES, ["a", "b"], Preprocess((4, 4))
    )
