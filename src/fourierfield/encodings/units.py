"""Everybody's words for bandwidth, in cycles per unit and back."""

from __future__ import annotations

import math

__all__ = [
    "from_cycles_per_sample",
    "from_nerf_levels",
    "from_siren_omega",
    "to_cycles_per_sample",
    "to_nerf_levels",
    "to_siren_omega",
]


def to_cycles_per_sample(bandwidth: float, spacing: float) -> float:
    """Cycles per sample (pixel) of ``bandwidth`` cycles per unit, for samples ``spacing`` units apart; Nyquist is ½.

    >>> to_cycles_per_sample(10.0, 1 / 512)
    0.01953125
    """
    return bandwidth * spacing


def from_cycles_per_sample(bandwidth: float, spacing: float) -> float:
    """Cycles per unit of ``bandwidth`` cycles per sample; the inverse of ``to_cycles_per_sample``."""
    return bandwidth / spacing


def to_nerf_levels(bandwidth: float, multiplier: float = 1.0) -> float:
    """Octave levels L whose highest frequency is ``bandwidth``: multiplier·2^{L−1} = 2π·bandwidth.

    >>> to_nerf_levels(64.0, multiplier=2 * math.pi)
    7.0
    """
    return 1 + math.log2(2 * math.pi * bandwidth / multiplier)


def from_nerf_levels(levels: float, multiplier: float = 1.0) -> float:
    """Highest frequency, cycles per unit, of ``levels`` octaves of phase multiplier·2^k·x."""
    return multiplier * 2 ** (levels - 1) / (2 * math.pi)


def to_siren_omega(bandwidth: float, dimensions: int) -> float:
    """SIREN's ω₀ whose first layer has frequencies of standard deviation ``bandwidth``.

    That layer is sin(ω₀·Wx) with W ~ U(−1/d, 1/d) on x in [−1, 1], two units long: ω₀ = πd√3·bandwidth.
    """
    return math.pi * dimensions * math.sqrt(3) * bandwidth


def from_siren_omega(omega: float, dimensions: int) -> float:
    """Standard deviation, cycles per unit, of the first layer of a SIREN with ω₀ = ``omega``.

    >>> round(from_siren_omega(30.0, 2), 3)
    2.757
    """
    return omega / (math.pi * dimensions * math.sqrt(3))
