"""Facts about a network, measured without leaving a trace on it: no verdicts."""

from __future__ import annotations

from striate.analysis.cost import parameter_count
from striate.analysis.layers import layer_facts

__all__ = ["layer_facts", "parameter_count"]
