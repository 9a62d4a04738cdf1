"""A kernel whose amplitude is learnt from place to place, and the field that it makes of measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...operators import ValuesAndDetails
from ...problems.scans import Scan, forward_map, gram_bound, measurements
from ...signals.scans import SinogramSignal
from ...solvers import Penalty, PrimalDual, Sparse, Watch

__all__ = ["LocalFit", "LocalSolver", "local_penalty"]

_REWEIGHTED = 4  # times, for fields sparser than least |c|
_MIDDLE = 0.1  # of the field's largest value: details of that size have an amplitude of 1
_LEAST = 0.01  # of the same: what is added to details before their amplitude is taken
_FLOOR = 1e-3  # of the field's largest value: the smallest deviation of a value or detail
_OF_VALUES = {"ct": 0.2, "mri": 1.0}  # how much values count beside details: f ≥ 0 keeps those of CT small by itself


@dataclass(frozen=True)
class _Steps:
    """Of the solver: from nothing, from a neighbouring ridge's field, and after each reweighting."""

    first: int
    next: int
    again: int


_EXACT, _ITERATIVE = _Steps(40, 20, 20), _Steps(400, 200, 80)
_SETTLED, _SETTLED_FINAL = 3e-4, 1e-4  # the field's change in a step, relative
_FINAL = 1.5  # times the first steps, of the fit that is kept


def local_penalty(shape: tuple[int, ...]) -> Penalty:
    """|f(r)| + |details of the cell at r|: few of them are large, none where nothing is."""
    analysis = ValuesAndDetails(shape)
    return Penalty(analysis, (1, analysis.bands - 1), analysis.spectrum())


@dataclass(frozen=True)
class LocalFit:
    """A field by the kernel K = (Wᵀ diag(u) W)⁻¹, W its values and details: the posterior mean of N(0, K) given y with
    noise ν = 1, for u_g(r) = weight·w_g(r)/|(W f)_g(r)|.

    With ``amplitudes`` w that are the same everywhere (``sparsity`` 1) it is argmin ½‖A f − y‖² +
    weight·Σ w_g|(W f)_g(r)|; for a sparsity p < 1 the w are proportional to |(W f)_g(r)|^(p − 1). ``ridge`` is the
    weight in units of the solver. ``power`` is by how much K and ν have to be multiplied to be the likeliest
    covariances.
    """

    state: Sparse
    shape: tuple[int, ...]
    ridge: float
    sparsity: float
    weight: float
    amplitudes: tuple[Tensor, ...]
    power: float

    @property
    def iterations(self) -> int:
        """Steps that the solver took."""
        return self.state.steps

    @property
    def residual(self) -> float:
        """The last step's change of the field, relative."""
        return self.state.change

    @property
    def parts(self) -> Tensor:
        """The field, (p, n₁, …)."""
        return self.state.field.T.reshape(-1, *self.shape)

    def precisions(self) -> Tensor:
        """u of each band and place, (bands·n,)."""
        penalty = local_penalty(self.shape)
        bands = (penalty.analysis @ self.state.field).reshape(sum(penalty.groups), *self.state.field.shape)
        least = _FLOOR * float(self.state.field.abs().max()) or 1.0
        found = []
        for size, w, count in zip(penalty.sizes(bands), self.amplitudes, penalty.groups, strict=True):
            found.append((self.weight * w / size.clamp_min(least)).expand(count, -1, 1))
        return torch.cat(found).reshape(-1)


class LocalSolver:
    """Fits of one scan. What lets through, and does not emit, is never negative."""

    def __init__(self, scan: Scan, watch: Watch) -> None:
        self._operator, self._measured = forward_map(scan), measurements(scan)
        self._shape, self._penalty, self._watch = scan.image_shape, local_penalty(scan.image_shape), watch
        self._positive = isinstance(scan, SinogramSignal)
        shares = (_OF_VALUES[scan.kind], 1.0)
        self._even = tuple(torch.full((1, 1, 1), share, dtype=torch.float64) for share in shares)
        gram = gram_bound(scan)
        self._steps = _ITERATIVE if gram is None else _EXACT
        self._solver = PrimalDual(
            self._operator,
            self._measured,
            self._penalty,
            channels=scan.channels,
            positive=self._positive,
            gram=gram,
        )

    def fit(self, ridge: float, sparsity: float = 1.0, start: LocalFit | None = None) -> LocalFit:
        """A few steps, from a fit by another ridge or sparsity if there is one: good enough to compare."""
        steps = self._steps
        weight = ridge * self._solver.unit
        if sparsity == 1.0:
            state = self._run(weight, steps.next if start else steps.first, start, _SETTLED)
            return self._told(state, ridge, weight, 1.0, self._even)
        return self._sparser(start or self.fit(ridge), ridge, sparsity)

    def final(self, like: LocalFit) -> LocalFit:
        """To the end, from a fit to other measurements of the same field."""
        state = replace(like.state, rays=torch.zeros_like(self._measured), steps=0)
        weight = like.ridge * self._solver.unit
        even = self._run(weight, round(_FINAL * self._steps.first), replace(like, state=state), _SETTLED_FINAL)
        found = self._told(even, like.ridge, weight, 1.0, self._even)
        return found if like.sparsity == 1.0 else self._sparser(found, like.ridge, like.sparsity)

    def _run(self, weight: float, steps: int, start: LocalFit | None, tolerance: float) -> Sparse:
        before = start.state if start else None
        return self._solver.run(
            weight, steps, amplitudes=self._even, start=before, tolerance=tolerance, watch=self._watch
        )

    def _sparser(self, start: LocalFit, ridge: float, sparsity: float) -> LocalFit:
        """Iteratively reweighted (Candès, Wakin & Boyd 2008)."""
        weight, state, amplitudes = ridge * self._solver.unit, start.state, self._even
        for _ in range(_REWEIGHTED):
            amplitudes = self._amplitudes(state, sparsity)
            state = self._solver.run(
                weight,
                self._steps.again,
                amplitudes=amplitudes,
                start=state,
                tolerance=_SETTLED_FINAL,
                watch=self._watch,
            )
        return self._told(state, ridge, weight, sparsity, amplitudes)

    def _amplitudes(self, state: Sparse, sparsity: float) -> tuple[Tensor, ...]:
        peak = float(state.field.abs().max()) or 1.0
        return tuple(
            share * ((size / peak + _LEAST) / _MIDDLE) ** (sparsity - 1.0)
            for share, size in zip(self._even, self._sizes(state), strict=True)
        )

    def _sizes(self, state: Sparse) -> tuple[Tensor, ...]:
        bands = self._penalty.analysis @ state.field
        return self._penalty.sizes(bands.reshape(sum(self._penalty.groups), *state.field.shape))

    def _told(
        self,
        state: Sparse,
        ridge: float,
        weight: float,
        sparsity: float,
        amplitudes: tuple[Tensor, ...],
    ) -> LocalFit:
        state = replace(state, field=state.field.clamp(min=0)) if self._positive else state
        off = (self._operator @ state.value - self._measured).square().sum()
        spread = sum((w * size).sum() for w, size in zip(amplitudes, self._sizes(state), strict=True))
        power = float(off + weight * spread) / len(self._measured)
        return LocalFit(state, self._shape, ridge, sparsity, weight, amplitudes, power)
