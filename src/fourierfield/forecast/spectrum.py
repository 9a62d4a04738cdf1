"""Eigenvalues of a kernel, how much of a signal lies along each, and how long training takes to get there."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..operators import LinearOperator
from ..signals import Grid
from ..solvers import Solution, Status, lanczos

__all__ = [
    "Spectrum",
    "dense_spectrum",
    "lanczos_spectrum",
    "periodic_eigenvalues",
    "plane_wave_eigenvalues",
    "wave_frequencies",
]


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues λ (k,), largest first, and the share of the signal's energy along each, (k,), summing to 1."""

    eigenvalues: Tensor
    shares: Tensor

    def decay_times(self, divisor: float = 1.0) -> Tensor:
        """Times τ = η·steps after which each direction's residual is down by e: D/λ, with D as in ``GradientFlow``."""
        return divisor / self.eigenvalues.clamp(min=0)

    def energy_above(self, eigenvalue: float) -> float:
        """Share of the signal's energy along eigenvalues of at least ``eigenvalue``: what is fitted by time D/λ."""
        return float(self.shares[self.eigenvalues >= eigenvalue].sum())


def dense_spectrum(operator: LinearOperator, signal: Tensor) -> Spectrum:
    """All eigenvalues of K and the signal's share along each eigenvector, by an eigendecomposition.

    >>> from fourierfield.operators import DenseOperator
    >>> K = DenseOperator(torch.diag(torch.tensor([3.0, 5.0], dtype=torch.float64)))
    >>> dense_spectrum(K, torch.tensor([1.0, 3.0]))
    Spectrum(eigenvalues=tensor([5., 3.], dtype=torch.float64), shares=tensor([0.9000, 0.1000], dtype=torch.float64))
    """
    values, vectors = torch.linalg.eigh(operator.to_dense().double())
    energy = (signal.double() @ vectors).square()
    return Spectrum(values.flip(0), (energy / energy.sum()).flip(0))


def lanczos_spectrum(operator: LinearOperator, signal: Tensor, *, steps: int = 100) -> Solution[Spectrum]:
    """The spectrum as the signal sees it: k ≤ ``steps`` Ritz values with the Gauss weights of its spectral measure.

    Moments up to 2k − 1 of the measure Σ (vᵢᵀy)² δ(λ − λᵢ) are exact (Golub & Meurant 2010); single eigenvalues are
    where they carry energy and lie apart.
    """
    run = lanczos(operator, signal.double(), lambda x: torch.full_like(x, torch.inf), most=steps)
    values, vectors = run.value.eigen
    spectrum = Spectrum(values.flip(0), vectors[0].square().flip(0))
    return Solution(spectrum, Status.CONVERGED, run.iterations, 0.0)  # so many steps were asked for


def periodic_eigenvalues(kernel: StationaryKernel, shape: tuple[int, ...]) -> Tensor:
    """Eigenvalues of K on a periodic grid over the unit box, (n₁, …, n_d), exactly: the DFT of k over one period.

    The eigenvector of entry j is the wave of the integer frequency ``fftfreq(n, 1/n)[j]`` along each axis. Raises
    ``ValueError`` for kernels that do not have period 1 along each axis, as those of fractional frequencies.
    """
    axes = [torch.arange(n, dtype=torch.float64) / n for n in shape]
    table = kernel.on_lattice(axes)
    wrapped = kernel.on_lattice([axis - 1 for axis in axes])
    if not torch.allclose(table, wrapped, rtol=0, atol=1e-9 * kernel.at_zero):
        raise ValueError("this kernel does not have period 1 along every axis; use lanczos_spectrum or dense_spectrum")
    return torch.fft.fftn(table).real


def plane_wave_eigenvalues(kernel: StationaryKernel, grid: Grid) -> Tensor:
    """Rayleigh quotient of K for the wave of each frequency, e_f* K e_f / N = Σ_δ k(δ) Π(1 − |δ_a|/n_a) cos 2πf·δ.

    Waves diagonalise K on a large grid (Szegő), so this is the eigenvalue that belongs to a frequency, never negative.
    Frequencies are ``wave_frequencies(grid)``: (2n₁, …, 2n_d) in all.
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
    """Frequencies of ``plane_wave_eigenvalues`` along each axis, cycles per unit, in the order of the FFT."""
    return [
        torch.fft.fftfreq(2 * n, step, dtype=torch.float64) for n, step in zip(grid.shape, grid.spacing, strict=True)
    ]


def frequency_lengths(axes: list[Tensor]) -> Tensor:
    """|f| on the lattice spanned by the frequencies along each axis, (n₁, …).

    >>> frequency_lengths([torch.tensor([0.0, 3.0]), torch.tensor([4.0])])
    tensor([[4.],
            [5.]])
    """
    squares = torch.zeros((), dtype=axes[0].dtype)
    for a, axis in enumerate(axes):
        squares = squares + axis.square().reshape([-1 if b == a else 1 for b in range(len(axes))])
    return squares.sqrt()
