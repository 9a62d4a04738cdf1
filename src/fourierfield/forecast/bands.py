"""A signal's power by frequency, and how the error of each band of it falls with time: spectral bias."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..operators import LinearOperator
from ..signals import Grid
from .spectrum import frequency_lengths

__all__ = [
    "Bands",
    "band_energies",
    "band_means",
    "cosine_eigenvalues",
    "cosine_frequencies",
    "cosine_transform",
]


@dataclass(frozen=True)
class Bands:
    """Frequency bands by length |f|: ``edges`` (B + 1,) in cycles per unit; ``centres`` (B,)."""

    edges: Tensor

    @classmethod
    def up_to_nyquist(cls, grid: Grid, count: int = 16) -> Bands:
        """``count`` ≥ 2 bands spaced by the logarithm, from ¾ cycle over the longest axis to the finest axis's Nyquist.

        The first band holds all below. At least an octave, on grids too small for one.
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
        """Geometric mean of each band's edges; half the upper edge for the band that begins at 0."""
        low, high = self.edges[:-1], self.edges[1:]
        return torch.where(low == 0, high / 2, (low * high).sqrt())

    def of(self, frequency: Tensor) -> Tensor:
        """Index of the band of each length |f|; the last band takes what lies beyond it."""
        return torch.bucketize(frequency.contiguous(), self.edges[1:-1].to(frequency))


def cosine_transform(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Orthonormal DCT-II over the last axes, (…, N) → (…, n₁, …): a spectrum without the seam of periodic borders."""
    from scipy.fft import dctn

    array = values.reshape(*values.shape[:-1], *shape).cpu().numpy()
    axes = tuple(range(array.ndim - len(shape), array.ndim))
    return torch.from_numpy(dctn(array, type=2, norm="ortho", axes=axes))


def cosine_frequencies(grid: Grid) -> Tensor:
    """Length |f| of each coefficient of ``cosine_transform``, (n₁, …) cycles per unit: k/(2nh) along each axis."""
    return frequency_lengths(
        [torch.arange(n, dtype=torch.float64) / (2 * n * h) for n, h in zip(grid.shape, grid.spacing, strict=True)]
    )


def cosine_eigenvalues(operator: LinearOperator, grid: Grid) -> Tensor:
    """cᵀK c for each basis vector c of the cosine transform, (n₁, …): the eigenvalue that belongs to its frequency, for
    any kernel on a small grid (dense)."""
    rows = cosine_transform(operator.to_dense().T, grid.shape).reshape(grid.size, grid.size)  # K c, c by c
    return cosine_transform(rows.T, grid.shape).reshape(grid.size, grid.size).diagonal().reshape(grid.shape)


def band_energies(values: Tensor, grid: Grid, bands: Bands) -> Tensor:
    """Energy Σ|c|² of (…, N) samples of ``grid`` in each band, (…, B); they add up to Σ values².

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
    """Mean in each band, (B,), of values that belong to frequencies of the given lengths; NaN in an empty band."""
    index = bands.of(lengths.reshape(-1))
    inside = lengths.reshape(-1) <= bands.edges[-1]
    sums, counts = torch.zeros(2, len(bands), dtype=torch.float64)
    sums.index_add_(0, index[inside], values.reshape(-1)[inside].double())
    counts.index_add_(0, index[inside], torch.ones_like(index[inside], dtype=torch.float64))
    return sums / counts
