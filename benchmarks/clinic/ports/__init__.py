"""Rules of other tools, written anew from their published thresholds, each naming our conditions for what it finds.

The thresholds are those that their documentation or papers state; where a tool reads what an `Observation` lacks, the nearest quantity
stands in and the port says so. Each tool's own program may do better or worse than its port. Know nothing about the truth.
"""
