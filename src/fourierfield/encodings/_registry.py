"""The families of encodings that can be chosen by name: a new family is one entry of ``FAMILIES``.

An entry says how a family is drawn, what its bandwidth means, how the tuner searches it and how other packages write
it. This module imports neither PyTorch nor NumPy, so that help texts can list the families: the functions of an entry
import what they need when they are called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

DEFAULT_FEATURES = 256  # frequencies of an encoding where no number is given (the paper's m for images)
LEAST_BANDWIDTH = 0.05  # cycles per unit: below this, a feature hardly changes over the whole signal

Bandwidths = float | tuple[float, ...]  # cycles per unit, one for all axes or one per axis
Translator = Literal["octaves", "powers", "gaussian", "deviation"]

if TYPE_CHECKING:
    from torch import Generator

    from ._fourier import FourierEncoding
    from ._laws import FrequencyLaw

    # How a family is built whose frequencies are not drawn from a law: from dimensions, bandwidth (1 for a family
    # without one), features and generator.
    Builder = Callable[[int, Bandwidths, int, Generator], FourierEncoding]
    Law = Callable[[tuple[float, ...]], FrequencyLaw]  # the law of frequencies at one bandwidth per axis


@dataclass(frozen=True)
class Ladder:
    """Bandwidths that the tuner tries, ``count`` of them from ``low`` to ``high`` in equal ratios.

    ``low`` and ``high`` are shares of the sampling rate (training samples per unit). Bandwidths of ``above`` cycles
    per unit or less are left out.
    """

    low: float
    high: float
    count: int
    above: float = LEAST_BANDWIDTH

    @property
    def ratio(self) -> float:
        """The ratio of neighbouring bandwidths."""
        return float((self.high / self.low) ** (1 / (self.count - 1)))

    def bandwidths(self, rate: float) -> list[float]:
        """Return the bandwidths in cycles per unit for ``rate`` training samples per unit.

        >>> Ladder(1 / 40, 1 / 5, 4).bandwidths(200.0)
        [5.0, 10.0, 20.0, 40.0]
        """
        low, high = self.low * rate, self.high * rate
        return self._allowed([low * (high / low) ** (i / (self.count - 1)) for i in range(self.count)])

    def between(self, bandwidth: float, level: int, rate: float) -> list[float]:
        """Return two bandwidths around ``bandwidth``, half a step away after halving the steps ``level`` times.

        >>> Ladder(1 / 40, 1 / 5, 4).between(10.0, 0, 200.0)
        [7.071, 14.14]
        """
        ratio = self.ratio**0.5**level
        around = [bandwidth * ratio**power for power in (-0.5, 0.5)]
        return self._allowed([other for other in around if other <= self.high * rate])

    def _allowed(self, bandwidths: list[float]) -> list[float]:
        return [rounded for rounded in map(four_digits, bandwidths) if rounded > self.above]


@dataclass(frozen=True)
class Octaves:
    """Powers of two as bandwidths; ``longest`` and ``shortest`` bound the highest one's period, in training samples."""

    longest: float
    shortest: float

    def bandwidths(self, rate: float) -> list[float]:
        """Return the bandwidths in cycles per unit, 2 or more, for ``rate`` training samples per unit.

        >>> Octaves(40, 5).bandwidths(200.0)
        [4.0, 8.0, 16.0, 32.0]
        """
        low, high = (math.floor(math.log2(max(2.0, rate / period))) for period in (self.longest, self.shortest))
        return [float(2**top) for top in range(low, high + 1)]

    def between(self, bandwidth: float, level: int, rate: float) -> list[float]:
        """Return an empty list: there is nothing between octaves."""
        return []


