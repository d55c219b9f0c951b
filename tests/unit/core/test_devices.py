"""A device is one that computes; any other name is refused with those that are there."""

import pytest

from striate.core.devices import DeviceUnavailable, choose


@pytest.mark.parametrize(
    "name", ["meta", "hpu", "xla", "vulkan", "cuda:99999999999999999999", "gpu", "", "cpu:-1"]
)
def test_what_does_not_compute_is_refused(name):
    with pytest.raises(DeviceUnavailable) as error:
        choose(name)
    lines = str(error.value).splitlines()
    assert lines[:2] == ["this device is not to be had [device-unavailable]", f"  got       --device {name}"]
    assert lines[2].startswith("  expected  cpu")


def test_the_cpu_is_always_there():
    assert choose("cpu").device.type == "cpu"
