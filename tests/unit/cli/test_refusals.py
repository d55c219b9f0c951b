"""Every slip of the fingers, with the exact screen it gets and exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SCREENS = {
    "trian photos": """\
error: no such verb [unknown-verb]
  got       trian
  expected  train, resume, val, predict, compare, report, diagnose, scan, augment, inspect, filters, field, equivariance, lr-find
  next      did you mean striate train?
""",
    "zzz": """\
error: no such verb [unknown-verb]
  got       zzz
  expected  train, resume, val, predict, compare, report, diagnose, scan, augment, inspect, filters, field, equivariance, lr-find
  next      striate --help tells what each does
""",
    "train --epoch 3": """\
error: no such flag [unknown-flag]
  got       --epoch
  next      did you mean --epochs?
""",
    "train photos --learning-rat=3": """\
error: no such flag [unknown-flag]
  got       --learning-rat
  next      did you mean --lr?
""",
    "train --zzzz": """\
error: no such flag [unknown-flag]
  got       --zzzz
  next      striate train --help lists them
""",
    "train -x 3": """\
error: no such flag [unknown-flag]
  got       -x
  next      striate train --help lists them
""",
    "train --resume runs/train/x": """\
error: no such flag [unknown-flag]
  got       --resume
  next      striate resume RUN goes on with a run
""",
    "train a b": """\
error: one argument too many [bad-arguments]
  got       b
  next      usage: striate train [DATA] [SETTINGS]
""",
    "train --epochs": """\
error: --epochs needs a value [bad-arguments]
  next      striate train --help tells which
""",
    "train --epochs 3 epochs=4": """\
error: --epochs is given twice [bad-arguments]
  next      usage: striate train [DATA] [SETTINGS]
""",
    "train --epochs twenty": """\
error: --epochs cannot be that [invalid-setting]
  got       'twenty'
  expected  a whole number of at least 1
  next      leave it out for the default, 20
""",
    "train sched=cosin": """\
error: --sched cannot be that [invalid-setting]
  got       'cosin'
  expected  cosine, onecycle, step or constant
  next      did you mean cosine?
""",
    "train --lr -0.1": """\
error: --lr cannot be that [invalid-setting]
  got       '-0.1'
  expected  a number above 0
  next      leave it out for the default: by model
""",
    "train --skip=maybe": """\
error: --skip cannot be that [bad-arguments]
  got       'maybe'
  expected  true or false, or no value
""",
    "val": """\
error: RUN is missing [bad-arguments]
  next      usage: striate val RUN [DATA]
""",
    "eval a b c": """\
error: one argument too many [bad-arguments]
  got       c
  next      usage: striate val RUN [DATA]
""",
    "val run --weights bst": """\
error: --weights cannot be that [bad-arguments]
  got       'bst'
  expected  best, last
""",
    "predict run image --top five": """\
error: --top cannot be that [bad-arguments]
  got       'five'
  expected  a whole number
""",
    "predict run image --jsno": """\
error: no such flag [unknown-flag]
  got       --jsno
  next      did you mean --json?
""",
    "scan": """\
error: DATA is missing [bad-arguments]
  next      usage: striate scan DATA
""",
    "resume nowhere": """\
error: no run here [no-such-run]
  where     nowhere
  got       the path does not exist
  expected  a run folder such as runs/train/photos
  next      train one first: striate train DATA
""",
}


@pytest.mark.parametrize("words", SCREENS)
def test_the_screen(
    cli: Callable[..., Any], words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli(*words.split())
    assert ended.err == SCREENS[words]
    assert ended.out == ""
    assert ended.code == (4 if "nowhere" in words else 2)
