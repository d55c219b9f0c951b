"""Where a run may be kept: never in the data, never over somebody else's files, under a name that a disk takes."""

from pathlib import Path

import pytest

from striate.core.run_folder import RunFolder
from striate.core.run_place import FolderTaken, RunInData, UnusableName, place_for


@pytest.mark.parametrize("name", ["a/b", "..", ".", "", "x" * 250, "é" * 125, "a\0b", "\ud800"])
def test_what_is_no_folders_name_is_refused(tmp_path, name):
    with pytest.raises(UnusableName):
        place_for(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_the_words_for_a_name(tmp_path):
    with pytest.raises(UnusableName) as error:
        place_for(tmp_path, "a/b")
    assert str(error.value) == (
        "a run cannot have this name [unusable-name]\n"
        "  got       'a/b'\n"
        "  expected  one folder's name: no '/', and at most 249 bytes\n"
        "  next      --project DIR is the folder that it stands in"
    )


def test_the_longest_name_can_be_made_and_counted_up(tmp_path):
    for _ in range(2):
        RunFolder.create(tmp_path, "x" * 249)
    assert sorted(len(p.name) for p in tmp_path.iterdir()) == [249, 251]


def test_a_folder_of_somebody_elses_is_refused_and_named(tmp_path):
    (tmp_path / "mine/images").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "results.csv"):
        (tmp_path / "mine" / name).write_text("mine")
    with pytest.raises(FolderTaken) as error:
        RunFolder.create(tmp_path, "mine", exist_ok=True)
    assert str(error.value) == (
        "this folder holds something else than a run [folder-taken]\n"
        f"  where     {tmp_path / 'mine'}\n"
        "  got       a.txt, b.txt, images and 1 more\n"
        "  expected  with --exist-ok an empty folder, or a run that striate made\n"
        "  next      choose another --name, or leave out --exist-ok"
    )
    assert RunFolder.create(tmp_path, "mine").path.name == "mine-2"


def test_a_file_is_not_taken_for_a_folder(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FolderTaken, match="this folder holds something else than a run"):
        RunFolder.create(tmp_path, "mine", exist_ok=True)


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "empty").mkdir()
    assert RunFolder.create(tmp_path, "empty", exist_ok=True).path == tmp_path / "empty"


@pytest.mark.parametrize("exist_ok", [False, True])
@pytest.mark.parametrize(
    ("project", "name"), [("data", "x"), ("data/deep/er", "x"), ("link", "x"), ("data/../data", "x")]
)
def test_a_run_never_stands_in_its_data(tmp_path, project, name, exist_ok):
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    with pytest.raises(RunInData) as error:
        RunFolder.create(tmp_path / project, name, exist_ok, data=tmp_path / "data")
    assert str(error.value) == (
        "the run would be kept in the data [run-in-data]\n"
        f"  where     {tmp_path / project / name}\n"
        f"  got       data in {tmp_path / 'data'}\n"
        "  expected  a folder apart from the data: files of the run are replaced, those of the data never\n"
        "  next      keep the run elsewhere with --project DIR"
    )
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("data", ["runs/mine", "runs/mine/photos", "runs/mine/photos.tar"])
def test_a_run_never_stands_over_its_data_even_in_a_run_of_striates(tmp_path, data):
    run = RunFolder.create(tmp_path / "runs", "mine")
    run.write_text("run.json", '{"striate_version": "0.1"}')
    (run / "photos").mkdir()
    (run / "photos.tar").write_text("")
    with pytest.raises(RunInData):
        RunFolder.create(tmp_path / "runs", "mine", exist_ok=True, data=tmp_path / data)


def test_a_table_or_archive_may_lie_beside_and_above_the_runs(tmp_path):
    (tmp_path / "labels.csv").write_text("")
    assert place_for(tmp_path / "runs", "labels", data=tmp_path / "labels.csv") == tmp_path / "runs/labels"
    assert place_for(tmp_path, "labels", data=Path(tmp_path / "labels.csv")) == tmp_path / "labels"
