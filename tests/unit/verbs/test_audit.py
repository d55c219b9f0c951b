"""Audits from data to verdicts: arrows, which mirroring and turning make of each other, and what cannot be audited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import striate
from striate.augment.erasing import Cutout
from striate.augment.errors import NothingToAudit, TransformDoesNotFit, UnknownTransform
from striate.augment.shifts import PaddedCrop
from striate.augment.transform import ImageTransform
from striate.augment.warps import Rotate
from striate.core.augment_records import AugmentationFinding, TransformFlow
from striate.core.progress import SILENT, SilentProgress
from striate.core.run_place import FolderTaken
from striate.data.errors import OneClass
from striate.diagnosis.label_safety import judge_flow
from striate.verbs import probes
from striate.verbs.audit import _second, audit
from striate.verbs.errors import UnsafeViews
from striate.verbs.looking import Looked
from tests.audits import DIGITS
from tests.unit.diagnosis.test_label_safety import flow, stays
from tests.unit.verbs.arrows import arrows

Audited = Looked[AugmentationFinding]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrows are learnt in a few epochs."""
    monkeypatch.setattr(probes, "MOST_EPOCHS", 12)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes, "MOST_EPOCHS", 12)
        return audit(arrows(60), policy="flip+rot90+noise0.02", out=tmp_path_factory.mktemp("audit"))


def verdicts(finding: AugmentationFinding) -> dict[str, str]:
    return {safety.name: safety.verdict for safety in finding.transforms}


def test_what_swaps_and_what_does_not(found: Audited) -> None:
    finding = found.finding
    assert verdicts(finding) == {"flip": "swap", "rot90": "swap", "noise": "keep"}
    flip, rot90, _ = finding.transforms
    assert flip.label_map == "flip: 0<->2"
    assert [c.verdict for c in flip.classes] == ["swapped", "kept", "swapped", "kept"]
    assert rot90.label_map == "rot90: 0->1->2->3->0"
    assert finding.policy == "none"


def test_a_probe_that_is_sure_and_stays(found: Audited) -> None:
    (probe,) = found.finding.probes
    assert probe.policy == "crop2+rotate12+scale0.15+shear10"
    assert probe.enough
    assert probe.n == 96
    folder = found.files[0].parent / "probe-moved"
    assert striate.Run(folder).record.status == "finished"


def test_the_json_reads_back(found: Audited) -> None:
    path = next(path for path in found.files if path.name == "augmentation.json")
    assert AugmentationFinding.from_json(path.read_text()) == found.finding


def test_the_declared_map_trains(found: Audited, tmp_path: Path) -> None:
    """What the audit says to declare is what train takes, and the mirrored arrows then are what it says."""
    flip = found.finding.transforms[0]
    run = striate.train(
        arrows(60),
        model="classic",
        augment="flip",
        label_map=flip.label_map,
        epochs=12,
        project=str(tmp_path),
    )
    images, labels = arrows(20, seed=5)
    mirrored = images[:, :, ::-1]
    said = [int(p.label) for p in run.predict(list(np.concatenate([images, mirrored])))]
    wanted = np.concatenate([labels, np.array([2, 1, 0, 3])[labels]])
    assert (np.array(said) == wanted).mean() > 0.95


def test_a_run_is_asked_what_it_was_not_trained_with(tmp_path: Path) -> None:
    data = arrows(60)
    run = striate.train(
        data, model="classic", augment="noise0.02", epochs=12, project=str(tmp_path), val_split=0.4
    )
    finding = audit(data, run=run, policy="flip+noise0.02", out=tmp_path / "out").finding
    by_run, by_probe = finding.probes
    assert by_run.words.startswith("the run ")
    assert by_run.policy == "noise0.02"
    assert by_probe.policy.startswith("crop")
    assert verdicts(finding) == {"flip": "swap", "noise": "keep"}
    assert finding.findings == ()


def test_a_run_that_was_taught_wrong_labels_judges_nothing(tmp_path: Path) -> None:
    """Trained with flip, it takes a right for a left; what it says of other transforms is beside the point."""
    data, said = arrows(60), []
    run = striate.train(
        data, model="classic", augment="flip", epochs=12, project=str(tmp_path), val_split=0.4
    )
    telling = SilentProgress()
    telling.say = said.append  # type: ignore[method-assign]
    finding = audit(data, run=run, policy="flip+vflip", out=tmp_path / "out", progress=telling).finding
    assert [probe.policy for probe in finding.probes] == ["crop2+rotate12+scale0.15+shear10"]
    assert verdicts(finding) == {"flip": "swap", "vflip": "swap"}
    assert finding.transforms[1].label_map == "vflip: 1<->3"
    (about,) = finding.findings
    assert about.condition == "label-changing-transform"
    assert "0 -> 2" in about.sentence
    assert any("judges nothing" in text for text in said)
    with pytest.raises(UnsafeViews):
        run.val(own_data=data, tta="flip")


