"""Checkpoints: whole or absent, two kept, any damage found and passed over with a message."""

import json
import os
import pathlib
import shutil

import numpy as np
import pytest
import torch

from striate.core.atomic import DiskFull
from striate.training import checkpoint
from striate.training.errors import CheckpointDamaged, NewerVersion

TENSORS = {"a": torch.arange(100, dtype=torch.float64), "b": torch.tensor(3)}


def saved(folder, *positions):
    for position in positions:
        checkpoint.save(folder, position, TENSORS, {"at": list(position), "x": 0.1})


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_round_trip_to_the_bit(tmp_path):
    saved(tmp_path, (3, 7))
    found = checkpoint.newest(tmp_path, print)
    assert found.plain == {"at": [3, 7], "x": 0.1}
    assert all(
        torch.equal(found.tensors[k], v) and found.tensors[k].dtype == v.dtype for k, v in TENSORS.items()
    )


def test_nothing_there_is_none(tmp_path):
    assert checkpoint.newest(tmp_path, print) is None


def test_two_are_kept_in_the_order_of_the_run(tmp_path):
    saved(tmp_path, (0, 0), (0, 9), (1, 0), (9, 0), (10, 0))
    assert names(tmp_path) == ["epoch-00009-step-0000000", "epoch-00010-step-0000000"]


def test_an_end_of_epoch_that_is_not_measured_comes_before_the_next_epoch(tmp_path):
    saved(tmp_path, (0, 120), (1, 0))
    assert checkpoint.newest(tmp_path, print).plain["at"] == [1, 0]


def test_a_whole_checkpoint_of_the_same_position_is_left_alone_and_a_damaged_one_replaced(tmp_path):
    saved(tmp_path, (1, 0))
    path = tmp_path / "epoch-00001-step-0000000/state.json"
    before = path.stat().st_mtime_ns
    saved(tmp_path, (1, 0))
    assert path.stat().st_mtime_ns == before
    path.write_text("{")
    saved(tmp_path, (1, 0))
    assert checkpoint.newest(tmp_path, print).plain["at"] == [1, 0]


def damage_truncate(share):
    def damage(path):
        content = (path / "state.safetensors").read_bytes()
        (path / "state.safetensors").write_bytes(content[: int(len(content) * share)])

    return damage


def damage_flip(path):
    content = bytearray((path / "state.safetensors").read_bytes())
    content[-3] ^= 1
    (path / "state.safetensors").write_bytes(content)


def damage_swap_manifest(path):
    other = path.parent / "epoch-00001-step-0000000" / "manifest.json"
    manifest = json.loads(other.read_text())
    manifest["files"]["state.json"]["sha256"] = "0" * 64
    (path / "manifest.json").write_text(json.dumps(manifest))


def damage_remove(name):
    return lambda path: (path / name).unlink()


def damage_write(name, content):
    return lambda path: (path / name).write_bytes(content)


DAMAGES = {
    **{f"truncated-{s}": damage_truncate(s) for s in (0.0, 0.01, 0.5, 0.99)},
    "bit-flip": damage_flip,
    "swapped-manifest": damage_swap_manifest,
    **{f"no-{n}": damage_remove(n) for n in ("state.safetensors", "state.json", "manifest.json")},
    "manifest-junk": damage_write("manifest.json", b"\xff\xfe"),
    "manifest-list": damage_write("manifest.json", b"[]"),
    "manifest-empty": damage_write("manifest.json", b'{"format": 1, "files": {}}'),
    "manifest-odd": damage_write(
        "manifest.json", b'{"format": 1, "files": {"state.json": 3, "state.safetensors": 3}}'
    ),
    "manifest-old": damage_write("manifest.json", b'{"format": "x", "files": {}}'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_newest_falls_back_with_a_message(tmp_path, damage):
    saved(tmp_path, (1, 0), (2, 0))
    damage(tmp_path / "epoch-00002-step-0000000")
    said = []
    assert checkpoint.newest(tmp_path, said.append).plain["at"] == [1, 0]
    assert len(said) == 1
    assert said[0].startswith("Checkpoint epoch-00002-step-0000000 is damaged (")


def test_random_damage_is_never_taken_for_whole(tmp_path):
    saved(tmp_path, (1, 0), (2, 0))
    path, rng = tmp_path / "epoch-00002-step-0000000", np.random.default_rng(0)
    whole = {f: (path / f).read_bytes() for f in ("state.safetensors", "state.json")}
    for _ in range(200):
        name = rng.choice(list(whole))
        content = bytearray(whole[name])
        if rng.random() < 0.5:
            content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        else:
            del content[rng.integers(len(content)) :]
        (path / name).write_bytes(content)
        assert checkpoint.newest(tmp_path, lambda text: None).plain["at"] == [1, 0]
        (path / name).write_bytes(whole[name])
    assert checkpoint.newest(tmp_path, print).plain["at"] == [2, 0]


def test_all_damaged_is_an_error_that_names_each(tmp_path):
    saved(tmp_path, (1, 0), (2, 0))
    for path in tmp_path.iterdir():
        (path / "state.json").unlink()
    with pytest.raises(CheckpointDamaged) as error:
        checkpoint.newest(tmp_path, lambda text: None)
    assert error.value.got == (
        "epoch-00002-step-0000000: state.json is missing\nepoch-00001-step-0000000: state.json is missing"
    )


def test_a_later_format_is_refused_not_guessed(tmp_path):
    saved(tmp_path, (1, 0))
    path = tmp_path / "epoch-00001-step-0000000/manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(NewerVersion, match="written by a newer striate"):
        checkpoint.newest(tmp_path, print)


class FailingOnce:
    """Stands for a function; its nth call raises 'disk full'."""

    def __init__(self, real, nth):
        self.real, self.left = real, nth

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            raise OSError(28, "No space left on device")
        return self.real(*args, **kwargs)


OWNERS = {"open": pathlib.Path, "fsync": os, "replace": os, "mkdir": pathlib.Path}


@pytest.mark.parametrize("call", OWNERS)
def test_a_failure_at_any_call_leaves_the_older_ones_whole(tmp_path, monkeypatch, call):
    """Every write, flush and rename fails once, in turn; a whole checkpoint is always found."""
    saved(tmp_path, (1, 0))
    for nth in range(1, 20):
        failing = FailingOnce(getattr(OWNERS[call], call), nth)
        with monkeypatch.context() as patch:
            # A function, not the object: only functions become methods of Path.
            patch.setattr(OWNERS[call], call, lambda *a, _f=failing, **k: _f(*a, **k))
            try:
                saved(tmp_path, (2, 0))
            except DiskFull:
                assert checkpoint.newest(tmp_path, print).plain["at"] in ([1, 0], [2, 0])
                assert not [n for n in names(tmp_path) if n.startswith(".")]
            else:
                break
        shutil.rmtree(tmp_path / "epoch-00002-step-0000000", ignore_errors=True)
    assert failing.left > 0, "saving made more calls than were tried"
    assert nth > 1, "the call was never reached: this test tests nothing"
