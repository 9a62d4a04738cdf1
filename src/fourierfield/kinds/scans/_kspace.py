"""MRI measurements: Fourier samples, seen by one or many coils."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import SignalError
from ...grids._domain import Domain
from ...grids._sample_format import SampleFormat, VolumeFormat
from ...grids._signal import GridSignal, SignalDescription

_REAL = SampleFormat("float32", squeeze=True, volume=VolumeFormat("npy"))


@dataclass(frozen=True)
class KSpaceSignal:
    """Fourier samples of an image m with two or three axes.

    Sample j of coil c in ``samples`` (coils, M) complex64 is Σ_r S_c(r) m(r) e^{−2πi k_j·r/n} / √N, over the N pixels r
    of ``image_shape``, counted from the middle one, n//2 (NumPy's centred, orthonormal transform). ``places`` k (M, d)
    are in cycles per field of view, −n/2 to n/2, and whole numbers if the scan is Cartesian. ``spacing`` is the
    distance between pixels along each axis, in ``unit``. ``maps`` are the sensitivities S (coils, n₁, …) complex64, or
    None for one coil of sensitivity 1 and for several whose sensitivities are yet to be found. ``calibration`` has
    samples of the same coils and grid that determine the sensitivities but are not part of the image. ``real`` says
    that the image is known to have no phase. ``truth`` is what the measurements were simulated from.
    """

    samples: np.ndarray
    places: np.ndarray
    image_shape: tuple[int, ...]
    spacing: tuple[float, ...] | None = None
    unit: str = "px"
    maps: np.ndarray | None = None
    calibration: KSpaceSignal | None = None
    real: bool = False
    truth: GridSignal | None = None
    sample_format: SampleFormat = _REAL
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    kind = "mri"

    def __post_init__(self) -> None:
        d = len(self.image_shape)
        if d not in (2, 3):
            raise SignalError(f"{self.name}: k-space has two or three axes, not {d}")
        if self.samples.ndim != 2 or self.places.shape != (self.samples.shape[1], d):
            raise SignalError(
                f"{self.name}: samples of shape {self.samples.shape} do not match places of shape "
                f"{self.places.shape}; give one place in k-space for each sample"
            )
        if self.samples.size == 0:
            raise SignalError(f"{self.name} holds no measured k-space samples; the mask is empty")
        if not (np.isfinite(self.samples).all() and np.isfinite(self.places).all()):
            raise SignalError(f"{self.name} holds k-space samples that are not finite numbers; leave them out")
        if self.maps is not None and self.maps.shape != (self.coils, *self.image_shape):
            raise SignalError(
                f"{self.name}: sensitivity maps of shape {self.maps.shape} do not match {self.coils} coils and an "
                f"image of {self.image_shape}; give one map for each coil"
            )
        held = self.calibration
        if held is not None and (held.coils, held.image_shape) != (self.coils, self.image_shape):
            raise SignalError(
                f"{self.name}: a calibration of {held.coils} coils and {held.image_shape} does not match "
                f"{self.coils} coils and an image of {self.image_shape}; leave it out"
            )

    @property
    def coils(self) -> int:
        """The number of coils."""
        return int(self.samples.shape[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """The numbers of coils and of samples of each."""
        return tuple(self.samples.shape)

    @property
    def channels(self) -> int:
        """The number of values of the field at a point: one, or two for real and imaginary part."""
        return 1 if self.real else 2

    @property
    def cartesian(self) -> bool:
        """Whether all samples lie on the grid of the discrete Fourier transform."""
        return bool(np.array_equal(self.places, np.rint(self.places)))

    def cells(self, sign: int = 1) -> tuple[np.ndarray, ...]:
        """Return the indices (M,) along each axis, with DC at 0, of the grid's places nearest to ±k."""
        return tuple((sign * np.rint(self.places).astype(np.int64) % np.array(self.image_shape)).T)

    @property
    def mask(self) -> np.ndarray:
        """Which places of the grid were measured, (n₁, …) bool, with DC at index n//2."""
        mask = np.zeros(self.image_shape, dtype=bool)
        mask[self.cells()] = True
        return np.fft.fftshift(mask)

    @property
    def domain(self) -> Domain:
        """The domain of the image."""
        if self.truth is not None:
            return self.truth.domain
        return Domain.of_samples(self.image_shape, self.spacing, (self.unit,) * len(self.image_shape))

    @property
    def description(self) -> SignalDescription:
        """What a field stores of its source: the image or volume that it is written as."""
        if self.truth is not None and self.real:
            return self.truth.description
        kept = self.sample_format if self.real else replace(self.sample_format, dtype="complex64")
        return SignalDescription("volume", self.image_shape, self.channels, kept)

    def refuse_nothing(self) -> KSpaceSignal:
        """Return the signal unchanged; raise ``SignalError`` if all samples are zero.

        Samples at some places or of a dead coil may be zero.
        """
        if not np.any(self.samples):
            raise SignalError(f"{self.name} holds nothing but zeros; give measured k-space samples")
        return self

    def at_places(self, chosen: np.ndarray) -> KSpaceSignal:
        """Return the samples of all coils at the places ``chosen``, which are numbers or a mask."""
        return replace(self, samples=self.samples[:, chosen], places=self.places[chosen])
