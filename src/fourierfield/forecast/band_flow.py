"""Training seen by frequency: how the error of each band falls, before any training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..operators import LinearOperator, gram
from ..signals import Grid
from ..solvers import Solution
from ..training import TrainingPlan
from .bands import Bands, band_energies
from .clock import plan_times
from .flow import train_flow, worst_of
from .limit import WideLimit, interpolate

__all__ = ["BandFlow", "band_shares", "forecast_bands"]

_NOTHING = 1e-5  # of the energy: a band with less is there by leakage, and has nothing to be learned


@dataclass(frozen=True)
class BandFlow:
    """Gradient flow of a network's wide ``limit`` on samples of ``grid``, all channels added up, at ``times`` τ (T,).

    ``energy`` is the squared error and ``pull`` Σ rᵀK r, (T,); ``by_band`` is the error's energy by band, (T, B).
    ``top`` is λ_max of K. The loss is the mean over ``outputs`` values, which are more than the samples' own where
    these stand for a larger signal; ``share`` is then that of it which they are.
    """

    limit: WideLimit
    grid: Grid
    bands: Bands
    times: Tensor
    energy: Tensor
    pull: Tensor
    by_band: Tensor
    top: float
    outputs: float
    share: float = 1.0

    def reached(self, plan: TrainingPlan) -> Tensor:
        """Time τ after each step of a plan, (steps,): ``plan_times``, as though all of the signal were like this."""
        clock = self.limit.gradient_curve(self.times, self.pull / self.share, self.top / self.share, self.outputs)
        return plan_times(clock, plan)

    @property
    def left(self) -> Tensor:
        """Share of each band's energy that is left at ``times``, (T, B)."""
        return band_shares(self.by_band, self.by_band[0], self.grid, self.bands)

    def left_at(self, moments: Tensor) -> Tensor:
        """Share of each band's energy that is left at other times (S,), as (S, B)."""
        return torch.stack([interpolate(self.times, band, moments) for band in self.left.T], dim=1)


def forecast_bands(
    limit: WideLimit,
    grid: Grid,
    values: Tensor,
    bands: Bands,
    times: Tensor,
    *,
    share: float = 1.0,
    operator: LinearOperator | None = None,
) -> Solution[BandFlow]:
    """Train ``limit`` on values (N, C) at all samples of a grid, which are ``share`` of a larger signal.

    One Lanczos run per channel, to 60 dB below the signal; memory is T·N numbers and one Krylov basis. ``operator`` is
    K between the samples, if it is at hand.
    """
    operator = gram(limit.kernel, grid) if operator is None else operator
    outputs = values.numel() / share
    dynamics = limit.flow(times, outputs)
    flows = [train_flow(operator, v.double() - limit.start, dynamics, tolerance=1e-3) for v in values.unbind(1)]
    sums = [
        (flow.value.energy(), flow.value.pull(), band_energies(flow.value.residual(), grid, bands)) for flow in flows
    ]
    energy, pull, by_band = (torch.stack(parts).sum(0) for parts in zip(*sums, strict=True))
    top = max(float(flow.value.run.eigen[0].max()) for flow in flows)
    return worst_of(flows, BandFlow(limit, grid, bands, times, energy, pull, by_band, top, outputs, share))


def band_shares(energies: Tensor, before: Tensor, grid: Grid, bands: Bands) -> Tensor:
    """Energies (T, B) as shares of those ``before`` training (B,); 1 beyond the grid's own frequencies.

    Bands with hardly any energy count as having a little, so that leakage into them does not look like a failure.
    """
    floor = max(_NOTHING * float(before.sum()), torch.finfo(energies.dtype).tiny)
    return torch.where(bands.edges[:-1] >= 0.5 / min(grid.spacing), 1.0, energies / before.clamp(min=floor))
