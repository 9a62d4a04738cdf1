"""The kernel h_γ of an encoding, with its own m frequencies or in the limit of infinitely many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ._stationary import BLOCK, StationaryKernel

_NEAR = 1e-4  # of k(0) = 1: smaller gaps are computed from differences, as inner products lose four digits there


@dataclass(frozen=True, eq=False)
class _OfEncoding(StationaryKernel):
    """A kernel of an encoding, whose metric is that of the bandwidths of its frequencies' law."""

    encoding: FourierEncoding

    @property
    def dimensions(self) -> int:
        return self.encoding.dimensions

    def metric(self, dimensions: int) -> tuple[float, ...]:
        scales = self.encoding.bandwidth if isinstance(self.encoding.bandwidth, tuple) else (1.0,) * dimensions
        return tuple(scale / max(scales) for scale in scales)

    def _require_dimensions(self, given: int) -> None:
        if given != self.dimensions:
            raise ValueError(f"the encoding takes {self.dimensions} coordinates, the points have {given}")


@dataclass(frozen=True, eq=False)
class EncodingKernel(_OfEncoding):
    """The kernel h_γ(δ) = Σ a_j² cos(2π b_j·δ) / Σ a_j² with the m frequencies that an encoding holds.

    Its gap is 1 − h_γ = 2 Σ a_j² sin²(π b_j·δ) / Σ a_j². Raises ``ValueError`` if the encoding has raw input, if its
    amplitudes are all zero, or if points have another dimension.

    >>> from fourierfield.encodings import basic
    >>> EncodingKernel(basic(1))(torch.tensor([[0.0], [0.125], [0.5]]))
    tensor([ 1.0000,  0.7071, -1.0000], dtype=torch.float64)
    """

    def __post_init__(self) -> None:
        family = self.encoding.family
        if self.encoding.raw_input != "none":
            raise ValueError(f"the {family} encoding contains the raw coordinates: its kernel is not stationary")
        if not bool(self.encoding.amplitudes.any()):
            raise ValueError(f"the {family} encoding has no amplitude above zero: it has no kernel")

    def gap(self, difference: Tensor) -> Tensor:
        self._require_dimensions(difference.shape[-1])
        frequencies, shares = self._measure(difference.device)
        flat = difference.reshape(-1, self.dimensions).double()
        blocks = flat.split(max(1, BLOCK // len(shares)))
        values = [torch.sin(math.pi * _cycles(block, frequencies)).square_() @ (2 * shares) for block in blocks]
        return torch.cat(values).reshape(difference.shape[:-1])

    def gap_between(self, left: Tensor, right: Tensor) -> Tensor:
        """Return the gaps of all pairs, by inner products of γ for distant points and by differences for near ones."""
        self._require_dimensions(left.shape[-1])
        frequencies, shares = self._measure(left.device)
        left, right = left.double(), right.double()
        features = _features(right, frequencies, shares)
        blocks = left.split(max(1, BLOCK // max(len(right), len(shares))))
        return torch.cat([self._gap_of_block(block, right, features, frequencies, shares) for block in blocks])

    def _gap_of_block(
        self, left: Tensor, right: Tensor, features: Tensor, frequencies: Tensor, shares: Tensor
    ) -> Tensor:
        gap = 1 - _features(left, frequencies, shares) @ features.T
        row, column = torch.nonzero(gap < _NEAR, as_tuple=True)
        gap[row, column] = self.gap(left[row] - right[column])
        return gap

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """Return the gaps on a lattice by two matrix products: waves at a sum of offsets follow from those at each."""
        self._require_dimensions(len(axes))
        frequencies, shares = self._measure(axes[0].device)
        first, *between = [_Waves.along(axis.double(), frequencies[:, a]) for a, axis in enumerate(axes)]
        last = between.pop() if between else _Waves(first.versine.new_zeros(1, len(shares)), first.sine[:1] * 0)
        size = math.prod(len(waves.sine) for waves in between) * len(shares)
        blocks = []
        for left in first.split(max(1, BLOCK // size)):
            for middle in between:
                left = left.plus(middle)
            blocks.append(left.gap(last, shares))
        return torch.cat(blocks).reshape([len(axis) for axis in axes])

    def _measure(self, device: torch.device) -> tuple[Tensor, Tensor]:
        power = self.encoding.amplitudes.to(device, torch.float64) ** 2
        return self.encoding.frequencies.to(device, torch.float64), power / power.sum()


class _Waves(NamedTuple):
    """V = 1 − cos 2πb·δ and S = sin 2πb·δ of n offsets and m frequencies, (n, m); both are small if b·δ is."""

    versine: Tensor
    sine: Tensor

    @classmethod
    def along(cls, offsets: Tensor, frequencies: Tensor) -> _Waves:
        """Return the waves along one axis."""
        half = math.pi * _cycles(offsets[:, None], frequencies[:, None])
        sine = torch.sin(half)
        return cls(2 * sine**2, 2 * sine * torch.cos(half))

    def plus(self, other: _Waves) -> _Waves:
        """Return the waves at sums of offsets: V_x + V_y − V_x V_y + S_x S_y and S_x(1 − V_y) + (1 − V_x)S_y."""
        v, s = self.versine[:, None], self.sine[:, None]
        versine = v + other.versine - v * other.versine + s * other.sine
        sine = s * (1 - other.versine) + (1 - v) * other.sine
        return _Waves(versine.flatten(0, 1), sine.flatten(0, 1))

    def gap(self, other: _Waves, shares: Tensor) -> Tensor:
        """Return Σ_j s_j V_j at every sum of two offsets, (n, n')."""
        own = (self.versine @ shares)[:, None]
        crossed = torch.addmm(own, (1 - self.versine) * shares, other.versine.T)
        return crossed.addmm_(self.sine * shares, other.sine.T).clamp_(min=0)

    def split(self, rows: int) -> list[_Waves]:
        """Split the waves into blocks of ``rows`` offsets."""
        return [_Waves(*parts) for parts in zip(self.versine.split(rows), self.sine.split(rows), strict=True)]


@dataclass(frozen=True, eq=False)
class LimitKernel(_OfEncoding):
    """The kernel h_γ for m → ∞, if the encoding's family has it in closed form.

    The gap is accurate to 1e-15 of k(0), not to its own last digit. Raises ``ValueError`` if there is no closed form.
    """

    def __post_init__(self) -> None:
        if self.encoding.law is None:
            raise ValueError(f"the {self.encoding.family} encoding has no closed-form kernel for m → ∞")

    def gap(self, difference: Tensor) -> Tensor:
        self._require_dimensions(difference.shape[-1])
        return (1 - self.encoding.limit_kernel(difference)).clamp_(min=0)


def _cycles(points: Tensor, frequencies: Tensor) -> Tensor:
    """Return b·δ (N, m) less the nearest whole number, which does not change sin²."""
    cycles = points @ frequencies.T
    return cycles.sub_(cycles.round())


def _features(points: Tensor, frequencies: Tensor, shares: Tensor) -> Tensor:
    """Return γ in float64, scaled to unit length, (N, 2m)."""
    phase = 2 * math.pi * _cycles(points, frequencies)
    return torch.cat([torch.cos(phase), torch.sin(phase)], dim=1) * shares.sqrt().repeat(2)
