"""Published networks: the field of every unit of every module is what NaN reaches, at a small image size."""

from __future__ import annotations

import pytest
from torch import nn

from striate.models import torchvision_ops
from tests.laws.test_receptive_field import differences

TORCHVISION = {
    "resnet18": 64, "resnet50": 64, "resnext50_32x4d": 64, "densenet121": 64, "mobilenet_v2": 64, "mobilenet_v3_small": 64,
    "shufflenet_v2_x1_0": 64, "squeezenet1_0": 64, "convnext_tiny": 64, "efficientnet_b0": 64, "efficientnet_v2_s": 64,
    "googlenet": 64, "inception_v3": 96, "mnasnet0_5": 64, "regnet_x_400mf": 64, "swin_t": 64, "vgg11_bn": 48,
}  # fmt: skip
TIMM = {
    "dla34": 64, "dpn48b": 64, "hrnet_w18_small": 64, "res2net50_14w_8s": 64, "ghostnet_100": 64, "skresnet18": 64,
    "cspresnet50": 64, "repvgg_a0": 64, "xception41": 64, "nf_resnet26": 64, "mixnet_s": 64, "rexnet_100": 64,
    "selecsls42": 64, "resnetblur18": 64, "ese_vovnet19b_slim": 64, "convnextv2_atto": 64, "inception_resnet_v2": 80,
}  # fmt: skip


def network(name: str) -> nn.Module:
    torchvision_ops.prepare()
    if name in TORCHVISION:
        import torchvision

        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        net: nn.Module = torchvision.models.get_model(name, **options)
        return net.eval()
    import timm

    return timm.create_model(name).eval()  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", [*TORCHVISION, *TIMM])
def test_every_unit_of_a_published_network(name: str) -> None:
    size = (TORCHVISION | TIMM)[name]
    compared, wrong = differences(network(name), (3, size, size))
    assert not wrong, wrong[0]
    assert compared > 30


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_0", "mobilenet_v3_small"])
def test_every_unit_of_a_few(name: str) -> None:
    assert differences(network(name), (3, 40, 40))[1] == []
