"""Named sets: found where people keep them, told apart by checksum, fetched only when missing, never guessed."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from striate.data import named
from striate.data.download import RemoteFile, checksum_of
from striate.data.errors import DownloadFailed, SetDamaged
from striate.data.named import canonical_set, load_named, names
from tests.unit.data.test_cifar import SMALL10, files_of, packed, unpacked


@pytest.fixture(autouse=True)
def nothing_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data folder but those of the test; and no network."""
    monkeypatch.delenv("STRIATE_DATA", raising=False)
    (tmp_path / "here" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "deeper")

    def refuse(files: list[RemoteFile], folder: Path, progress: object) -> list[Path]:
        raise DownloadFailed("no network in this test", where=folder, got=[file.name for file in files])

    monkeypatch.setattr(named, "fetch", refuse)


def idx(array: np.ndarray) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()
    )


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A tiny MNIST by file name; the sets' sizes and checksums are made to fit it."""
    rng = np.random.default_rng(1)
    arrays = [rng.integers(0, 256, (6, 28, 28), np.uint8), np.arange(6, dtype=np.uint8)]
    arrays += [rng.integers(0, 256, (4, 28, 28), np.uint8), np.arange(4, dtype=np.uint8)]
    made: dict[str, bytes] = {}
    sets = dict(named.SETS)
    for name in ("mnist", "fashion-mnist"):
        spec = sets[name]
        assert isinstance(spec, named._Mnist)
        files = []
        for file, array in zip(spec.files, arrays, strict=True):
            made[file.name] = gzip.compress(idx(array), mtime=0)
            (tmp_path / "x").write_bytes(made[file.name])
            right = checksum_of(tmp_path / "x", "md5") if name == "mnist" else file.checksum
            files.append(dataclasses.replace(file, checksum=right))
        sets[name] = dataclasses.replace(spec, files=tuple(files), n_train=6, n_test=4)
    monkeypatch.setattr(named, "SETS", sets)
    return made


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def plain(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cifar10", "cifar10"), ("CIFAR-10", "cifar10"), ("cifar_100", "cifar100"), ("Fashion_MNIST", "fashion-mnist"),
        ("fashionmnist", "fashion-mnist"), ("digits", "digits"), ("mnist2", None), ("", None), ("./mnist", None),
    ],
)  # fmt: skip
def test_spellings(text: str, name: str | None) -> None:
    assert canonical_set(text) == name


def test_the_list() -> None:
    assert names() == ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100")


