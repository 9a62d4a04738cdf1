"""What a page shows, in plain things: numbers, words and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..candidates import Candidate
from ..diagnosis import Diagnosis
from ..evidence import Curve

__all__ = [
    "BandErrors",
    "BandHistory",
    "Choice",
    "Forecast",
    "ImpulseResponse",
    "Learning",
    "Missing",
    "PageContent",
    "Recipe",
    "Scores",
    "SignalFacts",
    "Values",
]


@dataclass(frozen=True)
class Missing:
    """Why a part of the page is not there, one line."""

    reason: str


@dataclass(frozen=True)
class SignalFacts:
    """What was fitted. ``shape`` is without the channels; a unit of coordinates is ``unit_length`` of ``unit`` long
    ("px", "s", "mm"), so f cycles per unit are f/unit_length per pixel, or Hz for seconds. Bytes None: no file.

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
        """A frequency in the signal's own unit."""
        value = cycles_per_unit / self.unit_length
        if self.unit == "s":
            return f"{value / 1000:.3g} kHz" if value >= 1000 else f"{value:.3g} Hz"
        return f"{value:.2g} per {self.unit}"

    @property
    def frequency_unit(self) -> str:
        """The unit of ``frequency``, as an axis has it."""
        return "Hz" if self.unit == "s" else f"cycles per {self.unit}"


@dataclass(frozen=True)
class Values:
    """The ``signal`` and its ``reconstruction``, both (n₁, …, n_d, C): within ``value_range``, missing samples NaN.

    ``rate`` is the number of samples per second of audio. Raises ``ValueError`` for arrays of two shapes.
    """

    signal: np.ndarray
    reconstruction: np.ndarray
    value_range: tuple[float, float] = (0.0, 1.0)
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.signal.shape != self.reconstruction.shape or self.signal.ndim < 2:
            raise ValueError(f"signal {self.signal.shape} and reconstruction {self.reconstruction.shape}")

    @property
    def dimensions(self) -> int:
        return self.signal.ndim - 1

    @property
    def error(self) -> np.ndarray:
        """|reconstruction − signal| as a share of the range, mean over the channels, (n₁, …, n_d)."""
        low, high = self.value_range
        return np.abs(self.reconstruction.astype(float) - self.signal).mean(axis=-1) / (high - low)


@dataclass(frozen=True)
class Forecast:
    """Scores at the end of training, before it; ``low`` to ``high`` is the 90 % interval of the held-out one."""

    train_psnr_db: float
    held_out_psnr_db: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scores:
    """Scores in dB of the finished field, of classical rivals by name, and more by name (``ssim``)."""

    train_psnr_db: float
    held_out_psnr_db: float | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def main(self) -> float:
        """The one that counts."""
        return self.train_psnr_db if self.held_out_psnr_db is None else self.held_out_psnr_db


@dataclass(frozen=True)
class Learning:
    """Learning curves: measured, and forecast where there is one."""

    measured: Curve
    forecast: Curve | None = None


@dataclass(frozen=True)
class BandHistory:
    """Share of each band's energy that is left after so many ``steps`` (T,): ``left`` (T, B)."""

    steps: np.ndarray
    left: np.ndarray


@dataclass(frozen=True)
class BandErrors:
    """The error by frequency band, of ``edges`` (B + 1,) in cycles per unit, forecast and measured. At least one."""

    edges: np.ndarray
    forecast: BandHistory | None = None
    measured: BandHistory | None = None


@dataclass(frozen=True)
class ImpulseResponse:
    """What one training sample of height 1 adds to the reconstruction, (n₁, …, n_d), ``offsets`` from it along each
    axis (n_i,), and the distance of training samples along each axis, ``spacing``, both in coordinate units."""

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
        """The best of another family, or where all are of one, the best of the others."""
        rest = [found for i, found in enumerate(self.candidates) if i != self.chosen]
        others = [found for found in rest if found.family != self.candidates[self.chosen].family] or rest
        return max(others, key=lambda found: found.held_out_psnr_db) if others else None


@dataclass(frozen=True)
class Recipe:
    """How to do it again: the command as it was typed, and what else decides the bits."""

    command: str
    version: str
    seed: int
    precision: str
    device: str
    threads: int
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageContent:
    """All of a page. What is ``Missing`` is named at its end with the reason, and not drawn."""

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
