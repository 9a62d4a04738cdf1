"""An encoding that is chosen but not yet drawn: family, bandwidth, number of frequencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ..errors import SettingsError
from .families import basic, gaussian, identity, laplace, log_uniform, per_axis, positional, power_law, uniform
from .fourier import Bandwidth, FourierEncoding
from .laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, PositionalLaw, UniformLaw
from .octaves import octaves
from .units import to_nerf_levels

__all__ = ["FAMILIES", "EncodingSpec", "rebuild_encoding"]

_LAWS: dict[str, Callable[[tuple[float, ...]], FrequencyLaw]] = {
    "gaussian": GaussianLaw,
    "laplace": LaplaceLaw,
    "uniform": UniformLaw,
    "log-uniform": LogUniformLaw,
    "positional": PositionalLaw,
}
_DRAWN = {"gaussian": gaussian, "laplace": laplace, "uniform": uniform, "log-uniform": log_uniform}
FAMILIES = ("none", "basic", "positional", "nerf", "power-law", *_DRAWN)
_DEFAULT_FEATURES = 256


@dataclass(frozen=True)
class EncodingSpec:
    """The choice of an encoding: what ``fit`` is told and what a tuner compares.

    ``bandwidth`` is in cycles per unit: the standard deviation for gaussian and laplace, the highest frequency for
    the others; None where the family has none (none, basic). ``features`` is m; None takes 256, and the families
    that count their own frequencies (none, basic, nerf) refuse one.

    >>> EncodingSpec("nerf", 32.0).build(2, torch.Generator()).features
    12
    """

    family: str
    bandwidth: Bandwidth = None
    features: int | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise SettingsError(f"no encoding is called {self.family}; use {', '.join(FAMILIES)}")
        if self.features is not None and self.features < 1:
            raise SettingsError(f"the number of features is 1 or more, not {self.features}")
        if self.features is not None and self.family in ("none", "basic", "nerf"):
            raise SettingsError(f"the {self.family} encoding sets its own number of features; leave --features out")
        if self.bandwidth is None and self.needs_bandwidth:
            raise SettingsError(f"the {self.family} encoding needs a bandwidth, in cycles per unit")
        if self.bandwidth is not None and not self.needs_bandwidth:
            raise SettingsError(f"the {self.family} encoding has no bandwidth; leave --bandwidth out")

    @property
    def needs_bandwidth(self) -> bool:
        """Whether the family has a scale to choose."""
        return self.family not in ("none", "basic")

    def count_features(self, dimensions: int) -> int:
        """Number of frequencies that ``build`` will give, without building it (for memory estimates)."""
        if self.family == "none":
            return 0
        if self.family == "basic":
            return dimensions
        if self.family == "nerf":
            return dimensions * self._levels()
        return self._features(dimensions)

    def build(self, dimensions: int, generator: Generator) -> FourierEncoding:
        """Draw the encoding on ``dimensions`` axes. Raises ``SettingsError`` for values the family cannot take."""
        try:
            return self._build(dimensions, generator)
        except SettingsError:
            raise
        except ValueError as problem:
            raise SettingsError(f"--encoding {self.family}: {problem}") from problem

    def _build(self, dimensions: int, generator: Generator) -> FourierEncoding:
        if self.family == "none":
            return identity(dimensions)
        if self.family == "basic":
            return basic(dimensions)
        bandwidth = self.bandwidth
        assert bandwidth is not None
        per_axis(bandwidth, dimensions)
        if self.family == "positional":
            return positional(dimensions, bandwidth, self._features(dimensions))
        if self.family == "nerf":
            return octaves(dimensions, self._levels(), 2 * torch.pi)
        if self.family == "power-law":
            return power_law(dimensions, self._top(), features=self._features(dimensions))
        return _DRAWN[self.family](dimensions, bandwidth, self._features(dimensions), generator=generator)

    def _features(self, dimensions: int) -> int:
        """Those asked for, else 256, of positional ones as many as are alike for each axis."""
        if self.features is not None:
            return self.features
        return _DEFAULT_FEATURES // dimensions * dimensions if self.family == "positional" else _DEFAULT_FEATURES

    def _top(self) -> float:
        assert self.bandwidth is not None
        return max(self.bandwidth) if isinstance(self.bandwidth, tuple) else self.bandwidth

    def _levels(self) -> int:
        return max(1, round(to_nerf_levels(self._top(), 2 * torch.pi)))


def rebuild_encoding(description: dict, tensors: dict[str, Tensor]) -> FourierEncoding:
    """The encoding of a field file: its ``describe()`` and its tensors."""
    family, bandwidth = description["family"], description["bandwidth"]
    bandwidth = tuple(bandwidth) if isinstance(bandwidth, list) else bandwidth
    frequencies = tensors["frequencies"]
    law = _LAWS[family](per_axis(bandwidth, frequencies.shape[1])) if family in _LAWS else None
    return FourierEncoding(
        frequencies,
        tensors["amplitudes"],
        feature_order=tensors.get("feature_order"),
        raw_input=description["raw_input"],
        family=family,
        bandwidth=bandwidth,
        law=law,
    )
