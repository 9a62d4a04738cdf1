"""The choice of an encoding that is not drawn yet: family, bandwidth, number of frequencies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Generator, Tensor

from ..errors import SettingsError
from ._families import per_axis
from ._fourier import Bandwidth, FourierEncoding
from ._registry import FAMILIES


@dataclass(frozen=True)
class EncodingSpec:
    """The choice of an encoding, which ``fit`` can be given and which a tuner compares.

    Args:
        family: the name of a family, such as "gaussian" (``encodings._registry`` has them all).
        bandwidth: cycles per unit, one number for all axes or a tuple of one per axis: the standard deviation of
            gaussian and laplace frequencies, the highest frequency of the other families; None for a family without
            one (none, basic).
        features: the number of frequencies m; None takes 256, or for positional encodings in more than two dimensions
            the next multiple of d below. Families that set their own number (none, basic, nerf) take None only.

    Raises:
        SettingsError: for an unknown family, a number of features that is below 1 or that the family sets itself, and
            a bandwidth that is missing or that the family does not have.

    >>> EncodingSpec("nerf", 32.0).build(2, Generator()).features
    12
    """

    family: str
    bandwidth: Bandwidth = None
    features: int | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise SettingsError(f"no encoding is called {self.family}; use {', '.join(FAMILIES)}")
        if self.features is not None and self.features < 1:
            raise SettingsError(f"the number of features must be 1 or more, not {self.features}")
        if self.features is not None and FAMILIES[self.family].sets_features:
            raise SettingsError(f"the {self.family} encoding sets its own number of features; leave --features out")
        if self.bandwidth is None and self.needs_bandwidth:
            raise SettingsError(f"the {self.family} encoding needs a bandwidth, in cycles per unit")
        if self.bandwidth is not None and not self.needs_bandwidth:
            raise SettingsError(f"the {self.family} encoding has no bandwidth; leave --bandwidth out")

    @property
    def needs_bandwidth(self) -> bool:
        """Whether the family has a scale to choose."""
        return FAMILIES[self.family].has_bandwidth

    def count_features(self, dimensions: int) -> int:
        """Return the number of frequencies that ``build`` will give, without building them (for memory estimates).

        Args:
            dimensions: the number of axes d.

        Returns:
            The number m; for a power law, whose lattice can have fewer vectors, an upper bound.

        Raises:
            SettingsError: for a number of features that the family cannot take on so many axes.
        """
        with self._refusals():
            return FAMILIES[self.family].count_features(dimensions, self.bandwidth, self.features)

    def build(self, dimensions: int, generator: Generator) -> FourierEncoding:
        """Build the encoding, or draw it from its law.

        Args:
            dimensions: the number of axes d.
            generator: the source of random frequencies; other families leave it alone.

        Returns:
            The encoding of coordinates (…, d).

        Raises:
            SettingsError: for a bandwidth or a number of features that the family cannot take on so many axes.
        """
        with self._refusals():
            if self.bandwidth is not None:
                per_axis(self.bandwidth, dimensions)
            return FAMILIES[self.family].draw(dimensions, self.bandwidth, self.features, generator)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn a ``ValueError`` of the family into a ``SettingsError`` that names the encoding."""
        try:
            yield
        except SettingsError:
            raise
        except ValueError as problem:
            raise SettingsError(f"--encoding {self.family}: {problem}") from problem


def rebuild_encoding(description: dict[str, Any], tensors: dict[str, Tensor]) -> FourierEncoding:
    """Rebuild the encoding of a field file from its ``describe()`` and its tensors."""
    name, bandwidth = description["family"], description["bandwidth"]
    bandwidth = tuple(bandwidth) if isinstance(bandwidth, list) else bandwidth
    frequencies = tensors["frequencies"]
    family = FAMILIES.get(name)  # None for the conventions of public code, which have no name in settings
    law = family.law(per_axis(bandwidth, frequencies.shape[1])) if family and family.law else None
    return FourierEncoding(
        frequencies,
        tensors["amplitudes"],
        feature_order=tensors.get("feature_order"),
        raw_input=description["raw_input"],
        family=name,
        bandwidth=bandwidth,
        law=law,
    )
