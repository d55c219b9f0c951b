"""What can be asked about and how it is taken; what is refused, in words; which weights answer."""

from __future__ import annotations

import io
import os
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

import striate
from striate.core.errors import StriateError
from striate.data.errors import ArraysUnusable
from striate.data.file_types import has_image_name
from tests.unit.data.watching import Watching


def screen(call):
    with pytest.raises(StriateError) as error:
        call()
    return str(error.value)


def answers(predictions):
    return [(p.label, p.confidence) for p in predictions]


@pytest.fixture
def photo(trained):
    """The pixels of one image of the set, and what the network says of its file."""
    data, run = trained
    path = data / "ants/003.png"
    return np.asarray(Image.open(path)), answers(run.predict(path))


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: x.transpose(2, 0, 1),
        lambda x: x.astype(np.float32) / 255,
        lambda x: torch.from_numpy(x.copy()),
        lambda x: torch.from_numpy(x.copy()).permute(2, 0, 1),
        Image.fromarray,
        lambda x: Image.fromarray(x).convert("RGBA"),
    ],
)
def test_one_image_in_any_form_is_one_image_and_the_same(trained, photo, form):
    _, run = trained
    x, said = photo
    assert answers(run.predict(form(x))) == said
    assert answers(run.predict([form(x), form(x)])) == said * 2


def test_a_stack_is_as_many_images(trained, photo):
    _, run = trained
    x, said = photo
    stack = np.stack([x] * 3)
    assert answers(run.predict(stack)) == said * 3
    assert answers(run.predict(torch.from_numpy(stack).permute(0, 3, 1, 2))) == said * 3
    grey = np.full((5, 16, 16), 99, np.uint8)
    assert [p.path for p in run.predict(grey)] == [f"array {i}" for i in range(5)]
    assert answers(run.predict(grey[0])) == answers(run.predict(grey[:1, :, :, None]))


def test_a_pillow_image_is_taken_as_its_file_is(trained, tmp_path):
    _, run = trained
    rng = np.random.default_rng(1)
    exif = Image.Exif()
    exif[0x0112] = 6
    made = {
        "turned.jpg": (Image.fromarray(rng.integers(0, 256, (24, 16, 3), dtype=np.uint8)), {"exif": exif}),
        "turned.tif": (Image.fromarray(rng.integers(0, 256, (24, 16, 3), dtype=np.uint8)), {"exif": exif}),
        "clear.png": (Image.fromarray(rng.integers(0, 256, (16, 16, 4), dtype=np.uint8)), {}),
        "deep.png": (Image.fromarray(rng.integers(0, 65536, (16, 16), dtype=np.uint16)), {}),
        "palette.gif": (Image.fromarray(rng.integers(0, 256, (16, 16), dtype=np.uint8)).convert("P"), {}),
        "ink.tif": (Image.fromarray(rng.integers(0, 256, (16, 16, 4), dtype=np.uint8), "CMYK"), {}),
    }
    for name, (image, options) in made.items():
        image.save(tmp_path / name, **options)
        with Image.open(tmp_path / name) as opened:
            assert answers(run.predict(opened)) == answers(run.predict(tmp_path / name)), name
    with Image.open(tmp_path / "turned.jpg") as opened:
        assert opened.size == (16, 24)


def test_a_pillow_image_that_gives_no_picture_is_a_problem(trained):
    _, run = trained
    whole = io.BytesIO()
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(whole, "BMP")
    cut = Image.open(io.BytesIO(whole.getvalue()[:300]))
    values = Image.fromarray(np.zeros((16, 16), np.float32))
    problems = [p.problem for p in run.predict([cut, values])]
    assert problems[0].startswith("truncated: ")
    assert problems[1].startswith("32-bit: ")


@pytest.mark.parametrize(
    ("images", "what", "got"),
    [
        (np.zeros((4, 16, 16, 3), np.int64), "the images have another type", "dtype int64"),
        (np.full((16, 16, 3), 255.0), "float images are outside [0, 1]", "values from 255 to 255"),
        ([np.zeros((2, 16, 16, 3), np.uint8)], "an image has another shape", "item 0: (2, 16, 16, 3)"),
        ([np.zeros((16, 16, 2), np.uint8)], "no axis can be the channels", "shape (1, 16, 16, 2)"),
        (np.zeros((3, 16, 3), np.uint8), "two axes can be the channels", "item 0: (3, 16, 3)"),
        (
            torch.zeros(3, 16, 16, requires_grad=True),
            "the image 0 cannot be taken as an array",
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        ),
        ([[1, 2]], "item 0 cannot be taken as an image", "an object of type list"),
        (7, "this cannot be taken as images", "an object of type int"),
        (b"x.png", "this cannot be taken as images", "an object of type bytes"),
    ],
)
def test_what_is_no_image_is_refused_with_what_is_expected(trained, images, what, got):
    _, run = trained
    with pytest.raises(ArraysUnusable) as error:
        run.predict(images)
    assert (error.value.what, error.value.got) == (what, got)
    assert error.value.expected


