"""A kernel on a grid that goes on as its mirror image: diagonal in the cosine transform, so easily inverted."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..signals import Grid
from .base import LinearOperator

__all__ = ["MirrorInverse", "mirror_eigenvalues"]

_LEAST = 1e-13  # of the largest eigenvalue: smaller ones are rounding
_ROUNDING = 1e-12  # of the largest eigenvalue, that of tabulated kernels included
_HARMLESS = 0.3  # of the ridge: eigenvalues so little below zero cost no iterations


class MirrorInverse(LinearOperator):
    """x ↦ (K̃ + ρI)⁻¹ x with K̃ the kernel between samples of a grid and those of its mirror images: the preconditioner
    for K + ρI on the grid itself.

    K̃ sums k over an endless row of mirrored grids cut off at one period 2n; the cosine transform (DCT-II) diagonalises
    it, with eigenvalues from the DCT-I of k at offsets 0 to n (Strang 1999). Signals go on beyond their border more
    like their mirror image than like their other end: a tenth of the iterations of a circulant preconditioner.

    Of a kernel that is not even along each axis by itself, as with frequencies that were drawn, its part that is.
    One that the cut leaves with eigenvalues well below zero, since it does not end within the grid, is multiplied by
    Bohman's window along each axis: positive definite and zero from n on, so that the product is too.

    >>> from fourierfield.kernels import GaussianKernel
    >>> inverse = MirrorInverse(GaussianKernel(0.5), Grid((0.0,), (1.0,), (4,)), 0.5)
    >>> inverse @ torch.ones(4, dtype=torch.float64)  # K̃ of ones is the same everywhere
    tensor([0.2715, 0.2715, 0.2715, 0.2715], dtype=torch.float64)
    """

    def __init__(self, kernel: StationaryKernel, grid: Grid, ridge: float = 0.0) -> None:
        super().__init__((grid.size, grid.size), torch.float64, torch.device("cpu"))
        self._shape = grid.shape
        self._inverse = 1 / (mirror_eigenvalues(kernel, grid, ridge) + ridge)

    def _forward(self, x: Tensor) -> Tensor:
        from scipy.fft import dctn, idctn

        axes = tuple(range(1, len(self._shape) + 1))
        options = {"axes": axes, "norm": "ortho", "workers": torch.get_num_threads()}
        waves = dctn(x.T.reshape(-1, *self._shape).numpy(), **options)
        waves *= self._inverse.numpy()
        back = idctn(waves, overwrite_x=True, **options)
        return torch.from_numpy(back).reshape(x.shape[1], math.prod(self._shape)).T

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)


def mirror_eigenvalues(kernel: StationaryKernel, grid: Grid, ridge: float = 0.0) -> Tensor:
    """Eigenvalues (n₁, …, n_d) of K̃, that of the cosine transform's coefficient k at k; those so little below zero
    that the ``ridge`` makes good are raised above it."""
    even = _even_part(kernel, grid)
    eigenvalues = _eigenvalues(even)
    if float(eigenvalues.min()) < -_HARMLESS * ridge - _ROUNDING * float(eigenvalues.max()):
        eigenvalues = _eigenvalues(_windowed(even))
    return eigenvalues.clamp(min=_LEAST * float(eigenvalues.max()))


def _eigenvalues(even: Tensor) -> Tensor:
    """The DCT-I of a kernel at offsets of 0 to n samples, without its last one along each axis, (n₁, …, n_d)."""
    from scipy.fft import dctn

    values = torch.from_numpy(dctn(even.numpy(), type=1, workers=torch.get_num_threads()))
    return values[tuple(slice(n - 1) for n in even.shape)]


def _windowed(even: Tensor) -> Tensor:
    """Times Bohman's window (1 − u) cos πu + sin(πu)/π with u from 0 to 1 along each axis."""
    for axis, count in enumerate(even.shape):
        u = torch.linspace(0, 1, count, dtype=torch.float64)
        window = (1 - u) * torch.cos(math.pi * u) + torch.sin(math.pi * u) / math.pi
        even = even * window.reshape([-1 if a == axis else 1 for a in range(even.ndim)])
    return even


def _even_part(kernel: StationaryKernel, grid: Grid) -> Tensor:
    """The mean of k(±δ₁, ±δ₂, …) at offsets of 0 to n samples, (n₁ + 1, …, n_d + 1); k itself is even."""
    first = [0, *(-n for n in grid.shape[1:])]
    axes = [
        h * torch.arange(low, n + 1, dtype=torch.float64)
        for h, low, n in zip(grid.spacing, first, grid.shape, strict=True)
    ]
    values = kernel.on_lattice(axes)
    for axis, n in enumerate(grid.shape[1:], start=1):
        values = 0.5 * (values.narrow(axis, n, n + 1) + values.narrow(axis, 0, n + 1).flip(axis))
    return values
