"""Define signals on a regular grid: their values, their domain, and how their file held them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SignalError
from ._domain import Domain, Grid
from ._sample_format import SampleFormat


@dataclass(frozen=True)
class SignalDescription:
    """The description of a signal that its field keeps: enough to write the same kind of file."""

    kind: str
    shape: tuple[int, ...]
    channels: int
    sample_format: SampleFormat


@dataclass(frozen=True)
class GridSignal:
    """Values on a regular grid.

    Args:
        values: (n₁, …, n_d, C) float32 in the signal's own units; NaN marks a missing sample.
        domain: The box of the samples, with d axes in physical units.
        kind: What the signal is: "image", "audio", "series", "volume", "video", ….
        sample_format: How the file held the samples.
        name: What messages call the signal: its path, or "array".
        file_bytes: The size of its file; None for an array.
        notes: What was assumed or left out when it was read, ready to print.

    Raises:
        SignalError: The values do not fit the domain, are empty or all missing, or hold an infinity.

    >>> values = np.zeros((240, 320, 3), dtype=np.float32)
    >>> signal = GridSignal(values, Domain.of_samples((240, 320)), "image", SampleFormat("uint8"))
    >>> signal.shape, signal.channels, signal.grid.size
    ((240, 320), 3, 76800)
    """

    values: np.ndarray
    domain: Domain
    kind: str
    sample_format: SampleFormat
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != self.domain.dimensions + 1:
            raise SignalError(
                f"{self.name}: {self.values.ndim - 1} axes of samples on a domain of {self.domain.dimensions} axes"
            )
        if self.values.size == 0:
            raise SignalError(f"{self.name} holds no samples (shape {self.values.shape}); give a file with data")
        _refuse_unusable(self.values, self.name)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of samples along each axis, without the channels."""
        return self.values.shape[:-1]

    @property
    def channels(self) -> int:
        """The number of values per sample."""
        return int(self.values.shape[-1])

    @property
    def description(self) -> SignalDescription:
        """The description of this signal that a field keeps."""
        return SignalDescription(self.kind, self.shape, self.channels, self.sample_format)

    @property
    def grid(self) -> Grid:
        """The grid of the samples, which fills the domain."""
        return self.domain.grid(self.shape)

    @property
    def present(self) -> np.ndarray:
        """The samples of which at least one channel was measured, (n₁, …, n_d) bool."""
        return ~np.isnan(self.values).all(axis=-1)


def _refuse_unusable(values: np.ndarray, name: str) -> None:
    if np.isinf(values).any():
        raise SignalError(f"{name} holds infinite values; replace them, or mark missing samples with NaN")
    with np.errstate(over="ignore", invalid="ignore"):
        span = np.nanmax(values) - np.nanmin(values) if np.isfinite(values).any() else 0.0
    if not np.isfinite(span):
        raise SignalError(f"{name} spans more than 3.4e38, which single precision does not hold; scale its values down")
    if np.isnan(values).all():
        raise SignalError(f"{name} holds nothing but missing samples (NaN); at least one must be measured")
