"""The inverse of a smooth kernel's matrix plus a ridge, by its few waves that matter."""

from __future__ import annotations

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from .base import LinearOperator
from .nufft import FourierSum, mode_numbers

__all__ = ["LowWaveInverse", "low_wave_inverse"]

_GRID = {1: 8192, 2: 256, 3: 48}  # samples of the kernel along an axis
_TOLERANCE = 1e-8  # of the sums
_MOST = 2500  # waves: the factor of so many takes a second
_POINTS = 8  # for each wave, at least: its factor is not to cost more than the points do
_LEFT = 30.0  # times the ridge: eigenvalues of what is left out, that still let conjugate gradients converge soon


class LowWaveInverse(LinearOperator):
    """x ↦ (F D Fᴴ + W⁻¹)⁻¹ x = W x − W F (D⁻¹ + FᴴWF)⁻¹ FᴴW x for the waves F at points, their coefficients D > 0 and
    noise of variances W⁻¹ (Woodbury).

    FᴴWF depends on differences of wave numbers alone: one transform of the weights has them all (Greengard, Rachh &
    Barnett 2024). ``rows`` are the numbers of the waves among those of ``waves``.
    """

    def __init__(self, points: Tensor, waves: FourierSum, rows: Tensor, coefficients: Tensor, noise: Tensor) -> None:
        super().__init__((len(points), len(points)), torch.float64, torch.device("cpu"))
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

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)


def low_wave_inverse(kernel: StationaryKernel, points: Tensor, noise: Tensor) -> LowWaveInverse | None:
    """A preconditioner for the ``kernel``'s matrix on points (N, d) plus ``noise`` (N,) on its diagonal; None where it
    takes more than 2,500 waves, or one for eight points.

    Wave ξ with coefficient c adds about N c to eigenvalues: those count of which that is more than the noise.
    """
    period, coefficients = _periodic(kernel, points)
    modes = tuple(coefficients.shape)
    coefficients = coefficients.flatten()
    count, most = int((len(points) * coefficients > noise.mean()).sum()), min(_MOST, len(points) // _POINTS)
    if count > most and len(points) * float(coefficients.topk(most + 1).values[-1]) > _LEFT * float(noise.mean()):
        return None
    count = max(1, min(most, count))
    grid = torch.stack(torch.meshgrid(*map(mode_numbers, modes), indexing="ij"), dim=-1).flatten(0, -2)
    chosen = grid[coefficients.topk(count).indices]
    half = [int(h) + 1 for h in chosen.abs().amax(0)]
    waves = FourierSum(points, tuple(2 * h for h in half), period, _TOLERANCE)
    rows = _places(chosen, half)
    try:
        return LowWaveInverse(points, waves, rows, coefficients.topk(count).values.clamp(min=1e-300), noise)
    except torch.linalg.LinAlgError:  # beyond rounding
        return None


def _periodic(kernel: StationaryKernel, points: Tensor) -> tuple[tuple[float, ...], Tensor]:
    """Period along each axis and Fourier coefficients of the kernel on it: beyond the largest difference it has ended,
    or is faded out so slowly that it stays positive definite, or nearly."""
    sides = (points.amax(0) - points.amin(0)).tolist()
    longest = max(*sides, 1e-9)
    period = tuple(
        _period(kernel.ends_at / scale, max(side, 1e-3 * longest))
        for side, scale in zip(sides, kernel.metric(len(sides)), strict=True)
    )
    axes = [p / _GRID[len(sides)] * mode_numbers(_GRID[len(sides)]) for p in period]
    values = kernel(torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))
    if not all(kernel.ends_at / scale <= p / 2 for scale, p in zip(kernel.metric(len(sides)), period, strict=True)):
        values = _faded(values, axes)
    spectrum = torch.fft.fftshift(torch.fft.fftn(torch.fft.ifftshift(values)).real) / values.numel()
    for axis in range(values.ndim):
        spectrum.narrow(axis, 0, 1).zero_()  # −n/2 has no partner at n/2
    return period, spectrum


def _period(end: float, side: float) -> float:
    return max(side + end, 2 * end) if end < side else 4 * side


def _faded(values: Tensor, axes: list[Tensor]) -> Tensor:
    """Brought to the mean from half the way on to the end of each axis."""
    level = values.mean()
    for number, axis in enumerate(axes):
        half = float(axis[0].abs()) / 2
        along = 0.5 + 0.5 * torch.cos(torch.pi * ((axis.abs() - half) / half).clamp(0, 1))
        values = level + (values - level) * along.reshape([-1 if a == number else 1 for a in range(values.ndim)])
    return values


def _gram(points: Tensor, waves: FourierSum, rows: Tensor, weights: Tensor) -> Tensor:
    """FᴴWF between some waves, (m, m) complex."""
    grid = torch.stack(torch.meshgrid(*map(mode_numbers, waves.modes), indexing="ij"), dim=-1).flatten(0, -2)
    numbers = grid[rows]
    twice = FourierSum(points, tuple(2 * n for n in waves.modes), waves.period, _TOLERANCE)
    sums = (twice.H @ weights.to(torch.complex128)[:, None])[:, 0]
    return sums[_places(numbers[:, None] - numbers, list(waves.modes))]


def _places(numbers: Tensor, half: list[int]) -> Tensor:
    """Where waves (…, d) stand among those from −half to half − 1 along each axis, in C order."""
    place = torch.zeros(numbers.shape[:-1], dtype=torch.int64)
    for axis, h in enumerate(half):
        place = place * (2 * h) + numbers[..., axis].long() + h
    return place
