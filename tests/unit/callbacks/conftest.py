"""Before any of these libraries is imported: torchvision, which they import, loads beside any torch."""

from striate.models import torchvision_ops

torchvision_ops.prepare()
