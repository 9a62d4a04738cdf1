"""A signal on a regular grid: values, where they live, and how the file held them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SignalError
from .domain import Domain, Grid
from .sample_format import SampleFormat

__all__ = ["GridSignal", "SignalDescription"]


@dataclass(frozen=True)
class SignalDescription:
    """What a field remembers of the signal it was fitted to: enough to write the same kind of file."""

    kind: str
    shape: tuple[int, ...]
    channels: int
    sample_format: SampleFormat


@dataclass(frozen=True)
class GridSignal:
    """Values on a grid.

    ``values`` is (n₁, …, n_d, C) float32; NaN marks a missing sample. ``kind`` names what it is ("image",
    "audio", "series", "volume", "video").
    """

    values: np.ndarray
    domain: Domain
    kind: str
    sample_format: SampleFormat
    name: str = "array"
    file_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != self.domain.dimensions + 1:
            raise SignalError(
                f"{self.name}: {self.values.ndim - 1} axes of samples on a domain of {self.domain.dimensions}"
            )
        if self.values.size == 0:
            raise SignalError(f"{self.name} holds no samples (shape {self.values.shape}); give a file with data")
        _refuse_unusable(self.values, self.name)

    @property
    def shape(self) -> tuple[int, ...]:
        """Samples along each axis, without the channels."""
        return self.values.shape[:-1]

    @property
    def channels(self) -> int:
        """Values per sample."""
        return int(self.values.shape[-1])

    @property
    def description(self) -> SignalDescription:
        """What a field remembers of this signal."""
        return SignalDescription(self.kind, self.shape, self.channels, self.sample_format)

    @property
    def grid(self) -> Grid:
        """Where the samples sit."""
        return self.domain.grid(self.shape)

    @property
    def present(self) -> np.ndarray:
        """(n₁, …, n_d) bool: samples of which at least one channel was measured."""
        return ~np.isnan(self.values).all(axis=-1)


def _refuse_unusable(values: np.ndarray, name: str) -> None:
    if np.isinf(values).any():
        raise SignalError(f"{name} holds infinite values; replace them, or mark missing samples by NaN")
    if np.isnan(values).all():
        raise SignalError(f"{name} holds nothing but missing samples (NaN); at least one has to be measured")