def test_a_folder_is_walked_as_in_training(trained, tmp_path):
    data, run = trained
    folder = tmp_path / "folder"
    for place in ("", "deep/er", ".ipynb_checkpoints", "__MACOSX"):
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(data / "ants/000.png", folder / place / "1.png")
    shutil.copy(data / "ants/000.png", folder / "no_extension")
    (folder / "notes.txt").write_text("notes")
    (folder / "gone.png").symlink_to("nowhere.png")
    assert not has_image_name("no_extension")
    got = run.predict(folder)
    names = [os.path.relpath(p.path, folder) for p in got]
    assert names == ["1.png", "deep/er/1.png", "gone.png", "no_extension"]
    assert [bool(p.problem) for p in got] == [False, False, True, False]
    assert got[2].problem == "not-a-regular-file: a link that leads nowhere"


def test_folders_without_an_image(trained, tmp_path):
    data, run = trained
    (tmp_path / "empty").mkdir()
    assert screen(lambda: run.predict(tmp_path / "empty")) == (
        "no image was found [no-images]\n"
        f"  where     {tmp_path / 'empty'}\n"
        "  expected  images in the folder or below it\n"
        "  next      check the path; hidden files are passed over"
    )
    progress = Watching()
    got = striate.predict(run, [tmp_path / "empty", data / "ants/000.png"], progress=progress)
    assert len(got) == 1
    assert progress.said == [f"No image was found in {tmp_path / 'empty'}."]
    assert run.predict([]) == []


@pytest.mark.parametrize(
    ("option", "given", "least"),
    [("batch_size", 0, 1), ("batch_size", -3, 1), ("top", -1, 1), ("top", 0, 1), ("batch_size", 2.5, 1)],
)
def test_numbers_below_what_they_can_be(trained, option, given, least):
    _, run = trained
    assert screen(lambda: run.predict(["x.png"], **{option: given})) == (
        f"--{option.replace('_', '-')} cannot be that [invalid-setting]\n"
        f"  got       {given!r}\n"
        f"  expected  a whole number of at least {least}\n"
        "  next      leave it out for the default"
    )


def test_scan_refuses_workers_below_none(trained):
    data, _ = trained
    assert screen(lambda: striate.scan(data, workers=-1)).startswith(
        "--workers cannot be that [invalid-setting]\n  got       -1\n  expected  a whole number of at least 0\n"
    )


def test_the_weights_that_are_named_are_the_ones_that_answer(trained):
    data, run = trained
    image, last = data / "ants/003.png", run.path / "weights/last.safetensors"
    best = answers(run.predict(image))
    wanted = answers(run.predict(image, weights="last"))
    assert best != wanted
    assert answers(striate.predict(last, image)) == wanted
    assert answers(striate.predict(str(last), image, weights="last")) == wanted
    assert answers(striate.predict(run.best_weights, image)) == best
    assert striate.val(last).loss == striate.val(run, weights="last").loss != striate.val(run).loss
    assert screen(lambda: striate.predict(last, image, weights="best")) == (
        "a file of weights was named, and others were asked for [invalid-setting]\n"
        f"  where     {last}\n"
        "  got       --weights best\n"
        "  next      leave out --weights, or give the run folder"
    )


def test_on_the_command_line(trained, tmp_path, capfd):
    from striate.cli import main

    data, run = trained
    (tmp_path / "empty").mkdir()
    image = str(data / "ants/003.png")
    for words, code, text in (
        (["predict", str(run.path), str(tmp_path / "empty")], 3, "error: no image was found [no-images]"),
        (["predict", str(run.path), image, "-b", "0"], 2, "error: --batch-size cannot be that"),
        (["predict", str(run.path), image, "--top", "-1"], 2, "error: --top cannot be that"),
        (["scan", str(data), "--workers", "-1"], 2, "error: --workers cannot be that"),
    ):
        assert main(words) == code
        ended = capfd.readouterr()
        assert text in ended.err
        assert ended.out == ""
    for name in ("best", "last"):
        assert main(["predict", str(run.path / f"weights/{name}.safetensors"), image, "--csv"]) == 0
        named = capfd.readouterr().out
        assert main(["predict", str(run.path), image, "--csv", "--weights", name]) == 0
        assert capfd.readouterr().out == named
