"""Fields with few large values and details that fit measurements, by a primal-dual method."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ..operators._cells import Differences
from ..operators._toeplitz import Circulant

# Share of the field's largest value that takes the penalty's dual to its bound in one step, without and with ``gram``.
_OF_FIELD, _OF_FIELD_EXACT = 0.2, 0.02
_FEWEST = 10  # steps, at least: the first ones from a settled start may hardly move the field
_POSITIVE = 0.05  # of the step of the penalty's dual: the step of the dual of f ≥ 0
_POWERS = 20  # steps of the power method: enough for a few per cent


@dataclass(frozen=True)
class Penalty:
    """A penalty Σ_g Σ_r w_g(r)·|(W f)_g(r)| on a field f.

    ``analysis`` is W (bands·n, n). ``groups`` are the numbers of bands in each group g; the bands of a group are taken
    together at each place r, with all parts of the field. ``spectrum`` are eigenvalues (n₁, …), for the waves of the
    grid, that are not below those of WᵀW.
    """

    analysis: LinearOperator
    groups: tuple[int, ...]
    spectrum: Tensor

    def sizes(self, bands: Tensor) -> tuple[Tensor, ...]:
        """Return |(W f)_g(r)| for W f as (bands, n, parts): (1, n, 1) for each group."""
        return tuple(_size(group) for group in torch.split(bands, list(self.groups)))


def _size(group: Tensor) -> Tensor:
    return group.square().sum(dim=(0, 2), keepdim=True).sqrt_()


@dataclass(frozen=True)
class Sparse:
    """The state of the method: the field (n, parts) and the duals of penalty, measurements and sign.

    ``change`` is the relative change of the field in the last step, and ``steps`` is the number of steps taken.
    """

    field: Tensor
    bands: Tensor
    rays: Tensor
    sign: Tensor
    steps: int = 0
    change: float = math.inf

    @property
    def value(self) -> Tensor:
        """The field as a vector, one part after another."""
        return self.field.T.reshape(-1)


class PrimalDual:
    """A solver of argmin_f ½‖A f − y‖² + weight·Σ_g Σ_r w_g(r)·|(W f)_g(r)|, with f ≥ 0 if ``positive``.

    Fields have ``channels`` parts on a grid. The method is Algorithm 1 of Chambolle & Pock 2011, with a step of the
    field for each wave (Pock & Chambolle 2011). If ``gram`` has the eigenvalues of a circulant matrix no smaller than
    AᵀA, as for Fourier samples on the grid, a step is all but a Newton step, and a few dozen suffice. Without ``gram``
    all waves take the step of ‖A‖², the square of ``size`` if that is known. Two parts are those of a complex field,
    whose waves k and −k have eigenvalues of their own.
    """

    def __init__(
        self,
        operator: LinearOperator,
        measured: Tensor,
        penalty: Penalty,
        *,
        channels: int = 1,
        positive: bool = False,
        gram: Tensor | None = None,
        size: float | None = None,
    ) -> None:
        self._operator, self._adjoint, self._measured = operator, operator.H, measured
        self._penalty, self._analysis, self._synthesis = penalty, penalty.analysis, penalty.analysis.H
        self._channels, self._positive, self._gram = channels, positive, gram
        self._size = size or (1.0 if gram is not None else largest_singular_value(operator))
        back = self._adjoint @ measured
        ahead = float((operator @ back).square().sum())
        along = float(back.square().sum()) / ahead if ahead > 0 else 1.0
        self.peak = float(back.abs().max()) * along or 1.0
        """The largest value of the least-squares field along Aᵀy."""

    @property
    def unit(self) -> float:
        """The unit of weights, ‖A‖² times ``peak``: a weight beyond it leaves hardly any field."""
        return (float(self._gram.max()) if self._gram is not None else self._size**2) * self.peak

    def run(
        self,
        weight: float,
        steps: int,
        *,
        amplitudes: tuple[Tensor, ...] | None = None,
        start: Sparse | None = None,
        tolerance: float = 0.0,
        watch: Callable[[int, float], None] = lambda step, change: None,
    ) -> Sparse:
        """Take at most ``steps`` steps, until one changes the field by no more than ``tolerance`` (relative).

        ``start`` is the state to begin with (default: a field of zero), and ``amplitudes`` are the w_g, (1, n, 1) each
        (default: 1).
        """
        up = weight / (self.peak * (_OF_FIELD if self._gram is None else _OF_FIELD_EXACT))
        on_data, step_of = self._steps(up)
        groups = list(self._penalty.groups)
        bounds = [weight * w for w in amplitudes or (1.0,) * len(groups)]
        at = start or self._nothing()
        field, bands, rays, sign = at.field, at.bands, at.rays, at.sign
        ahead, change, done = field, math.inf, 0
        for done in range(1, steps + 1):
            bands = (self._analysis @ ahead).mul_(up).reshape_as(bands).add_(bands)
            for group, bound in zip(torch.split(bands, groups), bounds, strict=True):
                group.div_((_size(group) / bound).clamp_(min=1.0))  # no longer than its bound
            rays = (self._operator @ _flat(ahead)).sub_(self._measured).mul_(on_data).add_(rays).div_(1 + on_data)
            slope = self._parts(self._adjoint @ rays) + self._synthesis @ bands.reshape(-1, bands.shape[-1])
            if self._positive:
                sign = (sign + _POSITIVE * up * ahead).clamp_(max=0)
                slope += sign
            moved = field - step_of(slope)
            change = float((moved - field).norm() / moved.norm().clamp_min(torch.finfo(moved.dtype).tiny))
            ahead, field = (2 * moved).sub_(field), moved
            watch(done, change)
            if change <= tolerance and (done >= _FEWEST or change == 0):
                break
        return Sparse(field, bands, rays, sign, at.steps + done, change)

    def _steps(self, up: float) -> tuple[float, Callable[[Tensor], Tensor]]:
        """Return the step of the measurements' dual, and the inverse of M = on_data·AᵀA + up·WᵀW + …, or more."""
        spectrum, sign = self._penalty.spectrum, _POSITIVE * up if self._positive else 0.0
        if self._gram is None:
            largest = up * float(spectrum.max())
            return largest / self._size**2, lambda slope: slope / (2 * largest + sign)
        pulled = self._gram + up * spectrum + sign  # zero for waves that nothing pulls
        inverse = torch.where(pulled > 0, pulled.reciprocal(), 0.0)
        if self._channels == 2:
            return 1.0, lambda slope: _of_complex(inverse, slope)
        real = Circulant(inverse)
        return 1.0, lambda slope: real @ slope

    def _nothing(self) -> Sparse:
        n = self._penalty.spectrum.numel()
        field = self._measured.new_zeros(n, self._channels)
        bands = field.new_zeros(sum(self._penalty.groups), n, self._channels)
        return Sparse(field, bands, torch.zeros_like(self._measured), torch.zeros_like(field))

    def _parts(self, vector: Tensor) -> Tensor:
        return vector.reshape(self._channels, -1).T


