"""Fourier samples of an image, through the sensitivities of coils."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .base import LinearOperator
from .nufft import FourierSum

__all__ = ["CartesianFourier", "Coils", "nonuniform_fourier"]


class CartesianFourier(LinearOperator):
    """m ↦ the entries ``flat`` of its centred, orthonormal discrete Fourier transform:
    Σ_r m(r) e^{−2πi k·r/n}/√N with k and r counted from n//2 (NumPy's ``fftshift(fftn(ifftshift(m), norm="ortho"))``).

    >>> whole = CartesianFourier((2, 2), torch.arange(4))
    >>> (whole @ torch.ones(4, dtype=torch.complex128)).real
    tensor([0., 0., 0., 2.], dtype=torch.float64)
    """

    def __init__(self, shape: tuple[int, ...], flat: Tensor) -> None:
        super().__init__((len(flat), math.prod(shape)), torch.complex128, torch.device("cpu"))
        self.image = shape
        grid = torch.arange(math.prod(shape)).reshape(shape)
        self._flat = torch.fft.fftshift(grid).reshape(-1)[flat]  # where a centred place lies in an uncentred transform
        self._axes = tuple(range(1, 1 + len(shape)))

    def _forward(self, x: Tensor) -> Tensor:
        images = torch.fft.ifftshift(x.T.reshape(-1, *self.image), self._axes)
        return torch.fft.fftn(images, dim=self._axes, norm="ortho").flatten(1)[:, self._flat].T

    def _adjoint(self, y: Tensor) -> Tensor:
        filled = y.new_zeros(y.shape[1], self.shape[1]).index_add_(1, self._flat, y.T.contiguous())
        images = torch.fft.ifftn(filled.reshape(-1, *self.image), dim=self._axes, norm="ortho")
        return torch.fft.fftshift(images, self._axes).flatten(1).T


def nonuniform_fourier(shape: tuple[int, ...], places: Tensor, tolerance: float = 1e-8) -> LinearOperator:
    """The same at ``places`` k (M, d) that are no whole numbers, in cycles per field of view, by NUFFT."""
    period = tuple(float(n) for n in shape)
    return math.prod(shape) ** -0.5 * FourierSum(-places.double(), shape, period, tolerance)


class Coils(LinearOperator):
    """m ↦ (F S_1 m, …, F S_C m): a transform F of an image as each of C coils sees it, with ``maps`` S (C, N).

    Pruessmann et al. 2001, Eq. 2. The samples of one coil come after those of another.
    """

    def __init__(self, fourier: LinearOperator, maps: Tensor) -> None:
        super().__init__((len(maps) * fourier.shape[0], fourier.shape[1]), torch.complex128, torch.device("cpu"))
        self._fourier, self.maps = fourier, maps.to(torch.complex128)

    def _forward(self, x: Tensor) -> Tensor:
        return torch.cat([self._fourier._forward(sensitivity[:, None] * x) for sensitivity in self.maps])

    def _adjoint(self, y: Tensor) -> Tensor:
        parts = zip(self.maps, y.tensor_split(len(self.maps)), strict=True)
        first, *others = (sensitivity.conj()[:, None] * self._fourier._adjoint(part) for sensitivity, part in parts)
        for other in others:
            first += other
        return first
