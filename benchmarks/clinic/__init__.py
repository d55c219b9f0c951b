"""The clinic: training runs with planted faults and healthy ones made to provoke false alarms, judged by rules.

    python -m benchmarks.clinic [trace|harm|score|smoke] [--set tune|report|all] [--jobs 1] [--seeds 1]

A case is (host, fault or control, severity, seed). Hosts are hand-written loops on small data, split into those that rules may be
tuned on and those that are only reported; a fault counts as one only where paired seeds show that it harms. Knows
nothing about how any rule works: a judge reads an `Observation` and names conditions.
"""

import os

# Before anything imports torch: runs are repeated and timed on one thread, and several of them share the cores.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
