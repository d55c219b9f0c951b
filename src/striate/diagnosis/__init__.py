"""From records to named problems with evidence: judges, never measures, never draws.

Knows nothing about torch or about how a run was made; a finished run can be judged again in milliseconds.
"""

from striate.diagnosis.judge import diagnose

__all__ = ["diagnose"]
