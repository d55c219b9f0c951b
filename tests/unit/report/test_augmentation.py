"""The page of an audit: what stands at the top, that it is offline and escaped, and that it is the same every time."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from striate.core.augment_records import AugmentationFinding
from striate.report.augmentation import build_augmentation, render_augmentation, write_augmentation
from tests.audits import Pictures, about_a_run, digits, finding, judged, many, pictures, weak

HOSTILE = ("<script>x</script>", 'say "no"', "two words", "]]>--></style>", "y" * 120, "a\x1b[2J\nb")


def hostile() -> AugmentationFinding:
    found = finding(
        judged("flip", {0: (0.1, 1, 0.8)}, classes=HOSTILE, order=2),
        judged("rot180", {0: (0.0, 1, 1.0), 1: (0.0, 0, 1.0)}, classes=HOSTILE, order=2),
        classes=HOSTILE,
        data="<u>data</u>",
        source="it's <i>here</i>",
        left_out=("<b>hue</b>: no",),
        findings=(about_a_run().model_copy(update={"sentence": "<u>odd</u>"}),),
    )
    return found


def test_the_first_screen():
    page = build_augmentation(digits())
    assert page.headline == (
        "4 of 10 transforms keep every label; rot180 swaps 6<->9; flip, vflip and rot90 hurt classes; "
        "1 is not shown; 1 changes nothing"
    )
    assert page.command == "striate train digits --augment translate1+brightness0.2"
    assert page.declared == (
        "striate train digits --augment translate1+brightness0.2+rot180 "
        "--label-map 'rot180: 6<->9, !3, !4, !7'"
    )
    assert [(label, value) for label, value, _ in page.facts] == [
        ("Judge", "98.7 %"),
        ("Judge", "97.1 %"),
        ("Data", "10 classes"),
    ]
    assert (page.severity, page.weak, page.level, page.each) == ("info", (), "95 %", "99.97 %")


def test_a_network_that_knows_too_little_stands_at_the_top():
    html = render_augmentation(weak())
    page = build_augmentation(weak())
    assert page.severity == "warning"
    assert page.weak[0].startswith("The model is at 40.0 % (36.5 to 43.6 % of 720 images)")
    assert "no image was held out" in page.weak[1]
    assert html.index("what it would have judged is not shown") < html.index("Nothing is shown about 2")
    assert "striate train digits --augment none" in html


def test_the_page_asks_nothing_of_the_network_and_runs_nothing():
    found = digits()
    html = render_augmentation(found, pictures(found))
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<script" not in html
    for link in re.findall(r'(?:href|src)="([^"]*)"', html):
        assert link.startswith(("data:", "#")), link[:60]
    anchors = set(re.findall(r'id="([^"]+)"', html))
    assert {link[1:] for link in re.findall(r'href="(#[^"]*)"', html)} <= anchors


def test_names_from_outside_are_text():
    found = hostile()
    html = render_augmentation(found, pictures(found))
    for piece in ("<script", "<u>", "<i>", "<b>hue", "]]>-->", "\x1b"):
        assert piece not in html
    assert "&lt;script&gt;" in html
    assert "a␛[2J␊b" in html
    # Quoted for the shell, so that it can be pasted.
    assert "--label-map" in build_augmentation(found).declared
    assert build_augmentation(found).command.startswith("""striate train 'it'"'"'s <i>here</i>' """)


def test_equal_findings_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        found = digits()
        (tmp_path / name).mkdir()
        files = write_augmentation(found, pictures(found), tmp_path / name)
        assert [path.name for path in files] == ["augmentation.html", "sheet.png"]
    for file in ("augmentation.html", "sheet.png"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_without_pictures_there_is_a_page_and_no_sheet(tmp_path):
    assert [path.name for path in write_augmentation(digits(), (), tmp_path)] == ["augmentation.html"]
    html = (tmp_path / "augmentation.html").read_text(encoding="utf-8")
    assert "<img" not in html
    assert "Transform by transform" in html


def test_pictures_as_they_are_are_embedded_once():
    found = digits()
    html = render_augmentation(found, pictures(found))
    assert html.count("<image ") == 8
    assert html.count("<use ") == 8 * len(found.transforms)
    assert html.count("<img ") == 8 * len(found.transforms)


def test_strips_of_what_was_not_judged_stand_with_it():
    found = digits()
    mixed = np.full((8, 10), 0.0, np.float32)
    mixed[:, 3], mixed[:, 7] = 0.7, 0.3
    plain = pictures(found)[0]
    page = build_augmentation(found, (plain, Pictures("mixup0.2", plain.images, mixed)))
    assert [other.text for other in page.others] == ["mixup0.2"]
    assert page.others[0].pairs[0].label == "3 70 %, 7 30 %"
    assert all(not card.pairs for card in page.cards)


def test_what_an_audit_says_about_a_run():
    html = render_augmentation(digits(findings=(about_a_run(),)))
    assert "About the run" in html
    assert "--augment crop1" in html
    assert "About the run" not in render_augmentation(digits())


@pytest.mark.parametrize("found", [digits(), many(), weak(), hostile()])
def test_any_finding_has_a_page(found):
    html = render_augmentation(found, pictures(found))
    assert html.count("<article") == len(found.transforms)
    assert "nan" not in re.sub(r'base64,[^"]*', "", html).lower().replace("unfamiliar", "")
    assert AugmentationFinding.from_json(json.dumps(found.to_dict())) == found


def test_it_is_drawn_without_torch():
    code = "import striate.report.augmentation, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
