"""The inverse of a smooth kernel's matrix plus noise, by the few waves that matter."""

from __future__ import annotations

import torch
from torch import Tensor

from ..kernels._stationary import StationaryKernel
from ._base import SelfAdjoint
from ._nufft import FourierSum, mode_numbers
from ._split import coefficients_of, faded

_GRID = {1: 8192, 2: 256, 3: 48}  # samples of the kernel along an axis, by dimension: bound the waves to choose from
_SMOOTH = 10.0  # shape of the Kaiser–Bessel window that fades out a kernel which does not end
_TOLERANCE = 1e-8  # of the NUFFT, relative
_MOST = 2500  # waves: their Cholesky factor takes a second
_POINTS = 8  # for each wave, at least: the factor must not cost more than the points do
_LEFT = 30.0  # times the noise: eigenvalues that may be left out, with which conjugate gradients still converge fast


class LowWaveInverse(SelfAdjoint):
    """The inverse of F D Fᴴ + W⁻¹, for waves F at points with coefficients D > 0, and noise of variances W⁻¹.

    It is x ↦ W x − W F (D⁻¹ + FᴴWF)⁻¹ FᴴW x (Woodbury). FᴴWF depends on differences of wave numbers alone, so one
    transform of the weights has all its entries (Greengard, Rachh & Barnett 2024). ``rows`` are the positions of the
    waves among the modes of ``waves``.
    """

    def __init__(self, points: Tensor, waves: FourierSum, rows: Tensor, coefficients: Tensor, noise: Tensor) -> None:
        super().__init__(len(points))
        self._waves, self._rows, self._weights = waves, rows, (1 / noise)[:, None]
        roots = coefficients.sqrt()
        inner = roots[:, None] * _gram(points, waves, rows, 1 / noise) * roots
        inner.diagonal().add_(1.0)
        self._roots, self._factor = roots[:, None], torch.linalg.cholesky(inner)

    def _forward(self, x: Tensor) -> Tensor:
        weighted = self._weights * x
        waves = (self._waves.H @ weighted.to(torch.complex128))[self._rows]
        solved = self._roots * torch.cholesky_solve(self._roots * waves, self._factor)
        every = solved.new_zeros(self._waves.shape[1], x.shape[1])
        every[self._rows] = solved
        return weighted - self._weights * (self._waves @ every).real


def low_wave_inverse(kernel: StationaryKernel, points: Tensor, noise: Tensor) -> LowWaveInverse | None:
    """Build a preconditioner for a kernel's matrix plus noise from its strongest waves; None if there are too many.

    The matrix is that of ``kernel`` on points (N, d), d ≤ 3, plus ``noise`` (N,) > 0 on its diagonal. A wave with
    coefficient c adds about N c to the eigenvalues; those that add more than the noise are used, up to 2,500 and one
    per eight points. None if that leaves out more than 30 times the noise, or the waves' matrix is singular; otherwise
    conjugate gradients take 10 to 60 steps.

    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> points, noise = torch.linspace(0, 1, 200, dtype=torch.float64)[:, None], torch.ones(200, dtype=torch.float64)
    >>> inverse = low_wave_inverse(GaussianKernel(1.0), points, noise)
    >>> kernel = GaussianKernel(1.0).between(points, points)
    >>> y = torch.sin(7 * points)
    >>> torch.allclose(kernel @ (inverse @ y) + inverse @ y, y, atol=0.1)
    True
    >>> low_wave_inverse(GaussianKernel(50.0), points, 1e-3 * noise) is None
    True
    """
    period, coefficients = _periodic(kernel, points)
    powers = len(points) * coefficients.flatten()
    count, most = int((powers > noise.mean()).sum()), min(_MOST, len(points) // _POINTS)
    strongest = powers.topk(min(most + 1, len(powers)))
    if count > most and float(strongest.values[-1]) > _LEFT * float(noise.mean()):
        return None
    count = max(1, min(most, count))
    grid = torch.stack(torch.meshgrid(*map(mode_numbers, coefficients.shape), indexing="ij"), dim=-1).flatten(0, -2)
    chosen = grid[strongest.indices[:count]]
    half = [int(h) + 1 for h in chosen.abs().amax(0)]
    waves = FourierSum(points, tuple(2 * h for h in half), period, _TOLERANCE)
    kept = strongest.values[:count].clamp(min=1e-300) / len(points)
    try:
        return LowWaveInverse(points, waves, _places(chosen, half), kept, noise)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]  # the matrix is singular to rounding
        return None


def _periodic(kernel: StationaryKernel, points: Tensor) -> tuple[tuple[float, ...], Tensor]:
    """Return a period along each axis and the kernel's coefficients on it, where it ends or is slowly faded out."""
    sides = (points.amax(0) - points.amin(0)).tolist()
    longest = max(*sides, 1e-9)
    period = tuple(
        _period(kernel.ends_at / scale, max(side, 1e-3 * longest))
        for side, scale in zip(sides, kernel.metric(len(sides)), strict=True)
    )
    axes = [p / _GRID[len(sides)] * mode_numbers(_GRID[len(sides)]) for p in period]
    values = kernel(torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))
    if not all(kernel.ends_at / scale <= p / 2 for scale, p in zip(kernel.metric(len(sides)), period, strict=True)):
        values = faded(values, axes, tuple(p / 4 for p in period), _SMOOTH)
    return period, coefficients_of(values)


def _period(end: float, side: float) -> float:
    return max(side + end, 2 * end) if end < side else 4 * side


def _gram(points: Tensor, waves: FourierSum, rows: Tensor, weights: Tensor) -> Tensor:
    """Return FᴴWF between the waves ``rows``, (m, m) complex."""
    grid = torch.stack(torch.meshgrid(*map(mode_numbers, waves.modes), indexing="ij"), dim=-1).flatten(0, -2)
    numbers = grid[rows]
    twice = FourierSum(points, tuple(2 * n for n in waves.modes), waves.period, _TOLERANCE)
    sums = (twice.H @ weights.to(torch.complex128)[:, None])[:, 0]
    return sums[_places(numbers[:, None] - numbers, list(waves.modes))]


def _places(numbers: Tensor, half: list[int]) -> Tensor:
    """Return the C-order positions of waves (…, d) among the waves −half to half − 1 along each axis."""
    place = torch.zeros(numbers.shape[:-1], dtype=torch.int64)
    for axis, h in enumerate(half):
        place = place * (2 * h) + numbers[..., axis].long() + h
    return place
