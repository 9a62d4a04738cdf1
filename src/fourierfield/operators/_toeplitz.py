"""Maps on grids that the FFT applies: block-Toeplitz ones in any number of dimensions, and circulant ones."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from ._base import LinearOperator, SelfAdjoint

_AT_ONCE = 1 << 24  # numbers of the padded grid, 128 MiB, transformed together: bounds memory
_FLAT = 1e-13  # of the largest entry: smaller changes count as none


class Toeplitz(LinearOperator):
    """The block-Toeplitz map (A x)_i = Σ_j t[i − j] x_j between two grids, by FFT.

    The multi-indices i are of a grid of shape ``rows`` and j of a grid of shape ``columns``, in C order.

    ``table`` holds t, real, with t[i − j] at index i − j + columns − 1 along each axis, so its shape is rows + columns
    − 1. The grid is padded so that nothing wraps around, to a size that suits the FFT: to rows + columns − 1 or, if t
    is constant from some offset on (the floor of a kernel), by that offset only. If t is even and the grids agree, the
    spectrum is real and stored as real numbers.

    >>> ones = torch.ones(3, dtype=torch.float64)
    >>> Toeplitz(torch.tensor([0.0, 1.0, 2.0, 1.0, 0.0], dtype=torch.float64), (3,), (3,)) @ ones
    tensor([3., 4., 3.], dtype=torch.float64)
    """

    def __init__(self, table: Tensor, rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
        expected = tuple(r + c - 1 for r, c in zip(rows, columns, strict=True))
        if tuple(table.shape) != expected:
            raise ValueError(f"a Toeplitz table for {rows} and {columns} has shape {expected}, not {table.shape}")
        super().__init__((math.prod(rows), math.prod(columns)), table.dtype, table.device)
        self.rows, self.columns = rows, columns
        self._floor, padded = _compact(table, rows, columns)
        self._size = tuple(_fast_length(n) for n in padded)
        self._spectrum = self._transform(table)

    def _transform(self, table: Tensor) -> Tensor:
        even = self.rows == self.columns and _is_even(table)
        spectrum = torch.fft.rfftn(_wrapped(table, self._size, self.columns, self._floor))
        return spectrum.real.contiguous() if even else spectrum

    def _forward(self, x: Tensor) -> Tensor:
        return self._convolve(x, self._spectrum, self.columns, self.rows)

    def _adjoint(self, y: Tensor) -> Tensor:
        spectrum = self._spectrum.conj() if self._spectrum.is_complex() else self._spectrum
        return self._convolve(y, spectrum, self.rows, self.columns)

    def _convolve(self, x: Tensor, spectrum: Tensor, given: tuple[int, ...], wanted: tuple[int, ...]) -> Tensor:
        at_once = max(1, _AT_ONCE // math.prod(self._size))
        blocks = [self._convolve_block(block.reshape(-1, *given), spectrum, wanted) for block in x.T.split(at_once)]
        product = torch.cat(blocks).flatten(1).T
        return product + self._floor * x.sum(0) if self._floor else product

    def _convolve_block(self, x: Tensor, spectrum: Tensor, wanted: tuple[int, ...]) -> Tensor:
        """Convolve axis by axis, without rows of zeros on the way in and rows that are not needed on the way out."""
        d = len(wanted)
        waves = torch.fft.rfft(x, n=self._size[-1])
        for axis in range(d - 2, -1, -1):
            waves = torch.fft.fft(waves, n=self._size[axis], dim=axis + 1)
        waves *= spectrum
        for axis in range(d - 1):
            waves = torch.fft.ifft(waves, dim=axis + 1).narrow(axis + 1, 0, wanted[axis])
        return torch.fft.irfft(waves, n=self._size[-1])[..., : wanted[-1]]


def _compact(table: Tensor, rows: tuple[int, ...], columns: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
    """Return the constant value of t beyond some offset and the padded size that suffices, or 0 and the full size."""
    floor = table.flatten()[0]
    limit = _FLAT * max(abs(float(table.min())), abs(float(table.max())))
    changed = torch.cat([(block - floor).abs_() > limit for block in table.split(_rows(table))])
    sizes = []
    for axis, (r, c) in enumerate(zip(rows, columns, strict=True)):
        along = changed.movedim(axis, 0).reshape(table.shape[axis], -1).any(1).nonzero().flatten() + (1 - c)
        support = int(along.abs().max()) if len(along) else 0
        sizes.append(min(max(r, c) + support, r + c - 1))
    if sizes == list(table.shape):
        return 0.0, tuple(table.shape)
    return float(floor), tuple(sizes)


def _rows(table: Tensor) -> int:
    """Return how many rows of a table are looked at together: few enough that copies of them take little memory."""
    return max(1, _AT_ONCE // 16 * len(table) // table.numel())


def _is_even(table: Tensor) -> bool:
    """Return whether t[−o] = t[o] for every offset o, without a copy of the table."""
    rest = tuple(range(table.ndim))
    rows = _rows(table)
    starts = range(0, len(table), rows)
    return all(
        torch.equal(block, table[len(table) - start - len(block) : len(table) - start].flip(rest))
        for start, block in zip(starts, table.split(rows), strict=True)
    )


def _wrapped(table: Tensor, size: tuple[int, ...], columns: tuple[int, ...], floor: float) -> Tensor:
    """Put t − floor at offset o in place o modulo ``size``; where two share one, it is 0 at the positive one.

    See ``_compact``. The first pass subtracts the floor, so that no copy of the table is needed for it.
    """
    for axis, (n, c) in enumerate(zip(size, columns, strict=True)):
        r, lift = table.shape[axis] - c + 1, floor if axis == 0 else 0.0
        around = table.new_zeros([*table.shape[:axis], n, *table.shape[axis + 1 :]])
        around.narrow(axis, 0, r).copy_(table.narrow(axis, c - 1, r)).sub_(lift)
        around.narrow(axis, n - c + 1, c - 1).copy_(table.narrow(axis, 0, c - 1)).sub_(lift)
        table = around
    return table


def _fast_length(n: int) -> int:
    from scipy.fft import next_fast_len

    return int(next_fast_len(n, real=True))


class Circulant(SelfAdjoint):
    """The map F⁻¹ diag(λ) F on a grid: a stationary covariance that wraps around.

    The ``eigenvalues`` λ (n₁, …) are real and even.

    >>> Circulant(torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)) @ torch.ones(3, dtype=torch.float64)
    tensor([2., 2., 2.], dtype=torch.float64)
    """

    def __init__(self, eigenvalues: Tensor) -> None:
        self.image = tuple(eigenvalues.shape)
        super().__init__(eigenvalues.numel(), torch.float64, eigenvalues.device)
        self.eigenvalues = eigenvalues
        self._half = eigenvalues[..., : self.image[-1] // 2 + 1].contiguous()
        self._axes = tuple(range(1, 1 + len(self.image)))

    def spectrum(self) -> Tensor:
        """Return the eigenvalues (n₁, …)."""
        return self.eigenvalues

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Draw independent samples of N(0, K), (n, count); no eigenvalue may be negative."""
        noise = torch.randn(self.shape[0], count, dtype=torch.float64, generator=generator)
        return self._filtered(noise, self._half.sqrt())

    def _forward(self, x: Tensor) -> Tensor:
        return self._filtered(x, self._half)

    def _filtered(self, x: Tensor, half: Tensor) -> Tensor:
        waves = torch.fft.rfftn(x.T.reshape(-1, *self.image), dim=self._axes) * half
        return torch.fft.irfftn(waves, s=self.image, dim=self._axes).flatten(1).T
