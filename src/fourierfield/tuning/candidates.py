"""Which encodings are tried: families, ladders of bandwidths, an anisotropic one, other numbers of frequencies."""

from __future__ import annotations

import math
from dataclasses import replace

from ..encodings import EncodingSpec

__all__ = ["anisotropic", "finer", "first_candidates", "ladder_ratio", "other_counts", "per_axis_ratio"]

LADDERS = {  # bandwidths as shares of the training samples per unit: from, to (docs/tune.md), how many
    "gaussian": (1 / 160, 1 / 5, 12),
    "laplace": (1 / 160, 1 / 10, 6),
    "uniform": (1 / 80, 1 / 4, 6),
    "log-uniform": (1 / 40, 1 / 4, 6),
    "positional": (1 / 40, 1 / 5, 6),
}
LEAST = 0.05  # cycles per unit: below, a feature hardly changes over the whole signal
_DEFAULT_FREQUENCIES = 256
_UNLIKE = 1.3  # axes whose bandwidths would differ by less are treated alike


def first_candidates(rate: float, dimensions: int, features: int | None) -> list[EncodingSpec]:
    """What every signal is tried with, for ``rate`` training samples per unit: some 42 encodings of eight families.

    ``features`` None takes each family's default number.

    >>> len(first_candidates(256.0, 2, None)), len(first_candidates(4096.0, 1, 64))
    (42, 42)
    """
    ladders = [
        EncodingSpec(family, _rounded(bandwidth), _divisible(family, features, dimensions))
        for family, (low, high, count) in LADDERS.items()
        for bandwidth in _ladder(low * rate, high * rate, count)
        if _allowed(family, bandwidth)
    ]
    return [EncodingSpec("none"), EncodingSpec("basic"), *ladders, *_octaves(rate)]


def finer(around: EncodingSpec, ratio: float, rate: float) -> list[EncodingSpec]:
    """The bandwidths between an encoding and its neighbours on a ladder of this ratio, where the family has them."""
    assert isinstance(around.bandwidth, float)
    between = [around.bandwidth * ratio**power for power in (-0.5, 0.5)]
    top = LADDERS[around.family][1] * rate
    return [replace(around, bandwidth=_rounded(b)) for b in between if b <= top and _allowed(around.family, b)]


def ladder_ratio(family: str) -> float:
    """Ratio of neighbouring bandwidths of a family's ladder."""
    low, high, count = LADDERS[family]
    return float((high / low) ** (1 / (count - 1)))


def other_counts(encoding: EncodingSpec, dimensions: int) -> list[EncodingSpec]:
    """The same with about half and twice as many frequencies, for families that do not set their own."""
    if encoding.family not in LADDERS:
        return []
    count = encoding.features or _DEFAULT_FREQUENCIES
    others = [_divisible(encoding.family, other, dimensions) for other in (max(1, count // 2), 2 * count)]
    return [replace(encoding, features=other) for other in others if other != count]


def anisotropic(encoding: EncodingSpec, ratios: tuple[float, ...]) -> EncodingSpec | None:
    """The same with one bandwidth per axis, in these ratios of geometric mean 1; None where they hardly differ, and for
    families that have one for all."""
    if max(ratios) < _UNLIKE * min(ratios) or encoding.family not in LADDERS:
        return None
    assert isinstance(encoding.bandwidth, float)
    return replace(encoding, bandwidth=tuple(_rounded(encoding.bandwidth * ratio) for ratio in ratios))


def per_axis_ratio(slopes: tuple[float, ...]) -> tuple[float, ...]:
    """How the root mean square slopes of a signal along its axes differ, divided by their geometric mean, in [1/4, 4].

    The smallest ones are raised as far as that takes, so that the geometric mean of the ratios is 1 always.

    >>> per_axis_ratio((16.0, 1.0)), per_axis_ratio((0.0, 1.0))
    ((2.0, 0.5), (0.25, 4.0))
    """
    d, steepest = len(slopes), max(slopes)
    if d == 1 or steepest <= 0:
        return (1.0,) * d
    least = 4.0 ** (-d / (d - 1))  # one axis this far below all others: it is 1/4 of the mean
    roots = [max(least, math.sqrt(slope / steepest)) for slope in slopes]
    mean = math.prod(roots) ** (1 / d)
    return tuple(root / mean for root in roots)


def _allowed(family: str, bandwidth: float) -> bool:
    """Log-uniform frequencies begin at 1 cycle per unit."""
    return _rounded(bandwidth) > (1.0 if family == "log-uniform" else LEAST)


def _ladder(low: float, high: float, count: int) -> list[float]:
    return [low * (high / low) ** (i / (count - 1)) for i in range(count)]


def _octaves(rate: float) -> list[EncodingSpec]:
    """NeRF's octaves up to a fortieth to a fifth of the sampling rate: farther they mislead as positional ones do."""
    tops = range(math.floor(math.log2(max(2.0, rate / 40))), math.floor(math.log2(max(2.0, rate / 5))) + 1)
    return [EncodingSpec("nerf", float(2**top)) for top in tops]


def _divisible(family: str, features: int | None, dimensions: int) -> int | None:
    """A positional encoding has equally many frequencies per axis."""
    if family != "positional":
        return features
    return max(1, (256 if features is None else features) // dimensions) * dimensions


def _rounded(bandwidth: float) -> float:
    """To four digits: a bandwidth is never known better."""
    return float(f"{bandwidth:.4g}")
