"""Kernels whose amplitude varies from place to place, as sums over wavelets."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from .base import LinearOperator

__all__ = ["HaarBands", "HaarGram", "haar_bands"]

Leaf = Callable[[Tensor | None, Tensor], Tensor]  # what is done with a band, given its variances


@dataclass(frozen=True)
class HaarBands:
    """Numbers at each place of a grid for each band of the undecimated Haar transform: ``details`` by level, from the
    finest on, (2^d − 1, n₁, …), and those of the ``coarse`` rest (n₁, …)."""

    coarse: Tensor
    details: tuple[Tensor, ...]

    def each(self, function: Callable[[Tensor], Tensor]) -> HaarBands:
        """A function of each band (n₁, …)."""
        details = tuple(torch.stack([function(band) for band in level]) for level in self.details)
        return HaarBands(function(self.coarse), details)


def haar_bands(image: Tensor, levels: int) -> HaarBands:
    """W f of an image f (n₁, …): along each axis the half sum or the half difference with the neighbour 2^level places
    before, which wraps around (à trous; Nason & Silverman 1995). WᵀW = I.

    >>> bands = haar_bands(torch.tensor([1.0, 1.0, 3.0, 3.0], dtype=torch.float64), 1)
    >>> bands.coarse, bands.details[0][0]
    (tensor([2., 1., 2., 3.], dtype=torch.float64), tensor([-1.,  0.,  1.,  0.], dtype=torch.float64))
    """
    details, coarse = [], image
    for level in range(levels):
        bands = [coarse]
        for axis in range(image.ndim):
            bands = [half for band in bands for half in _split(band, level, axis)]
        coarse = bands[0]
        details.append(torch.stack(bands[1:]))
    return HaarBands(coarse, tuple(details))


class HaarGram(LinearOperator):
    """K = Wᵀ diag(v) W on a grid, W the undecimated Haar transform and v the ``variances`` of its bands from place to
    place: the covariance of f = Wᵀc for independent c ~ N(0, v).

    With variances that are alike everywhere it is stationary; where they are small the field is smooth or empty. A band
    after the other: no more than a few grids are held at once.
    """

    def __init__(self, variances: HaarBands) -> None:
        self.image = tuple(variances.coarse.shape)
        size = math.prod(self.image)
        super().__init__((size, size), torch.float64, torch.device("cpu"))
        self.variances = variances

    def spectrum(self) -> Tensor:
        """Eigenvalues (n₁, …), in the order of the discrete Fourier transform, of the stationary kernel that this one
        is on average over all shifts."""
        point = torch.zeros(self.image, dtype=torch.float64)
        point.view(-1)[0] = 1.0
        responses = haar_bands(point, len(self.variances.details))
        found = self.variances.coarse.mean() * _power(responses.coarse)
        for level, band in zip(self.variances.details, responses.details, strict=True):
            for variance, response in zip(level, band, strict=True):
                found += variance.mean() * _power(response)
        return found

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Independent samples of N(0, K), (n, count)."""

        def normal(of: Tensor | None, variance: Tensor) -> Tensor:
            noise = torch.randn(*variance.shape, count, dtype=torch.float64, generator=generator)
            return variance.sqrt()[..., None] * noise

        return self._each_band(None, normal).reshape(-1, count)

    def _forward(self, x: Tensor) -> Tensor:
        def weighed(band: Tensor | None, variance: Tensor) -> Tensor:
            assert band is not None
            return variance[..., None] * band

        return self._each_band(x.reshape(*self.image, -1), weighed).reshape(x.shape)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)

    def _each_band(self, x: Tensor | None, leaf: Leaf, level: int = 0, axis: int = 0, band: int = 0) -> Tensor:
        """Split x (n₁, …, k) along all axes, treat the bands, and put them together again; x None is split into
        nothing."""
        if axis == len(self.image):
            if band:
                return leaf(x, self.variances.details[level][band - 1])
            if level + 1 < len(self.variances.details):
                return self._each_band(x, leaf, level + 1)
            return leaf(x, self.variances.coarse)
        halves = (None, None) if x is None else _split(x, level, axis)
        low, high = (self._each_band(half, leaf, level, axis + 1, 2 * band + i) for i, half in enumerate(halves))
        step = -(2**level)
        return (low + high).add_(torch.roll(low.sub_(high), step, axis)).mul_(0.5)


def _split(x: Tensor, level: int, axis: int) -> tuple[Tensor, Tensor]:
    before = torch.roll(x, 2**level, axis)
    return 0.5 * (x + before), 0.5 * (x - before)


def _power(response: Tensor) -> Tensor:
    return torch.fft.fftn(response).abs().square()
