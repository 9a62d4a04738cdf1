"""Sums of plane waves at scattered points, by FINUFFT."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ._base import LinearOperator

_SMALL = 500_000  # points and waves together: below, one thread is faster than several
# From this tolerance FINUFFT's fine grid need only be 1.25 times as fine, not twice, which halves the time.
_COARSE = 1e-8


class FourierSum(LinearOperator):
    """The map c ↦ Σ_ξ c_ξ e^{2πi ξ·x_j/P} at points x_j (N, d), d ≤ 3: from prod(``modes``) coefficients to N values.

    Coefficients and values are complex. ``modes`` are the numbers of waves per axis, which are even, with ξ from −n/2
    to n/2 − 1 in C order; ``period`` is P per axis. Sums are accurate to ``tolerance`` relative to the norm of c
    (Barnett, Magland & af Klinteberg 2019). The adjoint is the type-1 transform, on one thread, which gives the same
    bits each time. Raises ``ValueError`` unless points are (N, 1 to 3).

    >>> points = torch.tensor([[0.0], [0.25]], dtype=torch.float64)
    >>> waves = FourierSum(points, (4,), (1.0,))
    >>> (waves @ torch.tensor([0, 0, 0, 1], dtype=torch.complex128)).real.round(decimals=6) + 0.0
    tensor([1., 0.], dtype=torch.float64)
    """

    def __init__(
        self, points: Tensor, modes: tuple[int, ...], period: tuple[float, ...], tolerance: float = 1e-9
    ) -> None:
        if points.ndim != 2 or not 1 <= points.shape[1] == len(modes) == len(period) <= 3:
            raise ValueError(f"sums of waves take points (N, {len(modes)}) of up to 3 axes, not {tuple(points.shape)}")
        super().__init__((len(points), math.prod(modes)), torch.complex128)
        self.modes, self.period = modes, period
        phases = points.double() * torch.tensor([2 * math.pi / p for p in period], dtype=torch.float64)
        self._phases = [np.ascontiguousarray(axis.numpy()) for axis in phases.unbind(1)]
        self._tolerance = tolerance
        self._waves: np.ndarray | None = None
        self._plans = {kind: self._plan(kind) for kind in (1, 2)} if len(points) else {}

    def _plan(self, kind: int):  # type: ignore[no-untyped-def]
        import finufft

        sign = -1 if kind == 1 else 1
        fine = 1.25 if self._tolerance >= _COARSE else 2.0
        # Several threads would add to the grid of a type-1 transform in an order that varies.
        small = kind == 1 or self.shape[0] + self.shape[1] < _SMALL
        threads = 1 if small else torch.get_num_threads()
        plan = finufft.Plan(kind, self.modes, eps=self._tolerance, isign=sign, nthreads=threads, upsampfac=fine)
        plan.setpts(*self._phases)
        return plan

    def filtered(self, x: Tensor, coefficients: Tensor) -> Tensor:
        """Return F diag(c) Fᴴ x for x (N, k) complex, c real ``coefficients``; the memory of waves is kept."""
        if not self._plans:
            return x
        if self._waves is None:
            self._waves = np.empty(self.modes, dtype=np.complex128)
        found = np.empty((x.shape[1], self.shape[0]), dtype=np.complex128)
        for column, out in zip(x.unbind(1), found, strict=True):
            self._plans[1].execute(np.ascontiguousarray(column.numpy()), out=self._waves)
            self._waves *= coefficients.numpy()
            self._plans[2].execute(self._waves, out=out)
        return torch.from_numpy(found).T

    def _forward(self, x: Tensor) -> Tensor:
        if not self._plans:
            return x.new_zeros(0, x.shape[1])
        columns = [self._plans[2].execute(np.ascontiguousarray(c.numpy()).reshape(self.modes)) for c in x.unbind(1)]
        return _side_by_side(columns)

    def _adjoint(self, y: Tensor) -> Tensor:
        if not self._plans:
            return y.new_zeros(self.shape[1], y.shape[1])
        complex_columns = [np.ascontiguousarray(c.numpy(), dtype=np.complex128) for c in y.unbind(1)]
        return _side_by_side([self._plans[1].execute(c).ravel() for c in complex_columns])


def _side_by_side(columns: list[np.ndarray]) -> Tensor:
    """Join columns into a matrix, without copying a single column."""
    return torch.from_numpy(columns[0][:, None] if len(columns) == 1 else np.stack(columns, axis=1))


def mode_numbers(count: int) -> Tensor:
    """Return the wave numbers ξ from −n/2 to n/2 − 1, (n,) float64.

    >>> mode_numbers(4)
    tensor([-2., -1.,  0.,  1.], dtype=torch.float64)
    """
    return torch.arange(count, dtype=torch.float64) - count // 2
