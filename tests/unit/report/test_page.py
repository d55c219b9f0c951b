"""The whole page: complete, self-contained, repeatable, harmless, and honest about what is missing."""

from __future__ import annotations

import math
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from striate.core.records import RunRecord
from striate.core.run_folder import RunFolder
from striate.report.page import write_report
from striate.training.errors import RunDamaged
from tests.histories import history
from tests.unit.report.fabricate import CIFAR, HOSTILE, fabricate, write
from tests.unit.report.golden import GOLDEN, current

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Tree(HTMLParser):
    """Checks that tags nest, and collects tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(folder: RunFolder) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def test_the_page_is_the_accepted_one(tmp_path):
    assert GOLDEN.is_file(), "no golden page: python scripts/accept_report.py"
    assert current(tmp_path / "run") == GOLDEN.read_text(encoding="utf-8")


def test_equal_records_give_equal_bytes(tmp_path):
    one = write(tmp_path / "one", *fabricate())
    two = write(tmp_path / "two", *fabricate())
    assert write_report(one).read_bytes() == write_report(two).read_bytes() == write_report(one).read_bytes()


def test_first_screen_says_the_figure_its_interval_and_the_diagnosis(run_folder):
    text = Tree(page(run_folder)).text
    assert "resnet20 on cifar10" in text
    assert "91.5\N{NO-BREAK SPACE}% of 1,000 test images right".replace("\xa0", " ") in text.replace(
        "\xa0", " "
    )
    assert "95 % interval 89.6 to 93.1 %" in text.replace("\xa0", " ")
    assert "Healthy." in text
    assert "normal with augmentation" in text
    assert "Seen: the curves and the settings." in text


def test_every_section_is_there(run_folder):
    tree = Tree(page(run_folder))
    ids = {value for tag, name, value in tree.attributes if tag == "section" and name == "id"}
    assert ids == {
        "findings", "curves", "confusions", "classes", "mistakes", "data", "augmented", "network", "filters", "again", "words",
    }  # fmt: skip
    links = {value for tag, name, value in tree.attributes if tag == "a" and name == "href"}
    anchors = {f"#{value}" for _, name, value in tree.attributes if name == "id"}
    assert links <= anchors
    assert "--lr 0.1 chosen by striate" in tree.text
    assert "--model resnet20" in tree.text


def test_nothing_is_loaded_and_nothing_runs(run_folder):
    tree = Tree(page(run_folder))
    assert not {"script", "iframe", "object", "embed", "base", "form"} & set(tree.tags)
    assert not [a for a in tree.attributes if a[1].startswith("on")]
    for tag, name, value in tree.attributes:
        if name in ("src", "href", "xlink:href", "srcset"):
            assert value.startswith(("data:", "#")), (tag, name, value)
    policy = [v for t, n, v in tree.attributes if t == "meta" and n == "content" and "default-src" in v]
    assert policy == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    ]
    assert not re.search(r"url\(|@import|https?://", page(run_folder))


def test_hostile_names_stay_text(hostile_folder):
    html = page(hostile_folder)
    tree = Tree(html)
    assert "script" not in tree.tags
    assert "b" not in tree.tags
    assert html.count("</style>") == 1
    assert "<script>alert(1)</script>" in tree.text
    assert "{{ 7 * 7 }}" in tree.text
    assert "two␊lines" in tree.text
    for forbidden in ("\u202e", "\x1b", "\x07", "two\nlines"):
        assert forbidden not in html
    assert not [a for a in tree.attributes if a[1].startswith("on")]


def test_long_names_are_cut_and_whole_in_a_title(hostile_folder):
    tree = Tree(page(hostile_folder))
    assert any(name == "title" and value == "x" * 255 for _, name, value in tree.attributes)
    shown = re.findall(r"x{20,}", " ".join(w for w in tree.words if "x" * 255 not in w))
    assert max(map(len, shown)) <= 40


@pytest.mark.parametrize("k", [2, 30, 31, 100, 1000])
def test_any_number_of_classes_makes_a_small_page(tmp_path, k):
    folder = write(tmp_path / "run", *fabricate(tuple(f"class {i}" for i in range(k))))
    html = page(folder)
    Tree(html)
    assert len(html.encode()) < 2_000_000
    rows = re.search(r'<table class="classes">.*?</table>', html, re.DOTALL)
    assert rows
    assert rows[0].count('<th scope="row">') == (k if k <= 30 else 20)
    assert (f"{k - 20} classes between" in html) == (k > 30)


def test_large_pictures_do_not_make_a_large_page(tmp_path):
    import numpy as np
    from PIL import Image

    folder = write(tmp_path / "run", *fabricate())
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    for path in (folder / "images").glob("*.png"):
        Image.fromarray(noise).save(path)
    assert write_report(folder).stat().st_size < 2_000_000


def test_a_run_without_an_epoch(tmp_path):
    folder = write(tmp_path / "run", *fabricate(epochs=0, finished=False), extras=False)
    text = Tree(page(folder)).text
    assert "No figure yet." in text
    assert "No epoch has ended yet, so there are no curves." in text
    assert "Interrupted after epoch 0 of 2; `striate resume` goes on from there exactly." in text


def test_an_interrupted_run_says_what_is_not_there(tmp_path):
    folder = write(tmp_path / "run", *fabricate(epochs=7, finished=False), extras=False)
    text = Tree(page(folder)).text
    assert "Interrupted after epoch 7 of 14" in text
    assert (
        "Not in this report: layers.json is not there; images/index.json is not there; args.yaml is not there; "
        "env.json is not there; scan.csv is not there; weights/best.safetensors is not there." in text
    )


@pytest.mark.parametrize(
    "name",
    ["args.yaml", "env.json", "layers.json", "scan.csv", "images/index.json", "weights/best.safetensors"],
)
@pytest.mark.parametrize("how", ["missing", "garbage"])
def test_any_one_part_may_be_missing_or_broken(run_folder, name, how):
    path = run_folder / name
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(b'\x80\x00{"a": [1,')
    text = Tree(page(run_folder)).text
    assert f"{name} {'is not there' if how == 'missing' else 'cannot be read'}" in text
    assert "91.5" in text


def test_missing_pictures_are_counted(run_folder):
    shutil.rmtree(run_folder / "images")
    (run_folder / "images").mkdir()
    folder = write(run_folder.path.parent / "other", *fabricate())
    (folder / "images/mistake-01.png").unlink()
    (folder / "images/mistake-02.png").write_bytes(b"not a picture")
    assert "2 pictures not shown" in Tree(page(folder)).text


@pytest.mark.parametrize("name", ["run.json", "data.json"])
def test_without_its_records_there_is_no_report(run_folder, name):
    (run_folder / name).write_text("{}")
    with pytest.raises(RunDamaged, match=f"{name} cannot be read"):
        write_report(run_folder)
    (run_folder / name).unlink()
    with pytest.raises(RunDamaged, match="has not begun to train"):
        write_report(run_folder)


def test_a_failed_run_says_why(tmp_path):
    run, data = fabricate(epochs=6, finished=False)
    h = history([0.5] * 6, [0.5] * 6, train_loss=[1.0, 0.9, 0.8, math.nan, math.nan, math.nan])
    failure = "the loss is not finite [non-finite-loss]\n  where     epoch 4, step 7"
    run = run.model_copy(
        update={
            "status": "failed",
            "failure": failure,
            "history": h,
        }
    )
    text = Tree(page(write(tmp_path / "run", run, data))).text
    assert "Failed after epoch 6 of 12: the loss is not finite [non-finite-loss]." in text
    assert "Why it failed" in text
    assert "Lines break where a figure was NaN or infinite." in text


def test_a_class_nobody_saw_is_a_dash(tmp_path):
    run, data = fabricate(CIFAR)
    assert run.test
    empty = run.test.classes[0].model_copy(
        update={"n": 0, "correct": 0, "recall": math.nan, "precision": math.nan, "f1": math.nan}
    )
    confusion = ((0,) * 10, *run.test.confusion[1:])
    test = run.test.model_copy(update={"classes": (empty, *run.test.classes[1:]), "confusion": confusion})
    run = RunRecord.model_validate(run.model_dump() | {"test": test.model_dump()})
    assert "airplane – no images" in Tree(page(write(tmp_path / "run", run, data))).text


def test_names_that_no_template_engine_may_run(tmp_path):
    folder = write(tmp_path / "run", *fabricate(HOSTILE, name="{% raw %}"))
    assert "{% raw %}" in Tree(page(folder)).text


def test_every_figure_of_a_class_keeps_its_name_where_a_phone_stacks_the_table(run_folder):
    text = page(run_folder)
    table = text[text.index('<table class="classes">') :].split("</table>")[0]
    for row in re.findall(r'<tr><th scope="row">.*?</tr>', table):
        names = re.findall(r'<td[^>]* data-label="([^"]+)">', row)
        assert names == ["right", "precision", "F1", "most taken for"]
    style = text[text.index("<style>") : text.index("</style>")]
    assert "attr(data-label)" in style


@pytest.mark.browser
def test_chromium_shows_it_without_complaint(hostile_folder, tmp_path):
    import subprocess

    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    path: Path = write_report(hostile_folder)
    log = tmp_path / "net.json"
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
        "--enable-logging=stderr", "--v=0", f"--log-net-log={log}", "--virtual-time-budget=2000", "--dump-dom",
    ]  # fmt: skip
    shown = subprocess.run(
        [browser, *flags, path.as_uri()], capture_output=True, text=True, timeout=90, check=True
    )
    assert "CONSOLE" not in shown.stderr, shown.stderr
    assert "Class by class" in shown.stdout
    requested = set(re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    assert not {u for u in requested if u.startswith(("http:", "https:", "ws:")) and "/report" in u}
