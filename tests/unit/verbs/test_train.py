"""What a person may do wrong, and the screen they then see: exact texts, never a traceback, nothing left behind."""

from __future__ import annotations

import errno
import os
import shutil

import numpy as np
import pytest
from PIL import Image
from torch import nn

import striate
from striate.core.atomic import DiskFull
from striate.core.errors import StriateError
from striate.training.watchers import SilentWatcher


def screen(call):
    """The text of the error that `call` raises."""
    with pytest.raises(StriateError) as error:
        call()
    return str(error.value)


def test_no_such_path(quick, tmp_path):
    assert screen(lambda: quick(tmp_path / "nope")) == (
        "no such path, and no data set of that name [no-such-data]\n"
        f"  where     {tmp_path / 'nope'}\n"
        "  expected  a folder, a .tar, .tar.gz or .zip of one, a .csv, or one of: digits, mnist, fashion-mnist, "
        "cifar10, cifar100"
    )


def test_an_empty_folder(quick, tmp_path):
    (tmp_path / "empty").mkdir()
    assert screen(lambda: quick(tmp_path / "empty")) == (
        "the folder is empty [empty-folder]\n"
        f"  where     {tmp_path / 'empty'}\n"
        "  expected  one folder per class, or train/ and val/ holding such folders"
    )


def test_one_class(quick, images, tmp_path):
    assert screen(lambda: quick(images("one", ["a"], 4))) == (
        "only one class holds images [one-class]\n"
        f"  where     {tmp_path / 'one'}\n"
        "  got       a\n"
        "  expected  at least two classes, each a folder with images"
    )


def test_one_image_per_class(quick, images):
    assert screen(lambda: quick(images("single", ["a", "b", "c"], 1))) == (
        "every class has one image, so none can be held out [class-per-image]\n"
        "  got       3 images of 3 classes\n"
        "  expected  at least two images in some class\n"
        "  next      add images, or a val folder of your own"
    )


def test_all_files_broken(quick, images, tmp_path):
    folder = images("broken", ["a", "b"], 2)
    for path in folder.rglob("*.png"):
        path.write_bytes(b"junk")
    assert screen(lambda: quick(folder)) == (
        "none of the files can be read as an image [all-images-unreadable]\n"
        f"  where     {tmp_path / 'broken'}\n"
        "  got       a/000.png: not-an-image (text)\n"
        "            a/001.png: not-an-image (text)\n"
        "            b/000.png: not-an-image (text)\n"
        "            and 1 more\n"
        "  next      open one of them in an image viewer; fetch or convert them again"
    )