def test_too_weak_to_say(tmp_path: Path) -> None:
    images, labels = arrows(30)
    shuffled = np.random.default_rng(0).permutation(labels)
    finding = audit((images, shuffled), policy="flip+crop", out=tmp_path).finding
    assert not any(probe.enough for probe in finding.probes)
    assert set(verdicts(finding).values()) == {"not shown"}
    assert all("not shown" in safety.sentence for safety in finding.transforms)
    assert finding.policy == "none"


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    first, again = (
        audit(arrows(30), policy="vflip", out=tmp_path / name).finding.to_json() for name in ("a", "b")
    )
    assert first == again


def test_grey_images_have_no_hue(tmp_path: Path) -> None:
    images, labels = arrows(20)
    with pytest.raises(TransformDoesNotFit):
        audit((images[..., :1], labels), policy="hue", out=tmp_path)


@pytest.mark.parametrize(
    ("policy", "said"), [("none", "none"), ("mixup0.2", "mixup0.2"), ("mixup+cutmix", "mixup+cutmix")]
)
def test_a_policy_without_a_transform_to_judge(policy: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(NothingToAudit) as refusal:
        audit(arrows(10), policy=policy, out=tmp_path)
    assert refusal.value.got == said


def test_a_typo_is_known_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnknownTransform) as refusal:
        audit(tmp_path / "nowhere", policy="flop", out=tmp_path)
    assert "flip" in (refusal.value.next_step or "")


def test_mixing_is_left_out_with_a_word(tmp_path: Path) -> None:
    finding = audit(arrows(20), policy="vflip+mixup0.2", out=tmp_path).finding
    assert finding.left_out == ("mixup0.2: it mixes two images, and both labels with them",)
    assert list(verdicts(finding)) == ["vflip"]


def test_one_class(tmp_path: Path) -> None:
    images, labels = arrows(10)
    with pytest.raises(OneClass):
        audit((images, labels * 0), out=tmp_path)


def test_files_of_others_stay_and_the_advice_is_this_verbs(tmp_path: Path) -> None:
    (tmp_path / "probe-moved").mkdir()
    (tmp_path / "probe-moved/mine.txt").write_text("mine")
    with pytest.raises(FolderTaken) as refusal:
        audit(arrows(5), policy="flip", out=tmp_path)
    assert refusal.value.next_step == "another folder: --out DIR"
    assert [path.name for path in (tmp_path / "probe-moved").iterdir()] == ["mine.txt"]


class Scripted:
    """A bench whose networks say what a test wants: who learns several transforms at once may be worse than who learns one."""

    seed = 0

    def __init__(self, *, together: float, alone: dict[str, float]) -> None:
        self.together, self.alone, self.taught = together, alone, list[str]()
        self.dataset = SimpleNamespace(classes=DIGITS)

    def judge(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(
            probe=SimpleNamespace(enough=True), flow=lambda some, seed: made(0.5, some.text)
        )

    def learning(self, transforms: list[ImageTransform]) -> Iterator[tuple[TransformFlow, TransformFlow]]:
        self.taught.append("+".join(t.name for t in transforms))
        for t in transforms:
            share = self.together if len(transforms) > 1 else self.alone[t.name]
            yield made(1.0), made(share)


def made(right: float, name: str = "crop") -> TransformFlow:
    return flow(stays(10, right), order=0, name=name)


def test_everything_doubtful_is_learnt_at_once_and_one_by_one_only_what_was_hurt() -> None:
    hurt, open_ = (judge_flow(made(right, "x"), DIGITS, level=0.9997) for right in (0.5, 0.5))
    open_ = open_.model_copy(update={"verdict": "not shown"})
    transforms = [PaddedCrop(4), Rotate(15), Cutout(8)]
    firsts = [hurt, open_, hurt]

    fine = Scripted(together=0.99, alone={})
    assert [s.verdict for s in _second(firsts, transforms, fine, 0.9997, SILENT)] == ["keep"] * 3
    assert fine.taught == ["crop+rotate+cutout"]

    mixed = Scripted(together=0.5, alone={"crop": 0.99, "cutout": 0.4})
    settled = _second(firsts, transforms, mixed, 0.9997, SILENT)
    assert [s.verdict for s in settled] == ["keep", "not shown", "drop"]
    assert mixed.taught == ["crop+rotate+cutout", "crop", "cutout"]
    assert settled[1] == open_
    assert settled[2].learnt is not None
