"""A stationary kernel on the grid of a scan."""

from __future__ import annotations

import torch

from ...kernels import StationaryKernel
from ...operators import Circulant
from ...signals import Domain

__all__ = ["stationary_prior"]

_LEAST = 1e-9  # of the largest eigenvalue


def stationary_prior(kernel: StationaryKernel, domain: Domain, shape: tuple[int, ...]) -> Circulant:
    """K between the samples of a grid that wraps around, by the shortest way between two of them.

    A scan's field of view is periodic itself (MRI), or empty at its border (CT). Eigenvalues that the cut at half a
    period leaves below zero are zero; the floor that a kernel has far away counts as one common value.
    """
    grid = domain.grid(shape)
    offsets = [
        step * torch.minimum(along := torch.arange(n, dtype=torch.float64), n - along)
        for n, step in zip(shape, grid.spacing, strict=True)
    ]
    eigenvalues = torch.fft.fftn(kernel.on_lattice(offsets)).real
    return Circulant(eigenvalues.clamp_min(_LEAST * float(eigenvalues.max())))
