"""Records: exact JSON, strict keys, frozen."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from striate.core.records import Interval, Notice, RunRecord
from tests.unit.report.fabricate import fabricate


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_floats_survive_json_to_the_bit(low, high):
    record = Interval(low=low, high=high)
    assert Interval.from_json(record.to_json()) == record


def test_nan_is_written_as_a_string_that_any_json_reader_accepts():
    text = Interval(low=math.nan, high=math.inf).to_json(indent=None)
    assert text == '{"low":"NaN","high":"Infinity","level":0.95,"method":"wilson"}'
    assert math.isnan(Interval.from_json(text).low)


def test_plain_values_are_strict_json_too():
    values = Interval(low=math.nan, high=-math.inf).to_dict()
    assert values == {"low": "NaN", "high": "-Infinity", "level": 0.95, "method": "wilson"}
    assert math.isnan(Interval.model_validate(json.loads(json.dumps(values, allow_nan=False))).low)


def test_unknown_keys_and_unknown_actions_are_refused():
    with pytest.raises(ValidationError, match="Extra inputs"):
        Interval.from_json('{"low": 0, "high": 1, "lwo": 0}')
    with pytest.raises(ValidationError, match="action"):
        Notice(kind="k", path="p", detail="d", action="eaten")


def test_records_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Interval(low=0, high=1).low = 0.5


def test_a_run_of_version_1_is_read_without_its_reading_and_nothing_else_is_passed_over():
    run, _ = fabricate(epochs=2)
    old = json.loads(run.to_json()) | {
        "schema_version": 1,
        "reading": {"headline": "Healthy", "findings": []},
    }
    assert RunRecord.from_json(json.dumps(old)) == run.model_copy(update={"schema_version": 1})
    with pytest.raises(ValidationError, match="Extra inputs"):
        RunRecord.from_json(json.dumps(old | {"schema_version": 2}))
    with pytest.raises(ValidationError, match="Extra inputs"):
        RunRecord.from_json(json.dumps(old | {"other": 1}))
