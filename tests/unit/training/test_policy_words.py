"""Flags of other trainers, and the policy that says the same."""

from __future__ import annotations

import pytest

from striate.augment.policy import parse
from striate.training.errors import UnknownSetting
from striate.training.policy_words import WRITTEN, policy_hint
from striate.training.recipe import Recipe, aliases


@pytest.mark.parametrize("word", WRITTEN)
def test_what_is_advised_can_be_typed(word: str) -> None:
    hint = policy_hint(word)
    assert hint is not None
    assert parse(hint.rpartition(" ")[2], shape=(3, 32, 32)).transforms


def test_none_of_them_is_a_setting() -> None:
    assert not set(WRITTEN) & set(aliases())


def test_a_setting_of_another_trainer() -> None:
    with pytest.raises(UnknownSetting) as refusal:
        Recipe.make({"color-jitter": 0.4})
    assert refusal.value.next_step == (
        "it is part of the policy: --augment flip+crop+brightness0.3+contrast0.3+saturation0.3"
    )
    assert policy_hint("lr") is None