def test_a_few_broken_files_are_named_and_counted_and_the_rest_trains(quick, images):
    folder = images("some", ["a", "b"], 50)
    (folder / "a/003.png").write_bytes(b"")
    whole = (folder / "b/004.png").read_bytes()
    (folder / "b/004.png").write_bytes(whole[: len(whole) // 2])
    run = quick(folder)
    assert run.data.skipped == (1, 1)
    assert {k: run.data.notices[k] for k in ("zero-bytes", "truncated")} == {"zero-bytes": 1, "truncated": 1}
    table = (run.path / "scan.csv").read_text()
    assert "a/003.png,zero-bytes" in table
    assert "b/004.png,truncated" in table
    report = (run.path / "report.html").read_text()
    assert "a/003.png" in report
    assert "b/004.png" in report


def test_class_names_of_all_kinds_sort_as_people_count_and_are_escaped(quick, images):
    names = ["<script>alert(1)<_script>", "ünï côde", "1", "10", "2", " lead", 'a,b"c']
    run = quick(images("names", names, 6))
    assert run.data.classes == ("1", "2", "10", " lead", "<script>alert(1)<_script>", 'a,b"c', "ünï côde")
    assert "<script>alert" not in (run.path / "report.html").read_text()
    assert (run.path / "confusion_matrix.png").stat().st_size > 1000


def test_a_csv_that_points_nowhere(quick, tmp_path):
    (tmp_path / "l.csv").write_text("path,label\nx.png,a\ny.png,b\n")
    assert screen(lambda: quick(str(tmp_path / "l.csv"))) == (
        "no row names a file that is there [manifest-unreadable]\n"
        f"  where     {tmp_path / 'l.csv'}\n"
        f"  got       2 rows; the first, line 2, means {tmp_path / 'x.png'}\n"
        "  expected  paths relative to the folder of the CSV, or absolute"
    )


def test_odd_sizes_train_and_are_told_and_a_bomb_is_refused(quick, images):
    folder = images("sizes", ["a", "b"], 10)
    Image.new("RGB", (1, 1)).save(folder / "a/tiny.png")
    Image.new("RGB", (1, 20000)).save(folder / "b/long.png")
    Image.new("1", (20000, 20000)).save(folder / "a/bomb.png")
    run = quick(folder)
    assert run.data.skipped == (1, 0)
    assert {"tiny", "elongated", "huge"} <= set(run.data.notices)


def test_a_batch_of_one_with_batch_norm(quick, images):
    folder = images("bn", ["a", "b"], 10)
    assert screen(lambda: quick(folder, batch_size=1)) == (
        "batch norm cannot train on one image at a time [too-few-to-train]\n"
        "  where     blocks.0.norm of classic\n"
        "  got       --batch-size 1\n"
        "  expected  at least two images in a step\n"
        "  next      a larger --batch-size, or --norm group"
    )
    assert quick(folder, batch_size=1, norm="group").record.status == "finished"


def test_a_last_batch_of_one_joins_the_one_before(quick, images):
    run = quick(images("odd", ["a", "b"], 13), batch_size=4, val_split=0.19)
    n = sum(run.data.counts["train"])
    assert n % 4 == 1
    assert run.history[0].steps == n // 4


def test_nothing_to_validate_on(quick, images):
    assert screen(lambda: quick(images("v", ["a", "b"], 10), val_split=0.0)) == (
        "these shares leave nothing to validate or to train on [split-impossible]\n"
        "  got       val 0, test 0\n"
        "  expected  val above 0, and below 1 together with test\n"
        "  next      use --val-split 0.2"
    )


def test_a_loss_that_is_not_finite_stops_says_where_and_keeps_what_was_good(quick, images, tmp_path):
    folder = images("nan", ["a", "b"], 10)
    text = screen(lambda: quick(folder, lr=1e12, opt="sgd", norm="none", name="nan", batch_size=8))
    lines = text.splitlines()
    assert lines[0] == "the loss is no longer a finite number [non-finite-loss]"
    assert lines[1].startswith("  where     epoch 1, step 2, learning rate ")
    assert "is the first that is not finite" in lines[2]
    assert lines[3] == "  expected  a finite loss; no epoch had ended"
    run = striate.Run(tmp_path / "runs/nan")
    assert run.record.status == "failed"
    assert run.diagnosis.level == "data"
    assert run.diagnosis.verdict != "healthy"
    assert (run.path / "report.html").exists()


def test_an_unknown_model_is_refused_before_the_data_is_read(quick, tmp_path):
    text = screen(lambda: quick(tmp_path / "nope", model="resnet_81"))
    assert text.startswith("no such network [unknown-model]\n  got       resnet_81\n")
    assert text.splitlines()[-1].startswith("  next      did you mean resnet18")


def test_weights_that_do_not_fit_leave_no_run_behind(quick, images, trained, tmp_path):
    _, run = trained
    text = screen(lambda: quick(images("w", ["a", "b", "c"], 6), weights=str(run.best_weights)))
    assert text.startswith("these weights do not fit the network [weights-do-not-fit]\n")
    assert text.endswith("only the head differs: the file is for another number of classes")
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("model", "got"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(768, 5)), "an output of shape (2, 5) for two images"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(9, 2)),
            "RuntimeError: mat1 and mat2 shapes cannot be multiplied",
        ),
        (nn.LSTM(16, 2), "ValueError: LSTM: Expected input"),
    ],
)
def test_a_module_that_does_not_fit(quick, images, model, got):
    text = screen(lambda: quick(images("m", ["a", "b"], 6), model=model))
    assert text.startswith("the network does not fit the data [model-misfit]\n")
    assert f"  got       {got}" in text
    assert "  expected  images (2, 3, 16, 16) to logits (2, 2), one for each class" in text


def test_an_output_folder_that_cannot_be_written(quick, images, tmp_path):
    (tmp_path / "file").write_text("")
    text = screen(lambda: quick(images("ro", ["a", "b"], 6), project=str(tmp_path / "file/runs")))
    assert text.startswith(f"cannot write here [cannot-write]\n  where     {tmp_path / 'file/runs'}\n")


