"""What every other package stands on: errors, records, run folder, seeds, devices, scores.

Import the modules by name (``from striate.core.errors import StriateError``); nothing is re-exported, so
that importing one of them never imports another's dependencies. Knows nothing about the layers above.
"""

__all__: list[str] = []
