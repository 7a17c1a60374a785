#!/usr/bin/env python3
"""statistics: every counter that moved in the last seconds (statistics.py [SECONDS])."""
import sys
import time

from meshd_client import get


def counters():
    return {row["name"]: (row["value"], row["unit"]) for row in get("/counters")["items"]}


before = counters()
time.sleep(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
for name, (value, unit) in counters().items():
    if value != before.get(name, (0, unit))[0]:
        print(f"{name} +{value - before.get(name, (0, unit))[0]} {unit}")
