"""Conversions of a bandwidth in cycles per unit to the measures of other packages, and back."""

from __future__ import annotations

import math


def to_cycles_per_sample(bandwidth: float, spacing: float) -> float:
    """Convert cycles per unit to cycles per sample (pixel), for samples ``spacing`` units apart; Nyquist is ½.

    >>> to_cycles_per_sample(10.0, 1 / 512)
    0.01953125
    """
    return bandwidth * spacing


def from_cycles_per_sample(bandwidth: float, spacing: float) -> float:
    """Convert cycles per sample to cycles per unit; the inverse of ``to_cycles_per_sample``."""
    return bandwidth / spacing


def to_nerf_levels(bandwidth: float, multiplier: float = 1.0) -> float:
    """Return the number of octaves L whose highest frequency is ``bandwidth``: multiplier·2^{L−1} = 2π·bandwidth.

    >>> to_nerf_levels(64.0, multiplier=2 * math.pi)
    7.0
    """
    return 1 + math.log2(2 * math.pi * bandwidth / multiplier)


def from_nerf_levels(levels: float, multiplier: float = 1.0) -> float:
    """Return the highest frequency, in cycles per unit, of ``levels`` octaves of phase multiplier·2^k·x."""
    return multiplier * 2 ** (levels - 1) / (2 * math.pi)


def to_siren_omega(bandwidth: float, dimensions: int) -> float:
    """Return the ω₀ of a SIREN whose first layer has frequencies of standard deviation ``bandwidth``.

    That layer is sin(ω₀·Wx) with W ~ U(−1/d, 1/d). Its x spans [−1, 1], two units, so that ω₀ = πd√3·bandwidth.
    """
    return math.pi * dimensions * math.sqrt(3) * bandwidth


def from_siren_omega(omega: float, dimensions: int) -> float:
    """Return the standard deviation, in cycles per unit, of the frequencies in a SIREN's first layer, ω₀ = ``omega``.

    >>> round(from_siren_omega(30.0, 2), 3)
    2.757
    """
    return omega / (math.pi * dimensions * math.sqrt(3))
