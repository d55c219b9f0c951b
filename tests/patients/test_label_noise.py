"""Sick, healthy and near-miss runs for D1."""

from __future__ import annotations

from striate.core.data_observation import RepeatSeen
from striate.diagnosis.conditions.label_noise import CONDITION
from tests.patients.looking import agreement, confusion, curve, data, split, suspects, with_outputs
from tests.patients.seen import case, setting


def judged(epochs: object = (), classes: int = 10, plain: bool = True, **more: object):
    """D1's opinion of labels that differ in `more`; `plain`: training images come again unchanged."""
    again = RepeatSeen(split="train", passes=2, images=2000, same=2000 if plain else 0)
    seen = data(agreement=agreement(**more), repeats=(again,))
    return CONDITION.examine(case(data=seen, epochs=epochs, setting=setting(classes=classes)))


FOLDS = {"folds_noise": 0.1, "folds_low": 0.06, "folds_accuracy": 0.85}
NOISY = {"confident_wrong": 110, "val_confident_wrong": 15}


def test_sick_folds_say_so_too():
    found = judged(**NOISY, folds=5, folds_noise=0.2, folds_low=0.15, suspects=suspects())
    assert (found.state, found.severity, found.confidence) == ("present", "warning", 0.9)
    assert found.where.samples[0] == "train[0]"
    noise = found.evidence[0]
    assert noise.low is not None
    assert noise.low < 0.16 == round(noise.value or 0, 2)


def test_sick_val_is_above_clean_train():
    found = judged(curve((0.5, 0.8), clean=(0.45, 0.66)), confident_wrong=80, val_confident_wrong=12)
    assert found.state == "present"
    assert found.evidence[1].name == "reversal"


def test_sick_far_more_than_val():
    assert judged(**NOISY).state == "present"


def test_sick_only_classifiers_say_so():
    # Val is clean, and the network gets it right.
    found = judged(curve(), confident_wrong=30, val_confident_wrong=4, **FOLDS)
    assert (found.state, found.confidence) == ("present", 0.75)
    assert judged(curve(), confident=0, val_confident=0, **FOLDS, classes=3).state == "present"


def test_sick_val_is_as_noisy():
    found = judged(
        curve((0.5, 0.78)),
        confident_wrong=100,
        val_confident_wrong=50,
        folds_noise=0.18,
        folds_low=0.15,
        folds_accuracy=0.78,
        suspects=suspects(),
    )
    assert (found.state, found.confidence) == ("present", 0.75)


def test_healthy():
    assert judged(curve()).state == "absent"
    assert CONDITION.examine(case(data=data(train_confusion=confusion()))).state == "unseen"


def test_near_miss_hard_task():
    found = judged(
        curve((0.3, 0.45)),
        confident_wrong=150,
        val_confident_wrong=70,
        folds_noise=0.2,
        folds_low=0.17,
        folds_accuracy=0.4,
        suspects=suspects(),
    )
    assert found.state == "absent"


def test_near_miss_early_predictions_of_augmented_images():
    # Twice as often, and nothing else says so.
    found = judged(curve(), confident_wrong=75, val_confident_wrong=17)
    assert (found.state, found.severity) == ("suspected", "info")
    assert judged(curve(), confident_wrong=225, val_confident_wrong=75).state == "absent"


def test_near_miss_errors_gather_in_pairs_that_look_alike():
    assert judged(curve((0.5, 0.85)), **FOLDS, suspects=suspects(pairs=3)).state == "suspected"


def test_near_miss_good_val_contradicts_the_classifiers():
    assert judged(curve((0.9, 0.97)), **FOLDS, suspects=suspects()).state == "absent"


def test_near_miss_classifiers_that_know_little():
    # At chance, the surest answers are contradicted as often as any: that is no noise.
    known = {"folds_noise": 0.6, "folds_low": 0.4, "folds_accuracy": 0.3}
    assert judged(curve((0.5, 0.8)), **known, suspects=suspects()).state == "absent"


def test_near_miss_images_mixed_in_the_loop():
    again = RepeatSeen(split="train", passes=2, images=2000, same=2000)
    seen = data(agreement=agreement(confident_wrong=150), repeats=(again,))
    for right, state in ((0.7, "absent"), (1.0, "present")):
        assert CONDITION.examine(case(data=seen, loop=with_outputs(implied_right=right))).state == state


def test_near_miss_augmentation_alone():
    # Early answers about augmented images are worse, and so is the network on them in eval mode.
    epochs = curve((0.5, 0.8), clean=(0.45, 0.66))
    assert judged(epochs, plain=False, **NOISY).state == "suspected"


def test_near_miss_classes_swapped_in_val():
    assert judged(curve(), confident_wrong=10, val_confident_wrong=60).state == "absent"


def test_near_miss_answers_under_dropout():
    # Given in train mode, answers about train are worse than those about val; classifiers that saw no label agree with nearly all.
    agreeing = {"folds": 1200, "folds_noise": 0.0, "folds_low": 0.0, "folds_accuracy": 0.987}
    assert judged(**NOISY, **agreeing).state == "absent"
    assert judged(**NOISY, **agreeing | {"folds_accuracy": 0.75}).state == "present"


def test_sick_early_answers_about_val_were_bad():
    # Running statistics of batch norm lag behind in the first epoch; later clean val is far above clean train.
    again = RepeatSeen(split="train", passes=2, images=2000, same=2000)
    early = {"confident": 149, "confident_wrong": 41, "val_confident": 124, "val_confident_wrong": 60}
    seen = data(
        agreement=agreement(**early, folds_noise=0.23, folds_low=0.16, folds_accuracy=0.754), repeats=(again,)
    )
    for clean, state in (((0.5, 0.73), "present"), ((0.5, 0.95), "absent")):
        run = case(data=seen, epochs=curve((0.5, 0.958), clean=clean), setting=setting(classes=10))
        assert CONDITION.examine(run).state == state


def test_sick_labels_of_val_are_the_clearer_ones():
    found = judged(curve((0.3, 0.35)), neighbours=1000, neighbours_right=320, folds=2000, folds_accuracy=0.19)
    assert (found.state, found.severity, found.evidence[0].name) == ("present", "warning", "val_clearer")


def test_near_miss_shifted_crops_make_train_a_little_harder():
    found = judged(curve((0.3, 0.6)), neighbours=1000, neighbours_right=700, folds=2000, folds_accuracy=0.6)
    assert found.state == "absent"


def test_near_miss_images_that_augmentation_drowns():
    seen = data(
        train=split("train", std=(3.0, 3.0, 3.0), low=-12.0, high=12.0),
        agreement=agreement(**NOISY, folds=5, folds_noise=0.2, folds_low=0.15),
        repeats=(RepeatSeen(split="train", passes=2, images=2000, same=0),),
    )
    found = CONDITION.examine(case(data=seen, epochs=curve((0.3, 0.4))))
    assert (found.state, "augmentation" in found.why) == ("absent", True)
