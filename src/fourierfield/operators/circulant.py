"""Maps that the discrete Fourier transform diagonalises."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from .base import LinearOperator

__all__ = ["Circulant"]


class Circulant(LinearOperator):
    """F⁻¹ diag(λ) F on a grid with ``eigenvalues`` λ (n₁, …), real and even: a stationary covariance that wraps around.

    >>> Circulant(torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)) @ torch.ones(3, dtype=torch.float64)
    tensor([2., 2., 2.], dtype=torch.float64)
    """

    def __init__(self, eigenvalues: Tensor) -> None:
        self.image = tuple(eigenvalues.shape)
        size = math.prod(self.image)
        super().__init__((size, size), torch.float64, eigenvalues.device)
        self.eigenvalues = eigenvalues
        self._half = eigenvalues[..., : self.image[-1] // 2 + 1].contiguous()
        self._axes = tuple(range(1, 1 + len(self.image)))

    def spectrum(self) -> Tensor:
        """The eigenvalues."""
        return self.eigenvalues

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Independent samples of N(0, K), (n, count), where no eigenvalue is negative."""
        noise = torch.randn(self.shape[0], count, dtype=torch.float64, generator=generator)
        return self._filtered(noise, self._half.sqrt())

    def _forward(self, x: Tensor) -> Tensor:
        return self._filtered(x, self._half)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)

    def _filtered(self, x: Tensor, half: Tensor) -> Tensor:
        waves = torch.fft.rfftn(x.T.reshape(-1, *self.image), dim=self._axes) * half
        return torch.fft.irfftn(waves, s=self.image, dim=self._axes).flatten(1).T