def _of_complex(eigenvalues: Tensor, parts: Tensor) -> Tensor:
    """Return F⁻¹ diag(λ) F of a complex field, (n, 2) → (n, 2)."""
    waves = torch.fft.fftn(torch.view_as_complex(parts.contiguous()).reshape(eigenvalues.shape))
    return torch.view_as_real(torch.fft.ifftn(waves * eigenvalues).reshape(-1))


def _flat(field: Tensor) -> Tensor:
    return field.T.reshape(-1)


def largest_singular_value(operator: LinearOperator) -> float:
    """Estimate ‖A‖₂ by the power method, to a few per cent: 1.05 times the last estimate, or 1 if A is zero."""
    vector = torch.randn(operator.shape[1], dtype=operator.dtype, generator=torch.Generator().manual_seed(0))
    size = 0.0
    for _ in range(_POWERS):
        vector = operator.H @ (operator @ vector)
        size = float(vector.norm())
        if size == 0:
            return 1.0
        vector = vector / size
    return 1.05 * math.sqrt(size)


def slopes_of(shape: tuple[int, ...]) -> Penalty:
    """Return total variation as a penalty: Σ_r |∇f(r)| over all axes of a grid (Rudin, Osher & Fatemi 1992)."""
    slopes = Differences(shape)
    return Penalty(slopes, (len(shape),), slopes.spectrum())
