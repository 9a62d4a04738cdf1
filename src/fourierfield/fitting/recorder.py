"""What a report wants to know of a training while it runs: the error by frequency band."""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor

from ..forecast import Bands, band_energies, band_shares
from ..networks import CoordinateNetwork
from ..problems import GridProblem
from ..signals import Grid, GridHoldOut, GridSignal, HoldOut
from .window import Window, fullest_window

__all__ = ["BandRecorder"]

_BANDS = 14
MOST_SAMPLES = 1 << 15  # looked at some 24 times in a run: six seconds in all
_ROWS = 1 << 13


class BandRecorder:
    """An observer of ``train``: the energy by band of the error on a window of the training samples' grid.

    Every second sample with a grid hold-out, all of them otherwise, those held out at random included. Nothing of a
    run is changed by looking at it. ``start`` is where networks start, ``seconds`` the time that looking took.
    """

    def __init__(self, problem: GridProblem, signal: GridSignal, hold_out: HoldOut, start: float) -> None:
        every = 2 if isinstance(hold_out, GridHoldOut) else 1
        self.window: Window = fullest_window(problem, signal, every=every, most=MOST_SAMPLES)
        self.bands = Bands.up_to_nyquist(self.window.grid, _count(self.window.grid))
        self.steps: list[int] = []
        self.seconds = 0.0
        self._before = self._energies(self.window.values - start)
        self._after: list[Tensor] = []

    @torch.no_grad()
    def __call__(self, step: int, network: CoordinateNetwork) -> None:
        """Look at the network after so many steps."""
        started = time.perf_counter()
        device = next(network.mlp.parameters()).device
        points = torch.from_numpy(self.window.grid.coordinates(torch.arange(self.window.grid.size).numpy())).float()
        outputs = torch.cat([network(block.to(device)).double().cpu() for block in points.split(_ROWS)])
        self.steps.append(step)
        self._after.append(self._energies(self.window.values - self.window.filled(outputs)))
        self.seconds += time.perf_counter() - started

    @property
    def left(self) -> Tensor:
        """Share of each band's energy before training that was left after ``steps``, (T, B)."""
        energies = torch.stack(self._after) if self._after else self._before.new_zeros(0, len(self.bands))
        return band_shares(energies, self._before, self.window.grid, self.bands)

    def _energies(self, residual: Tensor) -> Tensor:
        return band_energies(residual.T, self.window.grid, self.bands).sum(0)


def _count(grid: Grid) -> int:
    """Fourteen bands, on small grids two an octave: narrower ones would be empty."""
    return min(_BANDS, max(2, round(2 * math.log2(max(grid.shape)))))
