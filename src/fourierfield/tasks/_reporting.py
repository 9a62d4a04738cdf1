"""What the page of a fit is drawn from: the details of the fit and its recorded error by frequency band."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..forecast._bands import Bands, band_energies, band_shares
from ..grids._domain import Grid
from ..grids._signal import GridSignal
from ..grids._splits import GridHoldOut, HoldOut
from ..networks._mlp import CoordinateNetwork
from ..problems._grid import GridProblem
from ._forecast import FitForecast
from ._plan import FitPlan
from ._resume import Finished, Found
from ._settings import FitSettings
from ._task import Prediction
from ._windows import Window, fullest_window

_BANDS = 14  # in two decades of frequency: enough to draw, each wide enough to hold waves
MOST_RECORDED = 1 << 15  # samples, evaluated some 24 times in a run: six seconds in all
_ROWS = 1 << 13  # samples evaluated at once; bounds memory


class BandRecorder:
    """An observer of ``train`` that records the energy of the error by band on a window of the training grid.

    The window takes every second sample with a grid hold-out and all of them otherwise, including samples held out at
    random. Recording does not change a run. ``start`` is the value that networks start from, ``seconds`` the time that
    recording took.
    """

    def __init__(self, problem: GridProblem, signal: GridSignal, hold_out: HoldOut, start: float) -> None:
        every = 2 if isinstance(hold_out, GridHoldOut) else 1
        self.window: Window = fullest_window(problem, signal, every=every, most=MOST_RECORDED)
        self.bands = Bands.up_to_nyquist(self.window.grid, _count(self.window.grid))
        self.steps: list[int] = []
        self.seconds = 0.0
        self._before = self._energies(self.window.values - start)
        self._after: list[Tensor] = []

    @torch.no_grad()
    def __call__(self, step: int, network: CoordinateNetwork) -> None:
        """Record the error of the network after ``step`` steps."""
        started = time.perf_counter()
        device = next(network.mlp.parameters()).device
        points = torch.from_numpy(self.window.grid.coordinates(torch.arange(self.window.grid.size).numpy())).float()
        outputs = torch.cat([network(block.to(device)).double().cpu() for block in points.split(_ROWS)])
        self.steps.append(step)
        self._after.append(self._energies(self.window.values - self.window.filled(outputs)))
        self.seconds += time.perf_counter() - started

    @property
    def left(self) -> Tensor:
        """The share of each band's initial energy that was left after ``steps``, (T, B)."""
        energies = torch.stack(self._after) if self._after else self._before.new_zeros(0, len(self.bands))
        return band_shares(energies, self._before, self.window.grid, self.bands)

    def _energies(self, residual: Tensor) -> Tensor:
        return band_energies(residual.T, self.window.grid, self.bands).sum(0)


def _count(grid: Grid) -> int:
    """Return the number of bands: fourteen, or on small grids two an octave, as narrower ones would be empty."""
    return min(_BANDS, max(2, round(2 * math.log2(max(grid.shape)))))


@dataclass(frozen=True)
class FitDetails:
    """What a report draws beside the outcome itself.

    ``plan`` holds the candidates that the encoding was chosen from, ``recorder`` the error by band. ``resumed_from`` is
    the step at which a run was continued, its last one if it was finished before.
    """

    signal: GridSignal
    problem: GridProblem
    plan: FitPlan
    settings: FitSettings
    forecast: FitForecast
    recorder: BandRecorder
    resumed_from: int = 0


@runtime_checkable
class Reporting(Protocol):
    """A task whose fit can be shown on a page."""

    def details(self, forecast: Prediction | None, found: Found) -> FitDetails:
        """Return the details of a fit that is about to run."""

    def details_of(self, found: Finished) -> FitDetails:
        """Rebuild the details of a finished fit: the forecast is recomputed, candidates and measured bands are not."""