@dataclass(frozen=True)
class Family:
    """All that the package knows about a family of encodings.

    Args:
        name: the name in settings, on the command line and in field files.
        scale: what the bandwidth is: the standard "deviation" of the frequencies along an axis, the "highest"
            frequency, or "none" for a family without a bandwidth.
        build: builds the encoding; None draws the frequencies from the law.
        law: the law of the frequencies at one bandwidth per axis, which gives the kernel for m → ∞; None if there is
            none.
        count: for a family that sets its own number of frequencies, that number for (dimensions, bandwidth of the
            widest axis); None takes the user's.
        on_axes: whether each frequency lies along an axis, with equally many along every axis.
        per_axis: whether every axis can have a bandwidth of its own; otherwise the widest one counts for all.
        ladder: the bandwidths that the tuner tries; None if it tries none.
        deviation: the standard deviation of the frequencies along an axis, cycles per unit, for (bandwidth,
            dimensions); None takes the root mean square of a draw.
        translate: how other packages write the frequencies: "octaves" are 2^k along each axis, "powers" 2^s − 1 with s
            evenly spaced, "gaussian" the same law; "deviation" stands for Gaussian frequencies of the same standard
            deviation. None if the family has no frequencies: then γ is the coordinates themselves.

    Raises:
        ValueError: for a family that can neither be built nor drawn.
    """

    name: str
    scale: Literal["none", "deviation", "highest"]
    build: Builder | None = None
    law: Law | None = None
    count: Callable[[int, float], int] | None = None
    on_axes: bool = False
    per_axis: bool = False
    ladder: Ladder | Octaves | None = None
    deviation: Callable[[float, int], float] | None = None
    translate: Translator | None = "deviation"

    def __post_init__(self) -> None:
        if self.build is None and self.law is None:
            raise ValueError(f"the {self.name} family needs a builder or a law of frequencies")

    @property
    def has_bandwidth(self) -> bool:
        """Whether the family has a scale to choose."""
        return self.scale != "none"

    @property
    def has_frequencies(self) -> bool:
        """Whether the encoding has frequencies, and so a stationary kernel."""
        return self.translate is not None

    @property
    def sets_features(self) -> bool:
        """Whether the family sets its own number of frequencies."""
        return self.count is not None

    @property
    def searched(self) -> bool:
        """Whether the tuner searches the family's bandwidths."""
        return self.ladder is not None

    def divisible(self, features: int, dimensions: int) -> int:
        """Return ``features``, rounded down to a multiple of ``dimensions`` where every axis has equally many.

        >>> FAMILIES["positional"].divisible(256, 3), FAMILIES["gaussian"].divisible(256, 3)
        (255, 256)
        """
        return max(1, features // dimensions) * dimensions if self.on_axes else features

    def count_features(self, dimensions: int, bandwidth: Bandwidths | None, features: int | None) -> int:
        """Return the number of frequencies, by default 256 or so. Raises ``ValueError`` if axes cannot share it."""
        if self.count is not None:
            return self.count(dimensions, widest(bandwidth))
        if features is None:
            return self.divisible(DEFAULT_FEATURES, dimensions)
        if features != self.divisible(features, dimensions):
            raise ValueError(
                f"every axis has equally many frequencies, and {features} is not a multiple of {dimensions}"
            )
        return features

    def draw(
        self, dimensions: int, bandwidth: Bandwidths | None, features: int | None, generator: Generator
    ) -> FourierEncoding:
        """Build or draw the encoding. Raises ``ValueError`` for values that the family cannot take."""
        scale = 1.0 if bandwidth is None else bandwidth
        number = self.count_features(dimensions, bandwidth, features)
        if self.build is not None:
            return self.build(dimensions, scale, number, generator)
        from ._families import per_axis, random_features

        assert self.law is not None
        return random_features(self.law(per_axis(scale, dimensions)), number, generator, family=self.name)


def widest(bandwidth: Bandwidths | None) -> float:
    """Return the bandwidth of the widest axis; 1 for a family without one."""
    if bandwidth is None:
        return 1.0
    return max(bandwidth) if isinstance(bandwidth, tuple) else bandwidth


def four_digits(bandwidth: float) -> float:
    """Round to four significant digits: a bandwidth is never known better.

    >>> four_digits(12.3456)
    12.35
    """
    return float(f"{bandwidth:.4g}")


def _identity(dimensions: int, bandwidth: Bandwidths, features: int, generator: Generator) -> FourierEncoding:
    from ._families import identity

    return identity(dimensions)


def _basic(dimensions: int, bandwidth: Bandwidths, features: int, generator: Generator) -> FourierEncoding:
    from ._families import basic

    return basic(dimensions)


def _positional(dimensions: int, bandwidth: Bandwidths, features: int, generator: Generator) -> FourierEncoding:
    from ._families import positional

    return positional(dimensions, bandwidth, features)


def _nerf(dimensions: int, bandwidth: Bandwidths, features: int, generator: Generator) -> FourierEncoding:
    from ._octaves import octaves

    return octaves(dimensions, _nerf_levels(widest(bandwidth)), 2 * math.pi)


def _nerf_levels(bandwidth: float) -> int:
    from ._units import to_nerf_levels

    return max(1, round(to_nerf_levels(bandwidth, 2 * math.pi)))


def _power_law(dimensions: int, bandwidth: Bandwidths, features: int, generator: Generator) -> FourierEncoding:
    from ._families import power_law

    return power_law(dimensions, widest(bandwidth), features=features)


def _law(name: str) -> Law:
    """Return a law of ``_laws`` by its name, to be imported when it is used."""

    def law(bandwidth: tuple[float, ...], /) -> FrequencyLaw:
        from . import _laws

        found: FrequencyLaw = getattr(_laws, name)(bandwidth)
        return found

    return law


# The shares of the sampling rate that ladders span are docs/tune.md's. Ladders along the axes end at 1/5: frequencies
# beyond know the rows and columns of samples that are left out, but not those between, and are overrated.
_ENTRIES = (
    Family("none", scale="none", build=_identity, count=lambda d, bandwidth: 0, translate=None),
    Family("basic", scale="none", build=_basic, count=lambda d, bandwidth: d, on_axes=True, translate="octaves"),
    Family(
        "positional",
        scale="highest",
        build=_positional,
        law=_law("PositionalLaw"),
        on_axes=True,
        per_axis=True,
        ladder=Ladder(1 / 40, 1 / 5, 6),
        translate="powers",
    ),
    Family(
        "nerf",
        scale="highest",
        build=_nerf,
        count=lambda d, bandwidth: d * _nerf_levels(bandwidth),
        on_axes=True,
        ladder=Octaves(40, 5),
        translate="octaves",
    ),
    Family("power-law", scale="highest", build=_power_law),
    Family(
        "gaussian",
        scale="deviation",
        law=_law("GaussianLaw"),
        per_axis=True,
        ladder=Ladder(1 / 160, 1 / 5, 12),
        deviation=lambda sigma, d: sigma,
        translate="gaussian",
    ),
    Family(
        "laplace",
        scale="deviation",
        law=_law("LaplaceLaw"),
        per_axis=True,
        ladder=Ladder(1 / 160, 1 / 10, 6),
        deviation=lambda sigma, d: sigma,
    ),
    Family(
        "uniform",
        scale="highest",
        law=_law("UniformLaw"),
        per_axis=True,
        ladder=Ladder(1 / 80, 1 / 4, 6),
        deviation=lambda radius, d: radius / math.sqrt(d + 2),
    ),
    Family(
        "log-uniform",
        scale="highest",
        law=_law("LogUniformLaw"),
        per_axis=True,
        ladder=Ladder(1 / 40, 1 / 4, 6, above=1.0),  # its lengths begin at 1 cycle per unit
        deviation=lambda top, d: math.sqrt((top**2 - 1) / (2 * d * math.log(top))),
    ),
)
FAMILIES: dict[str, Family] = {family.name: family for family in _ENTRIES}
