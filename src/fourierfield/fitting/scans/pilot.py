"""What a kernel makes of a scan before a network is trained: what the network starts from, and is chosen by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...encodings import EncodingSpec
from ...networks import ValueRange
from ...problems import GridProblem, GridSamples
from ...problems.scans import ScanProblem
from ...regression import KernelSpec
from ...regression.scans import reconstruct, stationary_prior, usual_bandwidth
from ...signals import GridSignal
from ...solvers import Watch
from .foreseen import foreseen
from .record import range_found, range_of_values

__all__ = ["Pilot", "fly_pilot"]

_RIDGE = 1e-2
_ROOM = 1.2  # times the largest value found, which is too low at sharp details


@dataclass(frozen=True)
class Pilot:
    """Values on the field's grid, (p, n₁, …), the range that the network's [0, 1] stands for, and how far they are
    expected to be from measurements that were not seen (``foreseen``), None where that was not tried."""

    parts: Tensor
    values: ValueRange
    forecast: dict[str, Any] | None = None

    def samples(self, problem: ScanProblem) -> GridSamples:
        """The values as samples in [0, 1]."""
        grid = problem.domain.grid(problem.image_shape)
        normalised = self.values.normalise(self.parts.reshape(len(self.parts), -1).T).float()
        return GridSamples(grid, torch.arange(grid.size), normalised)

    def signal(self, problem: ScanProblem) -> GridSignal:
        """The values as a signal of their own."""
        scan = problem.training
        kind = "image" if len(problem.image_shape) == 2 else "volume"
        values = np.moveaxis(self.parts.numpy(), 0, -1).astype(np.float32)
        return GridSignal(values, problem.domain, kind, scan.description.sample_format, scan.name, scan.file_bytes)

    def problem(self, problem: ScanProblem) -> GridProblem:
        """The problem of fitting the pilot itself, to choose an encoding by."""
        source = replace(problem.training.description, kind="volume")
        return GridProblem(problem.domain, self.samples(problem), None, self.values, source)


def fly_pilot(
    problem: ScanProblem,
    seed: int,
    *,
    whole: bool,
    report: Callable[[int], None] = lambda count: None,
    watch: Watch = lambda step, error: None,
) -> Pilot:
    """The kernel's values: all that it can; or quickly, by one stationary kernel, where only their range is asked for
    or there are too few projections to judge a ridge by."""
    spec = KernelSpec(EncodingSpec("gaussian", usual_bandwidth(problem.image_shape)))
    prior = stationary_prior(spec.kernel(problem.domain.dimensions), problem.domain, problem.image_shape)
    whole = whole and problem.divisible
    ridge = None if whole else _RIDGE
    found = reconstruct(problem, [prior], adapt=whole, ridge=ridge, seed=seed, report=report, watch=watch)
    return Pilot(found.parts, _range(found.parts, problem), foreseen(problem, found))


def _range(parts: Tensor, problem: ScanProblem) -> ValueRange:
    """With some room above what was found; of simulated measurements [0, 1] where that is the truth's file's: its own
    smallest and largest values are not to be known."""
    if problem.training.truth is not None and range_of_values(parts, problem.training) == ValueRange():
        return ValueRange()
    offset, peak = range_found(parts).common
    return ValueRange(float(np.minimum(_ROOM * offset, 0.0)), _ROOM * peak)
