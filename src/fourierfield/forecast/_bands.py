"""Spectral bias: a signal's energy by frequency band, and how the error of each band falls during training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..operators._base import LinearOperator
from ..operators._gram import gram
from ..solvers._solution import Solution
from ..training._plan import TrainingPlan
from ._clock import plan_times
from ._flow import train_flow, worst_of
from ._limit import WideLimit, interpolate
from ._spectrum import frequency_lengths

_NOTHING = 1e-5  # share of the signal's energy: a band with less holds only leakage, and nothing to be learned


@dataclass(frozen=True)
class Bands:
    """Frequency bands by length |f|: ``edges`` (B + 1,) in cycles per unit; ``centres`` (B,)."""

    edges: Tensor

    @classmethod
    def up_to_nyquist(cls, grid: Grid, count: int = 16) -> Bands:
        """Return ``count`` ≥ 2 bands up to the Nyquist frequency of the finest axis, spaced by logarithms.

        The first runs from 0 to ¾ cycle over the longest axis; the others cover an octave at least, on the smallest
        grids too.
        """
        longest = max(n * step for n, step in zip(grid.shape, grid.spacing, strict=True))
        lowest = 0.75 / longest
        highest = max(0.5 / min(grid.spacing), 2 * lowest)
        steps = torch.linspace(0, 1, count, dtype=torch.float64)
        edges = lowest * (highest / lowest) ** steps
        return cls(torch.cat([torch.zeros(1, dtype=torch.float64), edges]))

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def centres(self) -> Tensor:
        """The geometric mean of each band's edges; half the upper edge for the band that begins at 0."""
        low, high = self.edges[:-1], self.edges[1:]
        return torch.where(low == 0, high / 2, (low * high).sqrt())

    def of(self, frequency: Tensor) -> Tensor:
        """Return the band index of each length |f|; frequencies beyond the last band count as part of it."""
        return torch.bucketize(frequency.contiguous(), self.edges[1:-1].to(frequency))

    def holding(self, frequency: Tensor) -> Bands:
        """Return these bands with each one that holds none of some lengths |f| joined to the one above it.

        >>> Bands(torch.tensor([0.0, 1.0, 2.0, 4.0])).holding(torch.tensor([0.5, 3.0])).edges
        tensor([0., 1., 4.])
        """
        filled = torch.bincount(self.of(frequency.reshape(-1)), minlength=len(self)) > 0
        upper = self.edges[1:][filled]
        return Bands(torch.cat([self.edges[:1], upper[:-1], self.edges[-1:]]))


def cosine_transform(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Compute the orthonormal DCT-II over the last axes, (…, N) → (…, n₁, …): without a DFT's jump at the border."""
    from scipy.fft import dctn

    array = values.reshape(*values.shape[:-1], *shape).cpu().numpy()
    axes = tuple(range(array.ndim - len(shape), array.ndim))
    return torch.from_numpy(dctn(array, type=2, norm="ortho", axes=axes))


def cosine_frequencies(grid: Grid) -> Tensor:
    """Return |f| of each coefficient of ``cosine_transform``, (n₁, …) cycles per unit: k/(2nh) along each axis."""
    return frequency_lengths(
        [torch.arange(n, dtype=torch.float64) / (2 * n * h) for n, h in zip(grid.shape, grid.spacing, strict=True)]
    )


def cosine_eigenvalues(operator: LinearOperator, grid: Grid) -> Tensor:
    """Compute cᵀK c for each basis vector c of the cosine transform, (n₁, …), from the dense matrix of any kernel."""
    rows = cosine_transform(operator.to_dense().T, grid.shape).reshape(grid.size, grid.size)  # K c for each c
    return cosine_transform(rows.T, grid.shape).reshape(grid.size, grid.size).diagonal().reshape(grid.shape)


def band_energies(values: Tensor, grid: Grid, bands: Bands) -> Tensor:
    """Compute the energy Σ|c|² in each band, (…, B), of samples (…, N) of ``grid``; the bands add up to Σ values².

    >>> grid = Grid((0.0,), (1.0,), (64,))
    >>> wave = torch.cos(2 * torch.pi * 10 * torch.from_numpy(grid.axis(0)))
    >>> band_energies(wave, grid, Bands(torch.tensor([0.0, 9.0, 11.0, 32.0]))).round(decimals=9)
    tensor([ 0., 32.,  0.], dtype=torch.float64)
    """
    energy = cosine_transform(values, grid.shape).square().reshape(*values.shape[:-1], -1)
    index = bands.of(cosine_frequencies(grid).reshape(-1))
    total = energy.new_zeros(*energy.shape[:-1], len(bands))
    return total.index_add_(-1, index, energy)


def band_means(values: Tensor, lengths: Tensor, bands: Bands) -> Tensor:
    """Average in each band, (B,), the values that belong to frequencies of length ``lengths``; NaN in an empty band."""
    index = bands.of(lengths.reshape(-1))
    inside = lengths.reshape(-1) <= bands.edges[-1]
    sums, counts = torch.zeros(2, len(bands), dtype=torch.float64)
    sums.index_add_(0, index[inside], values.reshape(-1)[inside].double())
    counts.index_add_(0, index[inside], torch.ones_like(index[inside], dtype=torch.float64))
    return sums / counts


@dataclass(frozen=True)
class BandFlow:
    """Gradient flow of a network's wide ``limit`` on samples of ``grid`` at ``times`` τ (T,), summed over channels.

    ``energy`` is the squared error and ``pull`` Σ rᵀK r, (T,); ``by_band`` is the error's energy by band, (T, B).
    ``top`` is λ_max of K. The loss is the mean over ``outputs`` values. Where the samples stand for a larger signal,
    ``outputs`` counts that signal's values, and ``share`` is the samples' share of them.
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
        """Compute the time τ after each step of a plan, (steps,), with the rest of the signal like these samples."""
        clock = self.limit.gradient_curve(self.times, self.pull / self.share, self.top / self.share, self.outputs)
        return plan_times(clock, plan)

    @property
    def left(self) -> Tensor:
        """The share of each band's energy that is left at ``times``, (T, B)."""
        return band_shares(self.by_band, self.by_band[0], self.grid, self.bands)

    def left_at(self, moments: Tensor) -> Tensor:
        """Interpolate the share of each band's energy that is left at other times (S,), as (S, B)."""
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
    """Train ``limit`` in theory on values (N, C) at all samples of a grid, a ``share`` of a larger signal.

    One Lanczos run per channel, to 60 dB below the signal; memory is T·N numbers and one Krylov basis. ``operator`` is
    K between the samples, if it is built already.
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
    """Divide energies (T, B) by those ``before`` training (B,); beyond the grid's own frequencies the share is 1.

    Bands with almost no energy have a floor, so that leakage into them does not look like a failure to learn.
    """
    floor = max(_NOTHING * float(before.sum()), torch.finfo(energies.dtype).tiny)
    return torch.where(bands.edges[:-1] >= 0.5 / min(grid.spacing), 1.0, energies / before.clamp(min=floor))
