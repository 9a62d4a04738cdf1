"""Pilots: first fits of a scan by kernel, which a network starts from, and the forecasts that come with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...encodings._spec import EncodingSpec
from ...grids._signal import GridSignal
from ...networks._values import ValueRange
from ...problems._grid import GridProblem, GridSamples
from ...regression._spec import KernelSpec
from ...solvers._cg import Watch
from ._found import stationary_prior, usual_bandwidth
from ._image_objective import measurement_psnr
from ._problem import ScanProblem, measurements
from ._reconstruction import Reconstruction, reconstruct
from ._record import range_found, range_of_values

_UNSEEN = {"ct": "projections that are not seen", "mri": "samples beyond the middle of k-space that are not seen"}


@dataclass(frozen=True)
class ScanForecast:
    """The error that a fit is expected to make on measurements that it does not see.

    A kernel fit to a part of the training measurements has made it on the others. A network begins with what the kernel
    finds, and ends as near to unseen measurements unless it cannot draw the image: edges between constants.
    """

    held_out_psnr_db: float
    on: str

    @classmethod
    def of(cls, problem: ScanProblem, found: Reconstruction) -> ScanForecast | None:
        """Return the forecast of a reconstruction, or None if it kept no measurements back."""
        chosen = found.chosen
        if chosen is None:
            return None
        error = torch.full((1,), chosen.error * chosen.size, dtype=torch.float64)
        return cls(measurement_psnr(error, measurements(problem.training)), _UNSEEN[problem.training.kind])

    @property
    def words(self) -> str:
        """The score in a few words, for the progress log."""
        return f"{self.held_out_psnr_db:.1f} dB on {self.on}, by a first fit"

    def to_json(self) -> dict[str, Any]:
        """Return the ``forecast`` of ``fit --json``."""
        return {
            "held_out_psnr_db": self.held_out_psnr_db,
            "held_out_low_db": None,
            "held_out_high_db": None,
            "train_psnr_db": None,
            "held_out_samples": self.on,
            "curve": [],
        }

    def notes(self, metrics: dict[str, Any]) -> list[str]:
        """Return no remarks: the forecast has no interval."""
        return []


_RIDGE = 1e-2  # of k(0), where only the range of the values counts
_ROOM = 1.2  # times the largest value found, which is too low at sharp details


@dataclass(frozen=True)
class Pilot:
    """What a kernel finds of a scan before a network is trained.

    ``parts`` (p, n₁, …) are values on the field's grid, ``values`` is the range that the network's [0, 1] stands for,
    ``forecast`` the error to expect on unseen measurements; None if that was not tried.
    """

    parts: Tensor
    values: ValueRange
    forecast: ScanForecast | None = None

    def samples(self, problem: ScanProblem) -> GridSamples:
        """Return the values as samples in [0, 1]."""
        grid = problem.domain.grid(problem.image_shape)
        normalised = self.values.normalise(self.parts.reshape(len(self.parts), -1).T).float()
        return GridSamples(grid, torch.arange(grid.size), normalised)

    def signal(self, problem: ScanProblem) -> GridSignal:
        """Return the values as a signal of their own."""
        scan = problem.training
        kind = "image" if len(problem.image_shape) == 2 else "volume"
        values = np.moveaxis(self.parts.numpy(), 0, -1).astype(np.float32)
        return GridSignal(values, problem.domain, kind, scan.description.sample_format, scan.name, scan.file_bytes)

    def problem(self, problem: ScanProblem) -> GridProblem:
        """Return the problem of fitting the pilot itself, which an encoding is chosen by."""
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
    """Return what a kernel finds of a scan.

    ``whole`` reconstructs as well as the kernel can. Otherwise, and where there are too few projections to judge a
    ridge by, one stationary kernel of a fixed ridge gives values quickly, whose range is what counts.
    """
    spec = KernelSpec(EncodingSpec("gaussian", usual_bandwidth(problem.image_shape)))
    prior = stationary_prior(spec.kernel(problem.domain.dimensions), problem.domain, problem.image_shape)
    whole = whole and problem.divisible
    ridge = None if whole else _RIDGE
    found = reconstruct(problem, [prior], adapt=whole, ridge=ridge, seed=seed, report=report, watch=watch)
    return Pilot(found.parts, _range(found.parts, problem), ScanForecast.of(problem, found))


def _range(parts: Tensor, problem: ScanProblem) -> ValueRange:
    """Return the range of what was found with some room above it.

    Simulated measurements of a truth whose file holds [0, 1] take that range: the truth's own smallest and largest
    values must not be known.
    """
    if problem.training.truth is not None and range_of_values(parts, problem.training) == ValueRange():
        return ValueRange()
    offset, peak = range_found(parts).common
    return ValueRange(float(np.minimum(_ROOM * offset, 0.0)), _ROOM * peak)
