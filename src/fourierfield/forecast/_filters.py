"""The kernel as a reconstruction filter: the response of a fit to a single sample and to a wave."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ..operators._gram import gram
from ..solvers._solution import Solution
from ._dynamics import Dynamics
from ._flow import train_flow


@dataclass(frozen=True)
class ReconstructionFilter:
    """The response (T, n₁, …) to one sample of height 1 at the middle of a grid of zeros, on a finer grid.

    ``offsets`` are the distances from that sample along each axis. ``transfer`` is the response's Fourier transform at
    ``frequencies`` along each axis (cycles per unit, ascending): the factor on a wave of that frequency, and beyond
    half the sampling rate the strength of the alias that leaks in.
    """

    response: Tensor
    offsets: list[Tensor]
    transfer: Tensor
    frequencies: list[Tensor]


def reconstruction_filter(
    kernel: StationaryKernel, grid: Grid, dynamics: Dynamics, *, finer: int = 4, tolerance: float = 1e-8
) -> Solution[ReconstructionFilter]:
    """Compute K_* φ_t(K) e, with e a unit at the middle sample, on a grid ``finer`` times as dense along each axis.

    Training is linear in the samples and, away from the border, the same at each, so f_t is the convolution of the
    samples with this response (the paper, Section 5); as t → ∞ it is the kernel's interpolant.
    """
    middle = tuple(n // 2 for n in grid.shape)
    unit = torch.zeros(grid.shape, dtype=torch.float64)
    unit[middle] = 1.0
    flow = train_flow(gram(kernel, grid), unit.reshape(-1), dynamics, tolerance=tolerance)
    fine = _refined(grid, finer)
    response = _columns_by_phase(kernel, grid, fine, flow.value.weights(), finer)
    offsets = [
        step * (torch.arange(n, dtype=torch.float64) - finer * m)
        for n, step, m in zip(fine.shape, fine.spacing, middle, strict=True)
    ]
    transfer, frequencies = _transform(response, offsets, finer)
    return Solution(
        ReconstructionFilter(response, offsets, transfer, frequencies), flow.status, flow.iterations, flow.error
    )


def _refined(grid: Grid, finer: int) -> Grid:
    """Return the grid with ``finer`` points per sample along each axis; the samples themselves are among them."""
    spacing = tuple(step / finer for step in grid.spacing)
    return Grid.from_origin(grid.origin, spacing, tuple(n * finer for n in grid.shape))


def _columns_by_phase(kernel: StationaryKernel, grid: Grid, fine: Grid, weights: Tensor, finer: int) -> Tensor:
    """Evaluate K_* times ``weights`` on the fine grid: finer^d shifted coarse ones, a block-Toeplitz product each."""
    response = weights.new_empty(len(weights), *fine.shape)
    for phase in torch.cartesian_prod(*[torch.arange(finer)] * len(grid.shape)).reshape(-1, len(grid.shape)):
        shifted = tuple(first + int(p) * step for first, p, step in zip(grid.origin, phase, fine.spacing, strict=True))
        cross = gram(kernel, Grid.from_origin(shifted, grid.spacing, grid.shape), grid)
        places = (slice(None), *(slice(int(p), None, finer) for p in phase))
        response[places] = (cross @ weights.T).T.reshape(-1, *grid.shape)
    return response


def _transform(response: Tensor, offsets: list[Tensor], finer: int) -> tuple[Tensor, list[Tensor]]:
    axes = tuple(range(1, response.ndim))
    zero_first = [-int((offset.abs()).argmin()) for offset in offsets]
    moved = torch.roll(response, zero_first, axes)
    transfer = torch.fft.fftshift(torch.fft.fftn(moved, dim=axes).real, axes) / finer ** len(axes)
    frequencies = [
        torch.fft.fftshift(torch.fft.fftfreq(len(o), float(o[1] - o[0]), dtype=torch.float64)) for o in offsets
    ]
    return transfer, frequencies
