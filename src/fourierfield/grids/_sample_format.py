"""Describe how a file stores its samples, so that a result can be written as the same kind of file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class AudioFormat:
    """The rate of a sound in samples per second, and libsndfile's names for its container and subtype."""

    rate: int
    container: str
    subtype: str


@dataclass(frozen=True)
class VolumeFormat:
    """How a file holds a volume or a film.

    ``container`` ("nifti", "dicom", "tiff", "npy", "mp4", "frames", …) names the format. ``affine`` (4×4, by rows)
    takes array indices of the first three axes to millimetres towards NIfTI's right, anterior and superior; ``codes``
    are NIfTI's codes of the qform, the sform and the units. value = ``slope``·sample + ``intercept``; ``slope`` is None
    for samples that are stored like those of pictures. ``rate`` is in frames per second.
    """

    container: str
    affine: tuple[tuple[float, ...], ...] | None = None
    codes: tuple[int, int, int] | None = None
    slope: float | None = None
    intercept: float = 0.0
    rate: float | None = None

    @classmethod
    def from_json(cls, mapping: dict[str, Any]) -> VolumeFormat:
        """Rebuild a format from what ``dataclasses.asdict`` gave, after JSON turned tuples into lists."""
        affine, codes = mapping.get("affine"), mapping.get("codes")
        rows = None if affine is None else tuple(tuple(row) for row in affine)
        return cls(**{**mapping, "affine": rows, "codes": None if codes is None else tuple(codes)})


@dataclass(frozen=True)
class SampleFormat:
    """The sample type of a file: ``dtype`` ("uint8", "uint16", "float32", …), and ``squeeze`` for no channel axis.

    Unsigned integers stand for values in [0, 1]; signed integers, floats and all samples of scanners (``volume`` with a
    slope) stand for themselves. Sound is held as floats with full scale at 1; ``audio`` describes its file.

    >>> SampleFormat("uint8").encode(np.array([0.0, 0.5, 2.0]))
    array([  0, 128, 255], dtype=uint8)
    """

    dtype: str
    squeeze: bool = False
    audio: AudioFormat | None = None
    volume: VolumeFormat | None = None

    @classmethod
    def of(cls, array: np.ndarray, *, squeeze: bool = False) -> SampleFormat:
        """Return the format of an array as it was read."""
        return cls("uint8" if array.dtype == bool else array.dtype.newbyteorder("=").name, squeeze)

    @classmethod
    def from_json(cls, mapping: dict[str, Any]) -> SampleFormat:
        """Rebuild a format from what ``to_json`` gave."""
        audio, volume = mapping.get("audio"), mapping.get("volume")
        return cls(
            **{
                **mapping,
                "audio": AudioFormat(**audio) if audio else None,
                "volume": VolumeFormat.from_json(volume) if volume else None,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Convert the format to plain values, leaving out what is None."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @property
    def sample_type(self) -> str:
        """The name of the type of the file's samples: "uint8", "float32"; "PCM_16" for sound."""
        return self.audio.subtype if self.audio else self.dtype

    @property
    def is_complex(self) -> bool:
        """Whether a sample is a complex number, which takes two channels: real and imaginary part."""
        return np.dtype(self.dtype).kind == "c"

    @property
    def peak(self) -> float | None:
        """The number that stands for 1.0 in the file, or None if samples stand for themselves."""
        kind = np.dtype(self.dtype)
        return float(np.iinfo(kind).max) if kind.kind == "u" and self._scaling is None else None

    @property
    def _scaling(self) -> tuple[float, float] | None:
        """The slope and intercept of a scanner's samples, or None."""
        if self.volume is None or self.volume.slope is None:
            return None
        return self.volume.slope, self.volume.intercept

    def decode(self, samples: np.ndarray) -> np.ndarray:
        """Convert samples of a file to float32 values."""
        if samples.dtype == bool:
            return samples.astype(np.float32)
        if self._scaling is not None:
            slope, intercept = self._scaling
            return (samples.astype(np.float64) * slope + intercept).astype(np.float32)
        peak = self.peak
        values = samples.astype(np.float64) if peak and samples.dtype.itemsize > 2 else samples.astype(np.float32)
        return values.astype(np.float32) if peak is None else (values / peak).astype(np.float32)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Convert values to samples of a file, rounded and clipped to what the type can hold."""
        kind = np.dtype(self.dtype)
        if self.is_complex:
            return (values[..., :1] + 1j * values[..., 1:]).astype(kind)
        if self._scaling is not None:
            slope, intercept = self._scaling
            values = (np.asarray(values, dtype=np.float64) - intercept) / slope
        if kind.kind == "f":
            return values.astype(kind)
        limits = np.iinfo(kind)
        scaled = np.asarray(values, dtype=np.float64) * (self.peak or 1.0)
        return np.clip(np.rint(scaled), limits.min, limits.max).astype(kind)
