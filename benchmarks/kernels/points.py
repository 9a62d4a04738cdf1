"""10⁴ to 10⁶ points in two dimensions: time, memory and how they grow. Each size in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fourierfield.problems._points import PointSamples
from fourierfield.regression._solve import Accuracy, solve_weights

from ..table import Row
from .common import NTK, timed

COUNTS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
BANDWIDTH, RIDGE = 16.0, 1e-2


def synthetic(count: int) -> tuple[Tensor, Tensor]:
    """Points in the unit square, and at each a smooth function with noise of a tenth of its amplitude, (N, 1)."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    y, x = points.unbind(1)
    values = torch.sin(12 * y + 5 * x**2) + 0.5 * torch.cos(30 * x * y)
    return points, (values + 0.1 * torch.randn(count, generator=generator, dtype=torch.float64))[:, None]


def rows(data: Path) -> Iterator[Row]:
    seconds = []
    for count in COUNTS:
        command = [sys.executable, "-m", "benchmarks.kernels.points", str(count)]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        seconds.append(float(found[0]))
        yield {"points": str(count), "seconds": found[0], "peak_gb": found[1], "iterations": found[2], "growth": ""}
    slope = np.polyfit(np.log(COUNTS), np.log(seconds), 1)[0]
    yield {"points": "all", "seconds": "", "peak_gb": "", "iterations": "", "growth": f"N^{slope:.2f}"}


def one(count: int) -> None:
    """Solve once; print seconds, peak memory and iterations."""
    import resource

    points, values = synthetic(count)
    kernel = NTK.with_bandwidth(BANDWIDTH).kernel(2)
    samples = PointSamples(points, values)
    found, seconds = timed(lambda: solve_weights(samples, kernel, values, RIDGE, Accuracy(residual=1e-4)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{seconds:.1f} {peak:.2f} {found.iterations}")


if __name__ == "__main__":
    one(int(sys.argv[1]))
