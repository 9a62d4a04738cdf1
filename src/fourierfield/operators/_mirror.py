"""The inverse of a kernel on a mirrored grid, by cosine transform: a preconditioner for the grid itself."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ._base import SelfAdjoint

_LEAST = 1e-13  # of the largest eigenvalue: smaller ones are rounding errors, and raised to it
_ROUNDING = 1e-12  # of the largest eigenvalue: how far rounding may push one below zero, tables of kernels included
_HARMLESS = 0.3  # of the ridge: eigenvalues below zero by less than this cost no iterations


class MirrorInverse(SelfAdjoint):
    """The map x ↦ (K̃ + ρI)⁻¹ x with K̃ the kernel on a grid and its mirror images: a preconditioner for K + ρI.

    K̃ sums k over an endless row of mirrored grids, with k cut off at one period 2n. The cosine transform (DCT-II)
    diagonalises it, with eigenvalues from the DCT-I of k at offsets 0 to n (Strang 1999). A signal continues beyond its
    border more like its mirror image than like its other end, so this preconditioner takes a tenth of the iterations of
    a circulant one.

    If a kernel is not even along each axis by itself, as with randomly drawn frequencies, its even part is used. If the
    cut leaves eigenvalues well below zero, since the kernel does not end within the grid, the kernel is multiplied by
    Bohman's window along each axis. The window is positive definite and zero from n on, so that the product is too.

    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> inverse = MirrorInverse(GaussianKernel(0.5), Grid((0.0,), (1.0,), (4,)), 0.5)
    >>> inverse @ torch.ones(4, dtype=torch.float64)  # K̃ maps ones to a constant
    tensor([0.2715, 0.2715, 0.2715, 0.2715], dtype=torch.float64)
    """

    def __init__(self, kernel: StationaryKernel, grid: Grid, ridge: float = 0.0) -> None:
        super().__init__(grid.size)
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


def mirror_eigenvalues(kernel: StationaryKernel, grid: Grid, ridge: float = 0.0) -> Tensor:
    """Return the eigenvalues (n₁, …, n_d) of K̃, in the order of the cosine transform's coefficients.

    Eigenvalues so little below zero that the ``ridge`` makes up for it are raised above zero.
    """
    even = _even_part(kernel, grid)
    eigenvalues = _eigenvalues(even)
    if float(eigenvalues.min()) < -_HARMLESS * ridge - _ROUNDING * float(eigenvalues.max()):
        eigenvalues = _eigenvalues(_windowed(even))
    return eigenvalues.clamp(min=_LEAST * float(eigenvalues.max()))


def _eigenvalues(even: Tensor) -> Tensor:
    """Return the DCT-I of a kernel at offsets of 0 to n samples, less its last one along each axis, (n₁, …, n_d)."""
    from scipy.fft import dctn

    values = torch.from_numpy(dctn(even.numpy(), type=1, workers=torch.get_num_threads()))
    return values[tuple(slice(n - 1) for n in even.shape)]


def _windowed(even: Tensor) -> Tensor:
    """Multiply by Bohman's window (1 − u) cos πu + sin(πu)/π, with u from 0 to 1 along each axis."""
    for axis, count in enumerate(even.shape):
        u = torch.linspace(0, 1, count, dtype=torch.float64)
        window = (1 - u) * torch.cos(math.pi * u) + torch.sin(math.pi * u) / math.pi
        even = even * window.reshape([-1 if a == axis else 1 for a in range(even.ndim)])
    return even


def _even_part(kernel: StationaryKernel, grid: Grid) -> Tensor:
    """Return the mean of k(±δ₁, ±δ₂, …) at offsets of 0 to n samples, (n₁ + 1, …); k(−δ) = k(δ) spares one axis."""
    first = [0, *(-n for n in grid.shape[1:])]
    axes = [
        h * torch.arange(low, n + 1, dtype=torch.float64)
        for h, low, n in zip(grid.spacing, first, grid.shape, strict=True)
    ]
    values = kernel.on_lattice(axes)
    for axis, n in enumerate(grid.shape[1:], start=1):
        values = 0.5 * (values.narrow(axis, n, n + 1) + values.narrow(axis, 0, n + 1).flip(axis))
    return values
