"""How a file stores its samples, so that a result can be written back as the same kind of file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

__all__ = ["AudioFormat", "SampleFormat"]


@dataclass(frozen=True)
class AudioFormat:
    """How a sound file holds its samples: ``rate`` per second, ``container`` ("WAV", "FLAC", "OGG") and ``subtype``
    ("PCM_16", "FLOAT", "VORBIS", …), in libsndfile's words."""

    rate: int
    container: str
    subtype: str


@dataclass(frozen=True)
class SampleFormat:
    """Sample type of a file: ``dtype`` ("uint8", "uint16", "float32", …) and ``squeeze`` for no channel axis.

    Unsigned integers stand for values in [0, 1]; signed integers and floats for themselves. Sound is held as floats,
    full scale being 1, and ``audio`` says what its file does.

    >>> SampleFormat("uint8").encode(np.array([0.0, 0.5, 2.0]))
    array([  0, 128, 255], dtype=uint8)
    """

    dtype: str
    squeeze: bool = False
    audio: AudioFormat | None = None

    @classmethod
    def of(cls, array: np.ndarray, *, squeeze: bool = False) -> SampleFormat:
        """The format of an array as it was read."""
        return cls("uint8" if array.dtype == bool else array.dtype.newbyteorder("=").name, squeeze)

    @classmethod
    def from_json(cls, mapping: dict[str, Any]) -> SampleFormat:
        """The inverse of ``to_json``."""
        audio = mapping.get("audio")
        return cls(**{**mapping, "audio": AudioFormat(**audio) if audio else None})

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not there is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @property
    def sample_type(self) -> str:
        """The type of the file's samples, in words: "uint8", "float32"; "PCM_16" for sound."""
        return self.audio.subtype if self.audio else self.dtype

    @property
    def peak(self) -> float | None:
        """The number that stands for 1.0 in the file, or None where samples stand for themselves."""
        kind = np.dtype(self.dtype)
        return float(np.iinfo(kind).max) if kind.kind == "u" else None

    def decode(self, samples: np.ndarray) -> np.ndarray:
        """Samples of a file as float32 values."""
        if samples.dtype == bool:
            return samples.astype(np.float32)
        peak = self.peak
        values = samples.astype(np.float64) if peak and samples.dtype.itemsize > 2 else samples.astype(np.float32)
        return values.astype(np.float32) if peak is None else (values / peak).astype(np.float32)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Values as samples of a file: rounded and clipped to what the type can hold."""
        kind = np.dtype(self.dtype)
        if kind.kind == "f":
            return values.astype(kind)
        limits = np.iinfo(kind)
        scaled = np.asarray(values, dtype=np.float64) * (self.peak or 1.0)
        return np.clip(np.rint(scaled), limits.min, limits.max).astype(kind)
