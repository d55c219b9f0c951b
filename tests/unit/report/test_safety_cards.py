"""A card: swaps first, the rest folded, pictures of the strength there is."""

from __future__ import annotations

from striate.report.safety_cards import IN_VIEW, KEPT_NAMES, safety_cards
from tests.audits import Pictures, digits, finding, judged, many, pictures


def card(found, transform: str, strips=()):
    return next(c for c in safety_cards(found, strips) if c.transform == transform)


def test_what_swaps_stands_first_with_where_it_goes():
    rows = card(digits(), "rot180").rows
    assert [(row.name, row.state) for row in rows] == [
        *(("6", "swapped"), ("9", "swapped"), ("7", "hurt"), ("4", "hurt"), ("3", "hurt"))
    ]
    assert rows[0].flows[0] == ("9", "91.7 %", "72.7 to 97.8 %")
    assert card(digits(), "rot180").label_map == "rot180: 6<->9, !3, !4, !7"


def test_every_class_is_in_view_or_folded():
    for safety in digits().transforms:
        shown = card(digits(), safety.transform)
        names = [row.name for row in (*shown.rows, *shown.folded)]
        wanted = [] if safety.verdict == "no effect" else list("0123456789")
        assert (sorted(names), shown.kept) == (wanted, "")
        assert len(shown.rows) <= (0 if safety.verdict == "keep" else IN_VIEW)


def test_many_kept_classes_are_named_only():
    shown = card(many(), "vflip")
    assert (len(shown.rows), len(shown.folded)) == (IN_VIEW, 20 - IN_VIEW)
    assert shown.kept.endswith(f" and {80 - KEPT_NAMES} more")


def test_a_picture_says_what_its_class_becomes():
    found = digits()
    pairs = card(found, "rot180", pictures(found)).pairs
    assert [pair.label for pair in pairs] == ["0", "1", "2", "3", "4", "5", "6 → 9", "7"]
    assert all(pair.after.small and pair.after.source.startswith("data:image/png") for pair in pairs)


def test_pictures_of_another_strength_say_so():
    found = digits()
    plain, *strips = pictures(found)
    stronger = Pictures("rotate30", strips[1].images, strips[1].targets)
    shown = card(found, "rotate7.5", (plain, stronger))
    assert (shown.pictured, len(shown.pairs)) == ("rotate30", 8)
    assert shown.notes == ("Judged at rotate7.5; stronger did not keep the labels: rotate30, rotate15.",)
    assert card(found, "flip", (plain, stronger)).pairs == ()


def test_notes_say_what_was_learnt_and_how_many_change():
    learnt = judged("noise0.1", {8: (0.5, 1, 0.4)}, learnt=0.5)
    some = judged("cutout2", changed=0.5)
    cards = safety_cards(finding(learnt, some), ())
    assert [(c.transform, c.verdict) for c in cards] == [("cutout2", "keep"), ("noise0.1", "drop")]
    assert cards[0].notes == ("It changes 50.0 % of these images.",)
    assert "on transformed ones; it recognises less of 0, 1, 2" in cards[1].notes[0]


def test_large_pictures_are_reduced():
    found = digits()
    tile = card(found, "flip", pictures(found, side=200)).pairs[0].after
    assert (tile.width, tile.height, tile.small) == (112, 112, False)
    assert tile.source.startswith("data:image/jpeg")
