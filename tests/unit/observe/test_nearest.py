"""Nearest thumbnails against comparing every pair, every form and every shift by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from striate.observe.nearest import FORMS, closest, distances, standardised, turned, vote

RNG = np.random.default_rng(0)
REFERENCES = RNG.normal(size=(30, 2, 6, 6)).astype(np.float32)


def by_hand(one: np.ndarray, two: np.ndarray) -> float:
    return float(((one - two) ** 2).mean())


def test_distances_are_mean_squared_differences() -> None:
    rows = REFERENCES.reshape(30, -1)
    found = distances(rows[:4], rows)
    assert np.allclose(found, [[by_hand(a, b) for b in rows] for a in rows[:4]], atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_found_and_turned_back(form: str) -> None:
    back = {"rot90": "rot270", "rot270": "rot90"}.get(form, form)
    queries = turned(REFERENCES, form)
    found = closest(queries, REFERENCES, ("", back))
    assert found.at[:, 1].tolist() == list(range(30))
    assert np.allclose(found.distance[:, 1], 0, atol=1e-5)
    assert (found.distance[:, 0] > 0.3).all()


def test_closest_and_next_are_those_of_all_pairs() -> None:
    queries = RNG.normal(size=(7, 2, 6, 6)).astype(np.float32)
    found = closest(queries, REFERENCES, ("", "flip"))
    for form, name in enumerate(("", "flip")):
        every = np.sort([[by_hand(turned(q[None], name)[0], r) for r in REFERENCES] for q in queries], 1)
        assert np.allclose(found.distance[:, form], every[:, 0], atol=1e-5)
        assert np.allclose(found.other[:, form], every[:, 1], atol=1e-5)


def test_one_does_not_find_itself() -> None:
    found = closest(REFERENCES, REFERENCES, skip=np.arange(30))
    assert (found.at[:, 0] != np.arange(30)).all()


def test_shifts_are_compared_where_they_overlap() -> None:
    wide = RNG.normal(size=(12, 1, 10, 10)).astype(np.float32)
    # Smooth, as images are: the candidates are chosen by blurred looks.
    wide = sum(np.roll(wide, shift, (2, 3)) for shift in itertools.product((0, 1, 2), repeat=2))  # type: ignore[assignment]
    references, queries = wide[:, :, :8, :8], wide[:, :, 1:9, 1:9]
    found = closest(queries, references, shift=1)
    assert found.at[:, 0].tolist() == list(range(12))
    assert np.allclose(found.distance[:, 0], 0, atol=1e-6)
    assert (closest(queries, references).distance[:, 0] > 0.01).all()


@pytest.mark.parametrize("alone", [False, True], ids=["others", "alone"])
def test_votes_are_those_of_the_nearest(alone: bool) -> None:
    labels = np.arange(30) % 3
    queries = REFERENCES if alone else RNG.normal(size=(9, 2, 6, 6)).astype(np.float32)
    votes, far = vote(queries, REFERENCES, labels, 3, alone=alone)
    for i, query in enumerate(queries):
        all_far = np.array([by_hand(query, r) for r in REFERENCES])
        if alone:
            all_far[i] = np.inf
        near = np.argsort(all_far)[:5]
        assert votes[i].tolist() == np.bincount(labels[near], minlength=3).tolist()
        assert far[i] == pytest.approx(all_far[near].mean(), rel=1e-4)


def test_fewer_than_k_all_vote_and_nobody_votes_nowhere() -> None:
    assert vote(REFERENCES[:1], REFERENCES[:3], np.array([0, 1, 1]), 2)[0].tolist() == [[1, 2]]
    assert vote(REFERENCES[:1], REFERENCES[:1], np.array([0]), 2, alone=True)[0].tolist() == [[0, 0]]


def test_a_channel_that_does_not_vary_stays_zero() -> None:
    thumbs = REFERENCES.copy()
    thumbs[:, 1] = 7
    done = standardised(thumbs, thumbs.mean((0, 2, 3), dtype=float), thumbs.std((0, 2, 3), dtype=float))
    assert (done[:, 1] == 0).all()
    assert done[:, 0].std() == pytest.approx(1, abs=1e-4)
