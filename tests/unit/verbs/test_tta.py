"""Which views a run's network may be asked about: trained with, audited, or refused in exact words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from torch import nn

import striate
from striate.core import devices
from striate.core.errors import StriateError
from striate.core.run_folder import RunFolder
from striate.data.preprocess import Preprocess
from striate.training.recipe import Recipe
from striate.training.run_audit import keep_audit
from striate.verbs.network import TrainedNetwork
from striate.verbs.run import Run
from striate.verbs.tta import with_views
from tests.audits import DIGITS, finding, judged

ANIMALS = ("cat", "dog", "left glove", "right glove")


@pytest.fixture
def run_with(tmp_path, monkeypatch):
    """``run_with("flip+crop4", "flip: !cat")`` -> a run that says it was trained so, and its network."""
    monkeypatch.chdir(tmp_path)

    def make(augment: str, label_map: str = "", classes=ANIMALS, size=(32, 32)):
        folder = RunFolder.create(tmp_path, "run", exist_ok=True)
        recipe = Recipe.make({"data": "photos", "augment": augment, "label_map": label_map})
        folder.write_text("args.yaml", recipe.to_yaml())
        (folder / "weights/best.safetensors").write_bytes(b"best")
        choice = devices.choose("cpu", "fp32", "contiguous")
        preprocess = Preprocess(size, 3, mean=(0.5,) * 3, std=(0.2,) * 3)
        # From here the folder is "run", which refusals then say.
        return Run("run"), TrainedNetwork(nn.Identity(), tuple(classes), preprocess, choice)

    return make


def ask(made, tta: str | None) -> TrainedNetwork:
    run, network = made
    return with_views(network, run, run.best_weights, tta)


def screen(call) -> str:
    with pytest.raises(StriateError) as refusal:
        call()
    return str(refusal.value)


def test_nothing_asked_for_is_the_network_itself(run_with) -> None:
    made = run_with("flip")
    assert ask(made, None) is made[1]


@pytest.mark.parametrize(
    ("augment", "tta", "views"),
    [
        ("flip+crop4", "flip+shift", 6),
        ("altflip", "flip", 2),
        ("flip@0.1", "flip", 2),
        ("vflip", "vflip", 2),
        ("rot180", "rot180", 2),
        ("rot90", "rot180", 2),
        ("rot90+flip", "flip+rot90", 8),
        ("crop2", "shift", 3),
        ("translate2", "shift", 3),
        ("resizedcrop", "shift", 3),
        ("randaugment", "shift", 3),
        ("default", "flip+shift", 6),
    ],
)
def test_what_training_showed_may_be_asked(run_with, augment: str, tta: str, views: int) -> None:
    network = ask(run_with(augment), tta)
    assert len(network.views) == views
    assert {view.becomes for view in network.views} == {(0, 1, 2, 3)}


@pytest.mark.parametrize(
    ("augment", "tta", "said", "policy"),
    [
        ("translate1", "flip", "mirrored", "flip"),
        ("translate1", "flip+shift", "mirrored", "flip"),
        ("none", "shift", "shifted", "crop"),
        ("crop4+cutout8", "flip+vflip", "mirrored or upside-down", "flip+vflip"),
        ("vflip", "rot180", "half-turned", "rot180"),
        ("rot180", "rot90", "quarter-turned", "rot90"),
        ("rotate30", "rot90", "quarter-turned", "rot90"),
    ],
)
def test_what_training_did_not_show_is_refused(run_with, augment, tta, said, policy) -> None:
    assert screen(lambda: ask(run_with(augment), tta)) == (
        f"this network was not trained with {said} images; whether they keep their label here is not known [unsafe-views]\n"
        "  where     run\n"
        f"  got       --tta {tta}, trained with --augment {augment}\n"
        f"  next      striate augment --run run --policy {policy}"
    )


def test_the_command_to_type_is_quoted(run_with, tmp_path) -> None:
    run, network = run_with("none")
    run.path.rename(tmp_path / "my run")
    assert screen(lambda: ask((Run("my run"), network), "flip")).endswith(
        "striate augment --run 'my run' --policy flip"
    )


def test_an_unknown_word(run_with) -> None:
    assert "did you mean flip or vflip?" in screen(lambda: ask(run_with("flip"), "flpi"))


# -- label maps ----------------------------------------------------------------------------------------------------


def becomes(network: TrainedNetwork) -> list[tuple[int, ...]]:
    return [view.becomes for view in network.views]


@pytest.mark.parametrize("word", ["flip", "altflip"])
def test_a_swap_of_the_run_is_undone(run_with, word: str) -> None:
    network = ask(run_with(word, f'{word}: "left glove"<->"right glove"'), "flip")
    assert becomes(network) == [(0, 1, 2, 3), (0, 1, 3, 2)]


def test_two_quarter_turns_are_the_half_turn(run_with) -> None:
    made = run_with("rot90", "rot90: a->b->c->d->a", classes="abcd")
    assert becomes(ask(made, "rot180")) == [(0, 1, 2, 3), (2, 3, 0, 1)]
    assert becomes(ask(made, "rot90")) == [(0, 1, 2, 3), (1, 2, 3, 0), (2, 3, 0, 1), (3, 0, 1, 2)]


@pytest.mark.parametrize(
    ("label_map", "tta", "names", "rest"),
    [
        ("flip: !cat", "flip", "cat", "leave out --tta"),
        ("flip: !cat, !dog", "flip+shift", "cat, dog", "--tta shift"),
    ],
)
def test_a_class_that_the_map_spares(run_with, label_map, tta, names, rest) -> None:
    assert screen(lambda: ask(run_with("flip+crop4", label_map), tta)) == (
        f"the run's label map allows no mirrored images of {names}, and which images those are is not known yet "
        "[unsafe-views]\n"
        "  where     run\n"
        f"  got       --tta {tta}, label map {label_map}\n"
        f"  next      {rest}"
    )


def test_a_spared_class_counts_for_the_views_it_is_about(run_with) -> None:
    made = run_with("flip+crop4", "crop: !cat")
    assert len(ask(made, "flip").views) == 2
    assert "no shifted images of cat" in screen(lambda: ask(made, "shift"))


def test_of_many_spared_classes_five_are_named(run_with) -> None:
    made = run_with("flip", "flip: !0, !1, !2, !3, !4, !5, !6", classes=DIGITS)
    assert "images of 0, 1, 2, 3, 4 and 2 more, and" in screen(lambda: ask(made, "flip"))


def test_a_map_that_says_two_things(run_with) -> None:
    made = run_with("flip+altflip", "flip: cat<->dog")
    assert screen(lambda: ask(made, "flip")) == (
        "the run's label map says two things about mirrored images [label-map-unusable]\n"
        "  where     run\n"
        "  got       flip: cat<->dog\n"
        "  expected  the same for flip and altflip\n"
        "  next      leave out --tta"
    )


# -- how far -------------------------------------------------------------------------------------------------------


def distance(network: TrainedNetwork) -> int:
    return network.views[-1].steps[0][1]["di"]


@pytest.mark.parametrize(
    ("augment", "size", "d"),
    [
        ("crop4", (32, 32), 1),
        ("crop28", (224, 224), 7),
        ("crop2", (224, 224), 2),
        ("translate3+crop2", (224, 224), 3),
        ("crop2+resizedcrop", (224, 224), 7),
    ],
)
def test_a_shift_goes_no_farther_than_training_went(run_with, augment, size, d) -> None:
    assert distance(ask(run_with(augment, size=size), "shift")) == d


@pytest.mark.parametrize(
    ("augment", "name"),
    [("translate1", "translate"), ("crop2", "crop"), ("translate1+crop2", "crop"), ("resizedcrop", "crop")],
)
def test_a_shift_brings_in_the_border_that_training_showed(run_with, augment, name) -> None:
    (shift, _), *_ = ask(run_with(augment), "shift").views[-1].steps
    assert shift.name == name


# -- audits --------------------------------------------------------------------------------------------------------


def audited(made, *transforms) -> None:
    run, network = made
    keep_audit(
        run.folder,
        finding(
            *(judged(*t[:1], classes=network.classes, **t[1]) for t in transforms), classes=network.classes
        ),
    )


HURT = {0: (0.2, 1, 0.7)}


def test_what_an_audit_found_to_keep_labels_may_be_asked(run_with) -> None:
    made = run_with("translate1")
    audited(made, ("flip", {"order": 2}))
    assert len(ask(made, "flip+shift").views) == 6
    # What one audit did not judge is asked for together with what it did: the next takes its place.
    assert screen(lambda: ask(made, "flip+vflip")).endswith("--run run --policy flip+vflip")


def test_what_it_found_to_change_them_is_refused_with_its_words(run_with) -> None:
    made = run_with("translate1")
    audited(made, ("flip", {"order": 2, "after": HURT}))
    assert screen(lambda: ask(made, "flip+shift")) == (
        "an audit of this run did not find mirrored images to be safe for its network [unsafe-views]\n"
        "  where     run\n"
        "  got       flip: No longer recognised: cat (97.2 % to 19.4 %, taken for dog 69.4 %).\n"
        "  next      --tta shift"
    )


def test_what_another_network_had_to_learn_is_not_safe_for_this_one(run_with) -> None:
    made = run_with("none")
    safety = judged("crop4", HURT, classes=ANIMALS)
    learnt = safety.model_copy(update={"verdict": "keep", "learnt": safety.change, "sentence": "Unfamiliar."})
    keep_audit(made[0].folder, finding(learnt, classes=ANIMALS))
    assert "got       crop4: Unfamiliar.\n" in screen(lambda: ask(made, "shift"))


def test_an_audited_shift_goes_as_far_as_was_audited(run_with) -> None:
    made = run_with("none", size=(224, 224))
    audited(made, ("crop2", {}))
    assert distance(ask(made, "shift")) == 2


def test_what_was_found_about_other_weights_is_not_believed(run_with) -> None:
    made = run_with("none")
    audited(made, ("flip", {"order": 2}))
    made[0].best_weights.write_bytes(b"other")
    assert "was not trained with mirrored images" in screen(lambda: ask(made, "flip"))


# -- the verbs -----------------------------------------------------------------------------------------------------


def test_val_and_predict_average_over_the_same_views(quick, images) -> None:
    folder = images("photos", ["a", "b"], 12)
    run = quick(folder, augment="flip+crop2")
    plain, seen = run.val(split="train"), run.val(split="train", tta="flip+shift")
    assert plain.n == seen.n
    assert plain.loss != seen.loss
    assert set(json.loads(seen.to_json())) == set(json.loads(plain.to_json()))
    rows = [line.split(",") for line in (run.path / "splits.csv").read_text().splitlines()[1:]]
    train = [(folder / path, label) for path, label, split, *_ in rows if split == "train"]
    predictions = striate.predict(run, [path for path, _ in train], tta="flip+shift", batch_size=5)
    own = [dict(p.top)[label] for p, (_, label) in zip(predictions, train, strict=True)]
    assert -np.mean(np.log(own)) == pytest.approx(seen.loss, abs=1e-6)
    assert run.predict([train[0][0]], tta="flip") != run.predict([train[0][0]])


def test_both_refuse_before_they_look_at_data(quick, images) -> None:
    run = quick(images("photos", ["a", "b"], 8), augment="translate1", epochs=1)
    with pytest.raises(StriateError, match="was not trained with mirrored images"):
        run.val("nowhere", tta="flip")
    with pytest.raises(StriateError, match="was not trained with mirrored images"):
        run.predict(np.zeros((16, 16, 3), np.uint8), tta="flip")


def test_an_audit_of_a_run_is_found_by_val(quick, images, tmp_path, monkeypatch) -> None:
    from striate.verbs.audit import audit

    monkeypatch.chdir(tmp_path)
    run = quick(images("photos", ["a", "b"], 150), augment="none", epochs=8)
    looked = audit(run=run, policy="flip", out=tmp_path / "audit")
    assert run.path / "augmentation.json" in looked.files
    (flip,) = looked.finding.transforms
    assert flip.verdict == "keep"
    assert run.val(tta="flip").n == run.val().n
