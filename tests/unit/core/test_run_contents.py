"""Which files are striate's own: what is swept, what shows a folder to be a run."""

import pytest

from striate.core.run_contents import holds_a_run, is_unused
from striate.core.run_folder import RunFolder

LEFT_BY_A_KILL = (
    *(".args.yaml.abcd1234.tmp", ".run.json.a_b_c_d_.tmp", "weights/.best.safetensors.abcd1234.tmp"),
    *("images/.mistake-03.png.00000000.tmp", "checkpoints/.epoch-00003-step-0000012.tmp/state.json"),
)
SOMEBODY_ELSES = (
    *(".notes.txt.abcd1234.tmp", "weights/.mine.abcd1234.tmp", ".run.json.tmp", "run.json.abcd1234.tmp"),
    *("images/.mistake-03.png.toolong12.tmp", "checkpoints/.mine.tmp/x", "deeper/.run.json.abcd1234.tmp"),
)


def put(folder: RunFolder, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_whoever_takes_the_lock_sweeps_what_a_kill_left(tmp_path):
    folder = RunFolder.create(tmp_path, "a")
    put(folder, *LEFT_BY_A_KILL, *SOMEBODY_ELSES)
    with folder.locked():
        left = {p.relative_to(folder.path).as_posix() for p in folder.path.rglob("*") if p.is_file()}
    assert left - {".lock"} == set(SOMEBODY_ELSES)
    assert not (folder / "checkpoints/.epoch-00003-step-0000012.tmp").exists()


def test_a_run_that_was_killed_before_it_began_leaves_an_unused_folder(tmp_path):
    folder = RunFolder.create(tmp_path, "a")
    assert is_unused(folder.path)
    put(folder, ".lock", ".args.yaml.abcd1234.tmp", "weights/.best.safetensors.abcd1234.tmp")
    assert is_unused(folder.path)


@pytest.mark.parametrize("name", ["mine", "images/mine.png", "weights/best.safetensors", "results.csv"])
def test_anything_else_in_it_is_a_use(tmp_path, name):
    folder = RunFolder.create(tmp_path, "a")
    put(folder, name)
    assert not is_unused(folder.path)


RECIPE = "data: photos\nmodel: classic\nexist_ok: false\nsave_every: 5.0\n"


@pytest.mark.parametrize(
    ("files", "is_one"),
    [
        ({"args.yaml": RECIPE}, True),
        ({"run.json": '{\n  "schema_version": 99,\n  "striate_version": "9"\n'}, True),
        ({"args.yaml": "a: [", "run.json": '{"striate_version": "0.1"}'}, True),
        ({"args.yaml": RECIPE, "run.json": "junk"}, True),
        ({"args.yaml": "task: classify\nmodel: yolo\ndata: photos\nexist_ok: true\n"}, False),
        ({"args.yaml": "", "run.json": "{}"}, False),
        ({"results.csv": "epoch\n"}, False),
        ({}, False),
    ],
)
def test_a_run_is_known_by_its_recipe_or_its_record(tmp_path, files, is_one):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert holds_a_run(tmp_path) is is_one
