"""Differences of neighbours on a grid."""

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
