"""Training logs that other tools wrote, read as an `Observation`.

Knows nothing about torch, pandas or the libraries that wrote the logs, or about what is good or bad in them.
"""

from striate.diagnosis.logs.reading import read_log

__all__ = ["read_log"]
