"""The one-screen text of an error, and the nearest names."""

from striate.core.errors import DataError, StriateError, all_slugs, nearest


class Example(DataError):
    """Only for this test."""

    slug = "test-example"


def test_the_text_is_the_whole_screen():
    error = Example("two\nfiles", where="photos/", got=3, expected="four", next_step="add one\nor two")
    assert str(error) == (
        "two\nfiles [test-example]\n"
        "  where     photos/\n"
        "  got       3\n"
        "  expected  four\n"
        "  next      add one\n"
        "            or two"
    )
    assert error.exit_code == 3
    assert isinstance(error, StriateError)


def test_what_is_not_known_is_not_printed():
    assert str(Example("short")) == "short [test-example]"


def test_slugs_are_found_through_the_families():
    assert all_slugs()["test-example"] is Example


def test_nearest_ignores_case_and_dashes_and_is_silent_when_nothing_is_near():
    assert nearest("ResNet_18", ["resnet18", "plain-20"]) == ["resnet18"]
    assert nearest("weight-dcay", ["weight_decay", "lr"]) == ["weight_decay"]
    assert nearest("zzz", ["weight_decay", "lr"]) == []
