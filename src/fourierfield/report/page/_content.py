"""The content of a page, as plain numbers, words and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .._candidates import Candidate
from .._diagnosis import Diagnosis
from .._evidence import Curve


@dataclass(frozen=True)
class Missing:
    """The reason, in one line, why a part of the page is missing."""

    reason: str


@dataclass(frozen=True)
class SignalFacts:
    """Facts about the fitted signal.

    ``shape`` excludes the channels. A unit of coordinates is ``unit_length`` of ``unit`` ("px", "s", "mm") long, so f
    cycles per unit are f/unit_length per pixel, or Hz for seconds. The numbers of bytes are None if there is no file.

    >>> facts = SignalFacts("a.png", "image", (64, 128), 3, unit_length=128.0, unit="px")
    >>> facts.frequency(3.2), SignalFacts("a.wav", "audio", (8000,), 1, unit_length=0.5, unit="s").frequency(220.0)
    ('0.025 per px', '440 Hz')
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    channels: int
    unit_length: float
    unit: str
    file_bytes: int | None = None
    field_bytes: int | None = None

    def frequency(self, cycles_per_unit: float) -> str:
        """Format a frequency in the signal's own unit."""
        value = cycles_per_unit / self.unit_length
        if self.unit == "s":
            return f"{value / 1000:.3g} kHz" if value >= 1000 else f"{value:.3g} Hz"
        return f"{value:.2g} per {self.unit}"

    @property
    def frequency_unit(self) -> str:
        """The unit of ``frequency`` for the label of an axis."""
        return "Hz" if self.unit == "s" else f"cycles per {self.unit}"


@dataclass(frozen=True)
class Values:
    """The ``signal`` and ``reconstruction`` (n₁, …, n_d, C) in ``value_range``, NaN where missing, and audio's rate."""

    signal: np.ndarray
    reconstruction: np.ndarray
    value_range: tuple[float, float] = (0.0, 1.0)
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.signal.shape != self.reconstruction.shape or self.signal.ndim < 2:
            raise ValueError(f"the signal is {self.signal.shape}, the reconstruction {self.reconstruction.shape}")

    @property
    def dimensions(self) -> int:
        return self.signal.ndim - 1

    @property
    def error(self) -> np.ndarray:
        """|reconstruction − signal| as a share of the range, the mean over the channels, (n₁, …, n_d)."""
        low, high = self.value_range
        return np.abs(self.reconstruction.astype(float) - self.signal).mean(axis=-1) / (high - low)


@dataclass(frozen=True)
class Forecast:
    """The scores forecast for the end of training, dB; ``low`` to ``high`` is the 90 % held-out interval."""

    train_psnr_db: float
    held_out_psnr_db: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scores:
    """The scores in dB of the finished field, those of classical rivals by name, and others by name (``ssim``)."""

    train_psnr_db: float
    held_out_psnr_db: float | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def main(self) -> float:
        """The score that counts: held-out PSNR, or training PSNR without hold-out."""
        return self.train_psnr_db if self.held_out_psnr_db is None else self.held_out_psnr_db


@dataclass(frozen=True)
class Learning:
    """Learning curves: the measured one, and the forecast one if there is one."""

    measured: Curve
    forecast: Curve | None = None


@dataclass(frozen=True)
class BandHistory:
    """The share ``left`` (T, B) of each band's error energy after each number of ``steps`` (T,)."""

    steps: np.ndarray
    left: np.ndarray


@dataclass(frozen=True)
class BandErrors:
    """The error by frequency band, forecast, measured or both; ``edges`` (B + 1,) are in cycles per unit."""

    edges: np.ndarray
    forecast: BandHistory | None = None
    measured: BandHistory | None = None


@dataclass(frozen=True)
class ImpulseResponse:
    """The contribution of one training sample of height 1 to the reconstruction: ``response`` (n₁, …, n_d).

    ``offsets`` (n_i,) are distances from the sample along each axis, and ``spacing`` is the distance of training
    samples along each axis, both in coordinate units.
    """

    response: np.ndarray
    offsets: Sequence[np.ndarray]
    spacing: tuple[float, ...]


@dataclass(frozen=True)
class Choice:
    """The encodings that were forecast, best first, and the index of the ``chosen`` one."""

    candidates: Sequence[Candidate]
    chosen: int = 0

    @property
    def runner_up(self) -> Candidate | None:
        """The best candidate of another family, or the best other candidate if there is only one family."""
        rest = [found for i, found in enumerate(self.candidates) if i != self.chosen]
        others = [found for found in rest if found.family != self.candidates[self.chosen].family] or rest
        return max(others, key=lambda found: found.held_out_psnr_db) if others else None


@dataclass(frozen=True)
class Recipe:
    """How to repeat the fit: the command as it was typed, and whatever else determines the bits."""

    command: str
    version: str
    seed: int
    precision: str
    device: str
    threads: int
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageContent:
    """The content of a whole page; a ``Missing`` part is not drawn but named at the end of the page with its reason."""

    title: str
    signal: SignalFacts
    encoding: str
    scores: Scores
    diagnosis: Diagnosis
    recipe: Recipe
    forecast: Forecast | Missing
    values: Values | Missing
    learning: Learning | Missing
    bands: BandErrors | Missing
    response: ImpulseResponse | Missing
    choice: Choice | Missing
    notes: Sequence[str] = ()
