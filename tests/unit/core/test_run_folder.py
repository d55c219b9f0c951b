"""Run folders: names, atomic writes, one writer, and errors with exact texts."""

import subprocess
import sys
from pathlib import Path

import pytest

from striate.core.atomic import CannotWrite
from striate.core.run_folder import NoSuchRun, RunBusy, RunFolder


def test_names_count_up_and_never_collide(tmp_path):
    names = [RunFolder.create(tmp_path, "photos").path.name for _ in range(3)]
    assert names == ["photos", "photos-2", "photos-3"]
    assert RunFolder.create(tmp_path, "photos", exist_ok=True).path.name == "photos"


def test_a_file_inside_a_run_names_the_run(tmp_path):
    folder = RunFolder.create(tmp_path, "a")
    folder.write_text("args.yaml", "{}")
    folder.write_text("weights/best.safetensors", "")
    assert RunFolder.open(folder / "weights/best.safetensors").path == folder.path


def test_what_is_not_a_run_is_refused_with_the_newest_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    RunFolder.create(Path("runs/train"), "photos").write_text("args.yaml", "{}")
    with pytest.raises(NoSuchRun) as error:
        RunFolder.open("runs/train/photoz")
    assert str(error.value) == (
        "no run here [no-such-run]\n"
        "  where     runs/train/photoz\n"
        "  got       the path does not exist\n"
        "  expected  a run folder such as runs/train/photos\n"
        "  next      runs here: runs/train/photos"
    )


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(CannotWrite, match="cannot write here"):
        RunFolder.create(tmp_path / "runs" / "train", "x")


def test_a_file_where_the_folder_of_runs_should_be(tmp_path):
    (tmp_path / "runs").write_text("mine")
    with pytest.raises(CannotWrite) as error:
        RunFolder.create(tmp_path / "runs", "x")
    assert str(error.value) == (
        "cannot write here [cannot-write]\n"
        f"  where     {tmp_path / 'runs/x'}\n"
        "  got       a file of that name is in the way\n"
        "  next      choose a folder that you may write to with --project"
    )


def test_clearing_removes_what_striate_wrote_and_nothing_else(tmp_path):
    folder = RunFolder.create(tmp_path, "a")
    foreign = (
        *("notes.txt", "images/mine.png", "images/mistake-x.png", "weights/mine.safetensors"),
        *("checkpoints/mine/x", "checkpoints/epoch-00001-step-0000000/mine", "deeper/results.csv"),
    )
    own = (
        *("args.yaml", "run.json", "results.csv", "images/index.json", "images/mistake-01.png"),
        *(
            "images/augmented-24.png",
            "images/strip-02.png",
            "weights/best.safetensors",
            "weights/last.safetensors",
        ),
        *(f"checkpoints/epoch-0000{i}-step-0000000/state.json" for i in (1, 2)),
    )
    for name in (*foreign, *own):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    folder.clear()
    left = {p.relative_to(folder.path).as_posix(): p for p in folder.path.rglob("*") if p.is_file()}
    assert {name: p.read_text() for name, p in left.items()} == {name: name for name in foreign}
    assert not (folder / "checkpoints/epoch-00002-step-0000000").exists()


def test_a_link_in_a_run_folder_is_replaced_and_never_written_through(tmp_path):
    (tmp_path / "mine").write_text("mine")
    folder = RunFolder.create(tmp_path, "a")
    (folder / "results.csv").symlink_to(tmp_path / "mine")
    folder.write_text("results.csv", "new")
    assert (tmp_path / "mine").read_text() == "mine"


HOLD = """
import sys, time
from pathlib import Path
from striate.core.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_and_a_kill_releases_the_lock(tmp_path):
    folder = RunFolder.create(tmp_path, "a")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunBusy, match="another process is writing to this run"), folder.locked():
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with folder.locked():
        pass


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        RunFolder.create(tmp_path, "a").write_json("x.json", {"a": float("nan")})