def no_decoding(*_, **__):
    raise AssertionError("the pictures were read before the place of the run was refused")


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"name": "a/b"}, "a run cannot have this name [unusable-name]"),
        ({"name": "x" * 300}, "a run cannot have this name [unusable-name]"),
        ({"project": "afile"}, "cannot write here [cannot-write]"),
        ({"project": "photos"}, "the run would be kept in the data [run-in-data]"),
        ({"project": ".", "exist_ok": True}, "this folder holds something else than a run [folder-taken]"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_any_picture_is_decoded(
    quick, images, tmp_path, monkeypatch, settings, first
):
    monkeypatch.chdir(tmp_path)
    images("photos", ["a", "b"], 6)
    (tmp_path / "afile").write_text("mine")
    monkeypatch.setattr("striate.verbs.train.prepare_for", no_decoding)
    assert screen(lambda: quick("photos", **settings)).splitlines()[0] == first
    assert sorted(p.name for p in (tmp_path / "photos").iterdir()) == ["a", "b"]


def test_a_disk_that_fills_up_while_training_leaves_whole_files(quick, images, tmp_path, monkeypatch):
    folder, real, left = images("full", ["a", "b"], 10), os.fsync, [60]

    def fsync(handle):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DiskFull):
        quick(folder, epochs=30, name="full", save_every=1e-4)
    monkeypatch.undo()
    resumed = striate.resume(tmp_path / "runs/full")
    assert (resumed.record.status, len(resumed.history)) == ("finished", 30)


def test_a_run_folder_that_is_deleted_while_training(quick, images, tmp_path):
    class Deletes(SilentWatcher):
        def on_epoch(self, record, best):
            shutil.rmtree(tmp_path / "runs", ignore_errors=True)

    text = screen(lambda: quick(images("gone", ["a", "b"], 10), name="gone", watcher=Deletes()))
    assert text.startswith("the folder has gone [folder-gone]\n")
    assert text.endswith(
        "  got       No such file or directory\n"
        "  expected  a folder that stays where it is while striate writes to it\n"
        "  next      if it was moved, move it back and go on with `striate resume`"
    )


def test_what_has_ended_cannot_be_resumed(trained):
    _, run = trained
    assert screen(lambda: striate.resume(run)) == (
        "this run has ended [nothing-to-resume]\n"
        f"  where     {run.path}\n"
        "  got       4 of 4 epochs\n"
        "  next      start a new run; --weights of this one's weights/best.safetensors begins from it"
    )


def test_data_that_changed_is_refused_with_what_changed(quick, images, tmp_path, monkeypatch):
    folder = images("d", ["a", "b"], 10)
    monkeypatch.setattr(
        "striate.verbs.session.Session._conclude", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        quick(folder, name="d")
    monkeypatch.undo()
    (folder / "a/000.png").unlink()
    Image.new("RGB", (16, 16)).save(folder / "b/new.png")
    text = screen(lambda: striate.resume(tmp_path / "runs/d"))
    assert text.startswith("the data is not what this run began with [data-changed]\n")
    assert "1 added: b/new.png\n" in text
    assert "1 removed: a/000.png\n" in text


def test_content_that_changed_under_the_same_names_is_refused(quick, images, tmp_path, monkeypatch):
    folder = images("c", ["a", "b"], 10)
    monkeypatch.setattr(
        "striate.verbs.session.Session._conclude", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        quick(folder, name="c")
    monkeypatch.undo()
    Image.new("RGB", (16, 16)).save(folder / "b/000.png")
    assert "files of the same names with other content" in screen(lambda: striate.resume(tmp_path / "runs/c"))


def test_a_newer_run_is_refused_everywhere(quick, images):
    run = quick(images("n", ["a", "b"], 6))
    path = run.path / "run.json"
    path.write_text(path.read_text().replace('"schema_version": 2', '"schema_version": 9'))
    expected = (
        "this run was written by a newer striate [newer-version]\n"
        f"  where     {run.path}\n"
        "  got       schema version 9\n"
        "  expected  2 or older\n"
        "  next      upgrade striate: pip install -U striate"
    )
    assert screen(run.report) == expected
    assert screen(lambda: striate.resume(run)) == expected


def test_truncated_weights(quick, images):
    run = quick(images("t", ["a", "b"], 6))
    run.best_weights.write_bytes(run.best_weights.read_bytes()[:100])
    text = screen(lambda: run.predict([np.zeros((16, 16, 3), np.uint8)]))
    assert text.startswith("these weights cannot be read [weights-damaged]\n")
