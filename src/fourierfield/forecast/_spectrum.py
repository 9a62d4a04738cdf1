"""Spectra of kernels: eigenvalues, the share of a signal along each, and how long training takes to fit it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ..operators._base import LinearOperator
from ..solvers._lanczos import lanczos
from ..solvers._solution import Solution, Status


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues λ (k,), largest first, and the shares (k,) of the signal's energy along each, which sum to 1."""

    eigenvalues: Tensor
    shares: Tensor

    def decay_times(self, divisor: float = 1.0) -> Tensor:
        """Compute the times τ = η·steps at which residuals have fallen by a factor of e: D/λ (``GradientFlow``'s D)."""
        return divisor / self.eigenvalues.clamp(min=0)


def dense_spectrum(operator: LinearOperator, signal: Tensor) -> Spectrum:
    """Compute all eigenvalues of K and the signal's share along each eigenvector, by an eigendecomposition.

    >>> from fourierfield.operators._base import DenseOperator
    >>> K = DenseOperator(torch.diag(torch.tensor([3.0, 5.0], dtype=torch.float64)))
    >>> dense_spectrum(K, torch.tensor([1.0, 3.0]))
    Spectrum(eigenvalues=tensor([5., 3.], dtype=torch.float64), shares=tensor([0.9000, 0.1000], dtype=torch.float64))
    """
    values, vectors = torch.linalg.eigh(operator.to_dense().double())
    energy = (signal.double() @ vectors).square()
    return Spectrum(values.flip(0), (energy / energy.sum()).flip(0))


def lanczos_spectrum(operator: LinearOperator, signal: Tensor, *, steps: int = 100) -> Solution[Spectrum]:
    """Compute the spectrum as the signal sees it: k ≤ ``steps`` Ritz values, weighted by Gauss quadrature.

    Moments up to 2k − 1 of the spectral measure Σ (vᵢᵀy)² δ(λ − λᵢ) are exact (Golub & Meurant 2010); single
    eigenvalues are where they carry energy and are well separated.
    """
    run = lanczos(operator, signal.double(), lambda x: torch.full_like(x, torch.inf), most=steps)
    values, vectors = run.value.eigen
    spectrum = Spectrum(values.flip(0), vectors[0].square().flip(0))
    return Solution(spectrum, Status.CONVERGED, run.iterations, 0.0)  # all the steps that were asked for


def periodic_eigenvalues(kernel: StationaryKernel, shape: tuple[int, ...]) -> Tensor:
    """Compute the exact eigenvalues of K on a periodic grid over the unit box, (n₁, …): the DFT of k over a period.

    Entry j belongs to the wave of frequency ``fftfreq(n, 1/n)[j]`` along each axis. Raises ``ValueError`` for kernels
    that do not have period 1 along each axis.
    """
    axes = [torch.arange(n, dtype=torch.float64) / n for n in shape]
    table = kernel.on_lattice(axes)
    wrapped = kernel.on_lattice([axis - 1 for axis in axes])
    if not torch.allclose(table, wrapped, rtol=0, atol=1e-9 * kernel.at_zero):
        raise ValueError("this kernel does not have period 1 along every axis; use lanczos_spectrum or dense_spectrum")
    return torch.fft.fftn(table).real


def plane_wave_eigenvalues(kernel: StationaryKernel, grid: Grid) -> Tensor:
    """Compute e_f* K e_f / N = Σ_δ k(δ) Π(1 − |δ_a|/n_a) cos 2πf·δ for each wave of ``wave_frequencies``, (2n₁, …).

    Waves diagonalise K on a large grid (Szegő), so this is a frequency's eigenvalue; it is never negative.
    """
    counts = grid.shape
    axes = [step * torch.arange(-n + 1, n, dtype=torch.float64) for n, step in zip(counts, grid.spacing, strict=True)]
    table = kernel.on_lattice(axes)
    for a, n in enumerate(counts):
        ramp = 1 - torch.arange(-n + 1, n, dtype=torch.float64).abs() / n
        table = table * ramp.reshape([-1 if b == a else 1 for b in range(len(counts))])
    padded = table.new_zeros([2 * n for n in counts])
    padded[tuple(slice(1, None) for _ in counts)] = table
    return torch.fft.fftn(torch.fft.ifftshift(padded)).real


def wave_frequencies(grid: Grid) -> list[Tensor]:
    """Return the frequencies of ``plane_wave_eigenvalues`` along each axis, cycles per unit, in FFT order."""
    return [
        torch.fft.fftfreq(2 * n, step, dtype=torch.float64) for n, step in zip(grid.shape, grid.spacing, strict=True)
    ]


def frequency_lengths(axes: list[Tensor]) -> Tensor:
    """Compute |f| on the lattice that the frequencies along each axis span, (n₁, …).

    >>> frequency_lengths([torch.tensor([0.0, 3.0]), torch.tensor([4.0])])
    tensor([[4.],
            [5.]])
    """
    squares = torch.zeros((), dtype=axes[0].dtype)
    for a, axis in enumerate(axes):
        squares = squares + axis.square().reshape([-1 if b == a else 1 for b in range(len(axes))])
    return squares.sqrt()
