"""Stationary kernels that depend on one radius, evaluated from a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ._stationary import StationaryKernel

_KNOTS = 64  # per 1/2π of the scaled radius: cubic pieces of the gap are then accurate to 1e-9 of k(0)
_MOST_KNOTS = 1 << 22  # bounds the memory of a table, at 128 MiB
_BLOCK = 1 << 16  # values evaluated at once: few enough to stay in the processor's cache
_FLAT = 1e-12  # of k(0): a kernel whose value changes by no more than this has reached its floor
# Weights that extrapolate a quotient from knots 1 to 8 to 0, where it is 0/0: those of a polynomial of degree 7.
_TO_ZERO = [8, -28, 56, -70, 56, -28, 8, -1]


@dataclass(frozen=True, eq=False)
class RadialKernel(StationaryKernel):
    """A kernel k(δ) that depends on the radius r = |σ∘δ| alone, evaluated from a table.

    A value takes some 20 ns, where the NTK itself takes 200. ``kernel`` is the kernel itself, and ``scale`` is σ (d,),
    as in the law of its encoding (the kernels of all laws but the positional one are of this kind). ``longest`` is the
    largest r that will be evaluated; beyond it the value there is returned. The table holds gap(r)/r as cubic pieces,
    so that the gap keeps its digits where it is small. For kernels that are analytic in r, as the networks' kernels
    are, it is accurate to 1e-9 of k(0) and to 1e-5 of itself. If ``longest`` exceeds 10,000, the pieces are longer, and
    accurate to 1e-5 of k(0).

    Raises ``ValueError`` if ``kernel`` is not a function of that radius, or if points have another dimension.

    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> RadialKernel(GaussianKernel(1.0), (1.0, 1.0), 2.0)(torch.tensor([[0.0, 0.0], [0.06, 0.08]]))
    tensor([1.0000, 0.8209], dtype=torch.float64)
    """

    kernel: StationaryKernel
    scale: tuple[float, ...]
    longest: float

    def __post_init__(self) -> None:
        if not all(0 < s < math.inf for s in self.scale) or not 0 < self.longest < math.inf:
            raise ValueError(f"the scales and the longest radius must be positive, not {self.scale} and {self.longest}")
        self._require_radial()

    @property
    def dimensions(self) -> int:
        return len(self.scale)

    @property
    def at_zero(self) -> float:
        return self.kernel.at_zero

    @property
    def ends_at(self) -> float:
        return self._table[1] / max(self.scale)

    def metric(self, dimensions: int) -> tuple[float, ...]:
        return tuple(s / max(self.scale) for s in self.scale)

    def radius(self, difference: Tensor) -> Tensor:
        """Return |σ∘δ| for δ (…, d), as (…,)."""
        return self._scaled(difference).norm(dim=-1)

    def gap(self, difference: Tensor) -> Tensor:
        return self.gap_of_radius(self.radius(difference))

    def gap_of_radius(self, radius: Tensor) -> Tensor:
        """Return k(0) − k at radii r (…,)."""
        pieces, reach, step = self._table
        columns = [piece.to(radius.device) for piece in pieces]
        blocks = radius.clamp(max=min(reach, len(pieces[0]) * step)).reshape(-1).split(_BLOCK)
        return torch.cat([_evaluate(columns, step, block) for block in blocks]).reshape(radius.shape)

    def gap_between(self, left: Tensor, right: Tensor) -> Tensor:
        left, right = self._scaled(left), self._scaled(right)
        rows = max(1, _BLOCK // max(1, len(right)))
        mode = "donot_use_mm_for_euclid_dist"  # matrix products would lose half the digits of small distances
        return torch.cat(
            [self.gap_of_radius(torch.cdist(block, right, compute_mode=mode)) for block in left.split(rows)]
        )

    @cached_property
    def _table(self) -> tuple[list[Tensor], float, float]:
        """The pieces' coefficients by rising power, four times (n,), the reach, and the length of a piece.

        From the reach on, k stays at its floor to 1e-12 of k(0); it is infinite if k never does.
        """
        reach = self._find_reach()
        longest = min(reach, self.longest)
        step = max(1 / (2 * math.pi * _KNOTS), longest / _MOST_KNOTS)
        count = max(8, math.ceil(longest / step))
        radii = step * torch.arange(count + 1, dtype=torch.float64)
        quotient = self._along_first_axis(radii[1:]) / radii[1:]
        limit = torch.tensor(_TO_ZERO, dtype=torch.float64) @ quotient[: len(_TO_ZERO)]
        return _cubic_pieces(torch.cat([limit.clamp(min=0)[None], quotient])), reach, step

    def _find_reach(self) -> float:
        """Return the radius of the last change by over 1e-12 of k(0), among radii 2 % apart; infinity for the last."""
        first = min(1e-3, self.longest / 2)
        count = math.ceil(math.log(self.longest / first) / 0.02) + 1
        radii = torch.logspace(math.log10(first), math.log10(self.longest), max(count, 2), dtype=torch.float64)
        gap = self._along_first_axis(radii)
        changed = ((gap - gap[-1]).abs() > _FLAT * self.at_zero).nonzero()
        last = int(changed[-1]) + 1 if len(changed) else 0
        return math.inf if last >= len(radii) - 2 else float(radii[last])

    def _along_first_axis(self, radii: Tensor) -> Tensor:
        offsets = radii.new_zeros(len(radii), self.dimensions)
        offsets[:, 0] = radii / self.scale[0]
        return torch.cat([self.kernel.gap(block) for block in offsets.split(1 << 18)])

    def _scaled(self, points: Tensor) -> Tensor:
        if points.shape[-1] != self.dimensions:
            raise ValueError(f"the kernel takes {self.dimensions} coordinates, the points have {points.shape[-1]}")
        return points.double() * torch.tensor(self.scale, dtype=torch.float64, device=points.device)

    def _require_radial(self) -> None:
        directions = torch.randn(8, self.dimensions, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        nearest = min(1.0, self.longest)  # kernels of frequency laws vary up to a radius of about 1, as σ is in cycles
        radii = torch.logspace(math.log10(0.01 * nearest), math.log10(self.longest), 8, dtype=torch.float64)
        offsets = radii[:, None] * directions / directions.norm(dim=1, keepdim=True) / torch.tensor(self.scale)
        straight = self._along_first_axis(radii)
        if bool(((self.kernel.gap(offsets) - straight).abs() > 1e-6 * self.at_zero).any()):
            raise ValueError(f"the kernel is not a function of the radius |σ∘δ| with σ = {self.scale}")


def _evaluate(columns: list[Tensor], step: float, radius: Tensor) -> Tensor:
    count = len(columns[0])
    place = (radius * (1 / step)).clamp_(max=count * (1 - 1e-12))
    number = place.nan_to_num().to(torch.int32)  # NaN is passed on through ``within``
    within = place - number
    a, b, c, d = (column.index_select(0, number) for column in columns)
    quotient = d.mul_(within).add_(c).mul_(within).add_(b).mul_(within).add_(a)
    return quotient.mul_(radius)


def _cubic_pieces(values: Tensor) -> list[Tensor]:
    """Return the coefficients of the cubic spline through values at 0, 1, …, n: by rising power, (n,) each."""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(torch.arange(len(values)).numpy(), values.numpy())
    return [torch.from_numpy(power.copy()) for power in spline.c[::-1]]
