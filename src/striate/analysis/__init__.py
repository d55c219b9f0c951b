"""Facts about a network, measured without leaving a trace on it: no verdicts."""

from __future__ import annotations

from striate.analysis.layers import layer_facts, parameter_count

__all__ = ["layer_facts", "parameter_count"]
