"""The encodings that are tried: families, bandwidths, one bandwidth per axis, other numbers of frequencies."""

from __future__ import annotations

import math
from dataclasses import replace

from ..encodings._registry import DEFAULT_FEATURES, FAMILIES, Family, four_digits
from ..encodings._spec import EncodingSpec

_UNLIKE = 1.3  # ratio of bandwidths below which axes are treated alike, so that no forecast is spent on them


def first_candidates(rate: float, dimensions: int, features: int | None) -> list[EncodingSpec]:
    """Return what is tried on every signal of ``rate`` training samples per unit: 42 encodings of eight families.

    >>> len(first_candidates(256.0, 2, None)), len(first_candidates(4096.0, 1, 64))
    (42, 42)
    """
    return [
        EncodingSpec(family.name, bandwidth, _features(family, features, dimensions))
        for family in _in_order()
        for bandwidth in (family.ladder.bandwidths(rate) if family.ladder else [None])
    ]


def finer(around: EncodingSpec, level: int, rate: float) -> list[EncodingSpec]:
    """Return bandwidths halfway to an encoding's neighbours on its ladder, whose steps were halved ``level`` times."""
    ladder = FAMILIES[around.family].ladder
    if ladder is None:
        return []
    assert isinstance(around.bandwidth, float)
    return [replace(around, bandwidth=bandwidth) for bandwidth in ladder.between(around.bandwidth, level, rate)]


def other_counts(encoding: EncodingSpec, dimensions: int) -> list[EncodingSpec]:
    """Return the encoding with about half and twice as many frequencies, for families that do not set their own."""
    family = FAMILIES[encoding.family]
    if not family.searched or family.sets_features:
        return []
    count = encoding.features or DEFAULT_FEATURES
    others = [family.divisible(other, dimensions) for other in (max(1, count // 2), 2 * count)]
    return [replace(encoding, features=other) for other in others if other != count]


def anisotropic(encoding: EncodingSpec, ratios: tuple[float, ...]) -> EncodingSpec | None:
    """Return the encoding with a bandwidth per axis in ratios of mean 1; None for families without, or alike ones."""
    family = FAMILIES[encoding.family]
    if max(ratios) < _UNLIKE * min(ratios) or not (family.searched and family.per_axis):
        return None
    assert isinstance(encoding.bandwidth, float)
    return replace(encoding, bandwidth=tuple(four_digits(encoding.bandwidth * ratio) for ratio in ratios))


def per_axis_ratio(slopes: tuple[float, ...]) -> tuple[float, ...]:
    """Compute the ratios, in [1/4, 4], of a signal's RMS slopes to their geometric mean, from mean squares per axis.

    The smallest are raised until the largest ratio is 4 at most, so that their geometric mean is always 1.

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


def _in_order() -> list[Family]:
    """Return the families in the order of a search: those without a bandwidth, random frequencies, those along axes."""
    tried = [family for family in FAMILIES.values() if family.searched or not family.has_bandwidth]
    return sorted(tried, key=lambda family: (family.has_bandwidth, family.on_axes, family.sets_features))


def _features(family: Family, features: int | None, dimensions: int) -> int | None:
    """Return the number of frequencies of a candidate; None for the family's own."""
    if family.sets_features:
        return None
    if not family.on_axes:
        return features
    return family.divisible(DEFAULT_FEATURES if features is None else features, dimensions)
