"""Fit a kernel whose amplitude is learnt from place to place, and its field, to measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...operators._cells import ValuesAndDetails
from ...solvers._cg import Watch
from ...solvers._sparse import Penalty, PrimalDual, Sparse
from ._judging import gram_bound
from ._problem import Scan, forward_map, measurements
from ._sinogram import SinogramSignal

_REWEIGHTED = 4  # rounds of reweighting, for fields sparser than those of least |c|
_MIDDLE = 0.1  # of the field's largest value: details of that size have an amplitude of 1
_LEAST = 0.01  # of the same: added to details before their amplitude is taken, which keeps it finite
_FLOOR = 1e-3  # of the field's largest value: the smallest deviation of a value or detail
_OF_VALUES = {"ct": 0.2, "mri": 1.0}  # weight of values relative to details: f ≥ 0 keeps those of CT small


@dataclass(frozen=True)
class _Steps:
    """The most steps of the solver: from nothing, from a neighbouring ridge's field, and after each reweighting."""

    first: int
    next: int
    again: int


# where AᵀA is circulant the solver's steps are all but Newton's, and a few dozen suffice
_EXACT, _ITERATIVE = _Steps(40, 20, 20), _Steps(400, 200, 80)
_SETTLED, _SETTLED_FINAL = 3e-4, 1e-4  # relative change of the field in a step at which trials and the final fit stop
_FINAL = 1.5  # times the first steps: the most steps of the fit that is kept


def local_penalty(shape: tuple[int, ...]) -> Penalty:
    """Return the penalty |f(r)| + |details of the cell at r|.

    It expects few of them to be large, and all to be zero where the field is empty.
    """
    analysis = ValuesAndDetails(shape)
    return Penalty(analysis, (1, analysis.bands - 1), analysis.spectrum())


@dataclass(frozen=True)
class LocalFit:
    """A field by the kernel K = (Wᵀ diag(u) W)⁻¹, with W f the field's values and details.

    The field is the posterior mean of N(0, K) given y with noise ν = 1, for u_g(r) = weight·w_g(r)/|(W f)_g(r)|.

    With ``amplitudes`` w that are the same everywhere (``sparsity`` 1) it is argmin ½‖A f − y‖² + weight·Σ w_g|(W
    f)_g(r)|; for a sparsity p < 1 the w are proportional to |(W f)_g(r)|^(p − 1). ``ridge`` is the weight in units of
    the solver. ``power`` is the factor by which K and ν must be multiplied to be the likeliest covariances.
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
        """The number of steps that the solver took."""
        return self.state.steps

    @property
    def residual(self) -> float:
        """The relative change of the field in the last step."""
        return self.state.change

    @property
    def parts(self) -> Tensor:
        """The field's values, (p, n₁, …)."""
        return self.state.field.T.reshape(-1, *self.shape)

    def precisions(self) -> Tensor:
        """Return u of each band and place, (bands·n,)."""
        penalty = local_penalty(self.shape)
        bands = (penalty.analysis @ self.state.field).reshape(sum(penalty.groups), *self.state.field.shape)
        least = _FLOOR * float(self.state.field.abs().max()) or 1.0
        found = []
        for size, w, count in zip(penalty.sizes(bands), self.amplitudes, penalty.groups, strict=True):
            found.append((self.weight * w / size.clamp_min(least)).expand(count, -1, 1))
        return torch.cat(found).reshape(-1)


class LocalSolver:
    """A solver for fits of one scan; an absorption is never negative."""

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
        """Fit in a few steps, well enough to compare fits.

        ``start`` is a fit with another ridge or sparsity to begin from, if there is one.
        """
        steps = self._steps
        weight = ridge * self._solver.unit
        if sparsity == 1.0:
            state = self._run(weight, steps.next if start else steps.first, start, _SETTLED)
            return self._as_fit(state, ridge, weight, 1.0, self._even)
        return self._sparser(start or self.fit(ridge), ridge, sparsity)

    def final(self, like: LocalFit) -> LocalFit:
        """Fit to the end, starting from a fit to other measurements of the same field and with its settings."""
        state = replace(like.state, rays=torch.zeros_like(self._measured), steps=0)
        weight = like.ridge * self._solver.unit
        even = self._run(weight, round(_FINAL * self._steps.first), replace(like, state=state), _SETTLED_FINAL)
        found = self._as_fit(even, like.ridge, weight, 1.0, self._even)
        return found if like.sparsity == 1.0 else self._sparser(found, like.ridge, like.sparsity)

    def _run(self, weight: float, steps: int, start: LocalFit | None, tolerance: float) -> Sparse:
        before = start.state if start else None
        return self._solver.run(
            weight, steps, amplitudes=self._even, start=before, tolerance=tolerance, watch=self._watch
        )

    def _sparser(self, start: LocalFit, ridge: float, sparsity: float) -> LocalFit:
        """Fit a sparser field by iterative reweighting (Candès, Wakin & Boyd 2008)."""
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
        return self._as_fit(state, ridge, weight, sparsity, amplitudes)

    def _amplitudes(self, state: Sparse, sparsity: float) -> tuple[Tensor, ...]:
        peak = float(state.field.abs().max()) or 1.0
        return tuple(
            share * ((size / peak + _LEAST) / _MIDDLE) ** (sparsity - 1.0)
            for share, size in zip(self._even, self._sizes(state), strict=True)
        )

    def _sizes(self, state: Sparse) -> tuple[Tensor, ...]:
        bands = self._penalty.analysis @ state.field
        return self._penalty.sizes(bands.reshape(sum(self._penalty.groups), *state.field.shape))

    def _as_fit(
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