def test_digits(tmp_path: Path) -> None:
    listing = load_named("digits", cache_dir=tmp_path)
    assert listing.arrays is not None
    assert (listing.arrays.shape, listing.arrays.dtype) == ((1797, 8, 8, 1), np.uint8)
    assert listing.arrays.max() == 255
    # Brightness is 0 to 16; the neighbours of 127.5 stay apart.
    assert len(np.unique(listing.arrays)) == 17
    assert set(listing.split.tolist()) == {-1}
    assert listing.classes == tuple("0123456789")
    assert np.bincount(listing.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not listing.mirror_safe
    assert (listing.kind, listing.name, listing.paths[7]) == ("named", "digits", "digits/0007")


class TestMnist:
    @pytest.mark.parametrize("place", ["MNIST/raw", "MNIST", "mnist", "mnist/raw"])
    @pytest.mark.parametrize("form", [dict, plain])
    def test_places_and_forms(
        self, tmp_path: Path, mnist: dict[str, bytes], place: str, form: Callable
    ) -> None:  # type: ignore[type-arg]
        put(tmp_path / "data" / place, form(mnist))
        listing = load_named("mnist", data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
        assert listing.arrays is not None
        assert listing.arrays.shape == (10, 28, 28, 1)
        assert listing.labels.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3]
        assert listing.split.tolist() == [0] * 6 + [2] * 4
        assert not listing.mirror_safe

    def test_order_of_folders(
        self, tmp_path: Path, mnist: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The folder asked for, $STRIATE_DATA, ./data, ../shared/data, the cache; a damaged one says who was first."""
        places = ["asked", "variable", "here/deeper/data", "here/shared/data", "cache/datasets"]
        monkeypatch.setenv("STRIATE_DATA", str(tmp_path / "variable"))
        for place in reversed(places):
            put(tmp_path / place / "MNIST/raw", dict.fromkeys(mnist, b"damaged"))
            with pytest.raises(SetDamaged) as error:
                load_named("mnist", data_dir=tmp_path / "asked", cache_dir=tmp_path / "cache")
            assert place in str((Path.cwd() / (error.value.where or "")).resolve())

    def test_files_beside_each_other_need_the_right_checksum(
        self, tmp_path: Path, mnist: dict[str, bytes]
    ) -> None:
        """MNIST and Fashion-MNIST have the same file names."""
        put(tmp_path / "data", mnist)
        assert len(load_named("mnist", data_dir=tmp_path / "data", cache_dir=tmp_path)) == 10
        with pytest.raises(DownloadFailed):
            load_named("fashion-mnist", data_dir=tmp_path / "data", cache_dir=tmp_path)

    def test_the_folder_of_the_files_may_be_asked_for(self, tmp_path: Path, mnist: dict[str, bytes]) -> None:
        put(tmp_path / "d/MNIST/raw", plain(mnist))
        for place in ("d", "d/MNIST", "d/MNIST/raw"):
            assert len(load_named("mnist", data_dir=tmp_path / place, cache_dir=tmp_path)) == 10
        with pytest.raises(DownloadFailed):
            load_named("fashion-mnist", data_dir=tmp_path / "d/MNIST/raw", cache_dir=tmp_path)

    def test_three_of_four_files_are_not_a_copy(self, tmp_path: Path, mnist: dict[str, bytes]) -> None:
        del mnist["t10k-labels-idx1-ubyte.gz"]
        put(tmp_path / "data/MNIST/raw", mnist)
        with pytest.raises(DownloadFailed) as error:
            load_named("mnist", data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
        assert error.value.where == str(tmp_path / "cache/datasets/MNIST/raw")

    def test_fashion(self, tmp_path: Path, mnist: dict[str, bytes]) -> None:
        put(tmp_path / "data/FashionMNIST/raw", mnist)
        listing = load_named("fashion-mnist", data_dir=tmp_path / "data", cache_dir=tmp_path)
        assert listing.classes[-1] == "Ankle boot"
        assert listing.mirror_safe


class TestCifar:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = named.SETS["cifar10"]
        assert isinstance(spec, named._CifarSet)
        monkeypatch.setitem(named.SETS, "cifar10", dataclasses.replace(spec, kind=SMALL10))

    @pytest.mark.parametrize("lay_out", [packed, unpacked])
    def test_forms(self, tmp_path: Path, lay_out: Callable) -> None:  # type: ignore[type-arg]
        files, images, labels = files_of(SMALL10)
        lay_out(put(tmp_path / "data", {}), SMALL10, files)
        listing = load_named("cifar10", data_dir=tmp_path / "data", cache_dir=tmp_path)
        assert np.array_equal(listing.arrays, images)
        assert np.array_equal(listing.labels, labels)
        assert listing.split.tolist() == [0] * 15 + [2] * 2
        assert listing.mirror_safe

    def test_other_copies_of_it_are_not_it(self, tmp_path: Path) -> None:
        """Neither lossy JPEGs nor pickles."""
        put(tmp_path / "data", {"cifar10-jpeg.tar.gz": b"", "cifar-10-python.tar.gz": b""})
        put(tmp_path / "data/cifar-10-batches-py", {"data_batch_1": b""})
        with pytest.raises(DownloadFailed) as error:
            load_named("cifar10", data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
        assert error.value.got == "['cifar-10-binary.tar.gz']"


def test_addresses_name_the_files_they_give() -> None:
    for spec in named.SETS.values():
        for file in spec.files if isinstance(spec, named._Mnist) else [spec.remote]:
            assert all(url.endswith("/" + file.name) for url in file.urls)
            assert file.checksum.startswith("md5:")
            assert len(file.checksum) == 4 + 32


# Of the unpacked files, as several projects publish them: copies are often compressed anew.
REAL_MNIST = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


def test_the_real_mnist(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    folder = shared_data("MNIST")
    for name, md5 in REAL_MNIST.items():
        content = gzip.decompress((folder / "raw" / name).read_bytes())
        assert hashlib.md5(content, usedforsecurity=False).hexdigest() == md5
    for place in (folder.parent, folder, folder / "raw"):
        listing = load_named("mnist", data_dir=place, cache_dir=tmp_path)
        assert np.bincount(listing.split, minlength=3).tolist() == [60_000, 0, 10_000]
    assert np.bincount(listing.labels).tolist() == [
        6903,
        7877,
        6990,
        7141,
        6824,
        6313,
        6876,
        7293,
        6825,
        6958,
    ]
