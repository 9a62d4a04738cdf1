"""Differences of neighbours on a grid: along each axis, or cell by cell together with the values."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ._base import LinearOperator


class Differences(LinearOperator):
    """The map D: x ↦ x_{i+1} − x_i along each axis of a grid, with zero at the far border.

    It maps (n,) to (d·n,), one axis after another.

    >>> Differences((3,)) @ torch.tensor([1.0, 3.0, 4.0], dtype=torch.float64)
    tensor([2., 1., 0.], dtype=torch.float64)
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        size = math.prod(shape)
        super().__init__((len(shape) * size, size))
        self.grid = shape

    def spectrum(self) -> Tensor:
        """Return the eigenvalues Σ 4 sin²(πk/n) that DᵀD would have on a grid that wraps around, (n₁, …).

        On the grid itself, which does not wrap around, xᵀDᵀD x is no larger for any x.
        """
        found = torch.zeros(self.grid, dtype=torch.float64)
        for axis, n in enumerate(self.grid):
            sine = torch.sin(math.pi * torch.fft.fftfreq(n, dtype=torch.float64))
            found += (4 * sine.square()).reshape([-1 if other == axis else 1 for other in range(len(self.grid))])
        return found

    def _forward(self, x: Tensor) -> Tensor:
        values = x.reshape(*self.grid, -1)
        found = values.new_zeros(len(self.grid), *values.shape)
        for axis, count in enumerate(self.grid):
            torch.sub(
                values.narrow(axis, 1, count - 1),
                values.narrow(axis, 0, count - 1),
                out=found[axis].narrow(axis, 0, count - 1),
            )
        return found.reshape(self.shape[0], -1)

    def _adjoint(self, y: Tensor) -> Tensor:
        slopes = y.reshape(len(self.grid), *self.grid, -1)
        found = torch.zeros_like(slopes[0])
        for axis, count in enumerate(self.grid):
            inner = slopes[axis].narrow(axis, 0, count - 1)
            found.narrow(axis, 1, count - 1).add_(inner)
            found.narrow(axis, 0, count - 1).sub_(inner)
        return found.reshape(self.shape[1], -1)


class ValuesAndDetails(LinearOperator):
    """The map W from a grid's values to these values and the 2^d − 1 details of every cell of 2^d neighbours.

    It maps (n,) to (2^d·n,), one band after another. Along each axis a detail takes half the sum or half the difference
    of two neighbours. The bands of details are the finest ones of the undecimated Haar transform; in a plane there are
    three, across, along and crosswise. The last place of an axis has its cell outside the grid, and its details are
    zero.

    >>> ValuesAndDetails((3,)) @ torch.tensor([1.0, 3.0, 4.0], dtype=torch.float64)
    tensor([1.0000, 3.0000, 4.0000, 1.0000, 0.5000, 0.0000], dtype=torch.float64)
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        size = math.prod(shape)
        super().__init__(((1 << len(shape)) * size, size))
        self.grid = shape

    @property
    def bands(self) -> int:
        """The number of bands 2^d: one of values and 2^d − 1 of details."""
        return 1 << len(self.grid)

    def spectrum(self) -> Tensor:
        """Return the eigenvalues 2 − Π cos²(πk/n) that WᵀW would have on a grid that wraps around, (n₁, …).

        They are in the order of the discrete Fourier transform. On the grid itself, which does not wrap around,
        xᵀWᵀW x is no larger for any x.
        """
        kept = torch.ones(self.grid, dtype=torch.float64)
        for axis, n in enumerate(self.grid):
            cosine = torch.cos(math.pi * torch.fft.fftfreq(n, dtype=torch.float64)) if n > 1 else torch.ones(1)
            kept *= cosine.square().reshape([-1 if other == axis else 1 for other in range(len(self.grid))])
        return 2 - kept

    def gram_diagonal(self, weights: Tensor) -> Tensor:
        """Return the diagonal of Wᵀ diag(u) W for ``weights`` u (2^d·n,): a detail has the square 4^−d in its cell.

        An axis of a single place does not count, since nothing differs along it.
        """
        d, single = len(self.grid), [axis for axis, n in enumerate(self.grid) if n == 1]
        bands = weights.reshape(*(2,) * d, *self.grid)
        for axis in single:
            bands = bands.narrow(axis, 0, 1)
        bands = bands.reshape(-1, *self.grid)
        cells = tuple(slice(0, max(1, n - 1)) for n in self.grid)
        around = bands[1:][(slice(None), *cells)].sum(0) / 4 ** (d - len(single))
        for axis, n in enumerate(self.grid):
            if n > 1:
                shape = list(around.shape)
                shape[axis] = 1
                border = around.new_zeros(shape)
                around = torch.cat([around, border], axis) + torch.cat([border, around], axis)
        return (around + bands[0]).reshape(-1)

    def _forward(self, x: Tensor) -> Tensor:
        values = x.reshape(*self.grid, -1)
        found = values.new_zeros(self.bands, *values.shape)
        found[0] = values
        cells = tuple(slice(0, max(1, n - 1)) for n in self.grid)
        bands = [values]
        for axis, n in enumerate(self.grid):
            bands = [half for band in bands for half in _halves(band, axis, n)]
        for band, detail in zip(found[1:], bands[1:], strict=True):
            band[cells] = detail
        return found.reshape(self.shape[0], -1)

    def _adjoint(self, y: Tensor) -> Tensor:
        bands = y.reshape(self.bands, *self.grid, -1)
        cells = tuple(slice(0, max(1, n - 1)) for n in self.grid)
        parts: list[Tensor | None] = [None, *(band[cells] for band in bands[1:])]
        for axis in reversed(range(len(self.grid))):
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [_joined(low, high, axis, self.grid[axis]) for low, high in pairs]
        assert parts[0] is not None
        return parts[0].add_(bands[0]).reshape(self.shape[1], -1)


def _halves(x: Tensor, axis: int, n: int) -> tuple[Tensor, Tensor]:
    """Return half the sum and half the difference of neighbours along an axis, each one place shorter."""
    if n == 1:
        return x, torch.zeros_like(x)
    before, after = x.narrow(axis, 0, n - 1), x.narrow(axis, 1, n - 1)
    return torch.add(after, before).mul_(0.5), torch.sub(after, before).mul_(0.5)


def _joined(low: Tensor | None, high: Tensor | None, axis: int, n: int) -> Tensor:
    """Return the adjoint of ``_halves`` applied to both parts; None stands for zero."""
    assert high is not None
    if n == 1:
        return torch.zeros_like(high) if low is None else low.clone()
    shape = list(high.shape)
    shape[axis] = n
    found = high.new_zeros(shape)
    before, after = found.narrow(axis, 0, n - 1), found.narrow(axis, 1, n - 1)
    before.sub_(high)
    after.add_(high)
    if low is not None:
        before.add_(low)
        after.add_(low)
    return found.mul_(0.5)
