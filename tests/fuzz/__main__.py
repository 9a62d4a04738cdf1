"""Damage small files of every kind and run commands on them: ``python -m tests.fuzz --seconds 7200 --work FOLDER``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from .campaign import Campaign


def main() -> int:
    """Run cases until the time or their number is up; return 1 if one went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for valid files and for the cases that failed")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--first", type=int, default=0, help="number of the first case; a failed one runs again by it")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    campaign = Campaign(given.work.resolve(), given.seed)
    deadline, faults, number = time.monotonic() + given.seconds, 0, given.first
    while number < given.first + given.cases and time.monotonic() < deadline:
        fault = campaign.run(number)
        if fault is not None:
            faults += 1
            print(f"case {number}: {fault}", flush=True)
        number += 1
    counts = ", ".join(f"{count} {name}" for name, count in sorted(campaign.counts.items()))
    print(f"{number - given.first} cases ({counts}), {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
