"""`striate.diagnose` takes a run, a file in it, a foreign log, what was seen of a loop; it writes nothing and is quick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import striate
from striate.core.errors import StriateError
from striate.core.run_folder import NoSuchRun
from striate.diagnosis.errors import NoSuchLog
from striate.training.errors import NewerVersion
from striate.verbs.diagnose import examined
from striate.verbs.errors import ObservationUnusable
from striate.verbs.run import Run
from tests.diagnoses import observation
from tests.unit.report.fabricate import fabricate, write

LOGS = Path(__file__).resolve().parents[2] / "golden/logs"
LOG = "epoch,train_acc,val_acc\n" + "".join(f"{i},{0.5 + 0.04 * i},{0.5 + 0.03 * i}\n" for i in range(10))


@pytest.fixture
def run(tmp_path) -> Path:
    return write(tmp_path / "run", *fabricate()).path


def test_a_run_by_any_of_its_names(run):
    expected = striate.diagnose(run)
    for target in (
        str(run),
        Run(run),
        run / "run.json",
        run / "results.csv",
        run / "weights/best.safetensors",
    ):
        if isinstance(target, Path) and not target.exists():
            target.write_text("")
        assert striate.diagnose(target) == expected
    assert expected.level == "data"
    assert examined(run).name == str(run)


def test_nothing_is_written(run):
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    striate.diagnose(run)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_what_was_seen_of_a_loop_as_file_as_folder_and_as_it_is(tmp_path):
    seen = observation()
    expected = striate.diagnose(seen)
    (tmp_path / "loop").mkdir()
    for path in (tmp_path / "mine.json", tmp_path / "loop/observation.json"):
        path.write_text(seen.to_json(indent=None))
        assert striate.diagnose(path) == expected
    assert striate.diagnose(tmp_path / "loop") == expected


def test_a_log_of_another_tool(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    found = examined(tmp_path / "log.csv")
    assert found.observation.setting.source == "log"
    assert found.diagnosis.level == "curves"
    assert found.diagnosis.assumed


@pytest.mark.parametrize("tool", sorted(path.name for path in LOGS.iterdir() if path.is_dir()))
def test_logs_that_other_tools_wrote_are_judged(tool):
    found = examined(LOGS / tool)
    assert found.observation.setting.source == "log"
    assert found.diagnosis.level in ("curves", "config")
    assert found.diagnosis.headline


def test_a_folder_of_another_tool_that_has_an_args_yaml_too(tmp_path):
    (tmp_path / "args.yaml").write_text("task: classify\nmodel: n.pt\ndata: x\nepochs: 3\n")
    (tmp_path / "results.csv").write_text(LOG)
    assert examined(tmp_path).observation.setting.source == "log"


@pytest.mark.parametrize(
    "text", ["", "[", "[" * 100_000, '{"version": 1, "setting": {}, "epochs": []}'], ids=str
)
def test_a_damaged_observation_is_refused_in_words(tmp_path, text):
    path = tmp_path / "observation.json"
    path.write_text(text)
    with pytest.raises(ObservationUnusable, match="this observation cannot be read") as error:
        striate.diagnose(path)
    assert str(path) in str(error.value)


def test_a_newer_observation_is_refused_as_newer(tmp_path):
    path = tmp_path / "observation.json"
    path.write_text(json.dumps(json.loads(observation().to_json()) | {"version": 99, "new": 1}))
    with pytest.raises(NewerVersion, match="written by a newer striate"):
        striate.diagnose(path)


def test_a_folder_of_runs_is_no_run(tmp_path, run):
    with pytest.raises(NoSuchRun) as error:
        striate.diagnose(tmp_path)
    assert str(error.value) == (
        "this folder holds runs and is none [no-such-run]\n"
        f"  where     {tmp_path}\n"
        "  got       1 run: run\n"
        f"  next      name one, or all of them: striate diagnose {tmp_path}/*"
    )


def test_the_folder_above_a_folder_of_runs_is_no_log(tmp_path, run):
    above = tmp_path / "project"
    (above / "runs").mkdir(parents=True)
    run.rename(above / "runs/one")
    with pytest.raises(NoSuchRun, match="holds runs and is none") as error:
        striate.diagnose(above)
    assert error.value.where == str(above / "runs")
    (above / "log.csv").write_text(LOG)
    assert striate.diagnose(above).findings == striate.diagnose(above / "log.csv").findings


def test_an_empty_path_is_not_the_present_folder():
    with pytest.raises(NoSuchRun, match="the path is empty"):
        striate.diagnose("")


def test_what_is_not_there_and_what_is_no_log(tmp_path):
    with pytest.raises(NoSuchLog):
        striate.diagnose(tmp_path / "nothing")
    (tmp_path / "other.json").write_text('{"a": 1}')
    with pytest.raises(StriateError):
        striate.diagnose(tmp_path / "other.json")


def test_it_is_quick_and_waits_for_no_torch(run):
    probe = (
        "import sys, striate; striate.diagnose(sys.argv[1]); "
        "sys.exit('imported: ' + ' '.join(found) if (found := {'torch', 'matplotlib', 'scipy', 'PIL'} & set(sys.modules)) else 0)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parent.parent)}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", probe, str(run)], env=env, capture_output=True, text=True, check=False
    )
    # Half a second is the aim on a quiet machine; where many processes share it, only a blunder takes ten times as long.
    assert time.perf_counter() - began < 5
    assert (done.returncode, done.stderr) == (0, "")
