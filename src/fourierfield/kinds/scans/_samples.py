"""Build k-space from arrays, with the masks, sensitivity maps and trajectories that a user names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SettingsError, SignalError
from ...tasks._scan_options import ScanOptions
from ._kspace import KSpaceSignal
from ._side_files import read_maps, read_mask, read_trajectory

_MOST_COILS = 64  # longest first axis that is taken to be that of coils


@dataclass(frozen=True)
class Measured:
    """The contents of a file of an MRI scan.

    The complex ``values`` are (coils, n₁, …) on the grid of the discrete Fourier transform, with DC at n//2 and zero
    where not measured; or (coils, M) at ``places`` (M, d) in cycles per field of view. ``calibration`` (coils, n₁, …)
    was measured on the same grid, and only determines the coils' sensitivities.
    """

    values: np.ndarray
    places: np.ndarray | None = None
    image_shape: tuple[int, ...] | None = None
    mask: np.ndarray | None = None
    spacing: tuple[float, ...] | None = None
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    calibration: np.ndarray | None = None

    def signal(self, options: ScanOptions) -> KSpaceSignal:
        """Return the signal, with what ``options`` add."""
        maps = None if options.maps is None else read_maps(Path(options.maps))
        if options.trajectory is not None:
            return self._along(read_trajectory(Path(options.trajectory)), maps, options)
        if self.places is not None:
            _refuse_mask(options)
            shape = self.image_shape or (_image_shape(self.places) if maps is None else maps.shape[1:])
            return self._built(self.values, self.places, shape, maps)
        shape = self.values.shape[1:]
        if options.mask is not None:
            mask, whence = read_mask(Path(options.mask), shape), "by --mask"
        elif self.mask is not None:
            mask, whence = self.mask, "by its mask"
        else:
            mask, whence = (self.values != 0).any(axis=0), "where any coil is not zero"
        places = np.argwhere(mask) - np.array(shape) // 2
        samples = self.values[:, mask]
        notes = (f"{mask.mean():.1%} of k-space is measured ({whence})", *_corner(samples, places, shape))
        return self._built(samples, places, shape, maps, notes)

    def _along(self, places: np.ndarray, maps: np.ndarray | None, options: ScanOptions) -> KSpaceSignal:
        """Return the signal along a trajectory, with samples in its order whatever their axes were."""
        _refuse_mask(options)
        if self.values.size % len(places):
            raise SignalError(
                f"{self.name} holds {self.values.size:,} samples of all coils, but --trajectory has {len(places):,} "
                "places; give one place for each sample of a coil"
            )
        shape = _image_shape(places) if maps is None else maps.shape[1:]
        if len(shape) != places.shape[1]:
            raise SettingsError(
                f"--trajectory has {places.shape[1]} axes, and --maps {len(shape)}; give the same number"
            )
        return self._built(self.values.reshape(-1, len(places)), places, shape, maps)

    def _built(
        self,
        samples: np.ndarray,
        places: np.ndarray,
        shape: tuple[int, ...],
        maps: np.ndarray | None,
        notes: tuple[str, ...] = (),
    ) -> KSpaceSignal:
        calibration = None
        if self.calibration is not None and self.calibration.shape[1:] == tuple(shape):
            calibration = Measured(self.calibration).signal(ScanOptions())
        if maps is None and calibration is None and len(samples) > 1:
            notes = (*notes, f"no sensitivity maps of its {len(samples)} coils are given (--maps)")
        with np.errstate(over="ignore"):  # values beyond single precision become infinite, and are refused
            samples = samples.astype(np.complex64)
        return KSpaceSignal(
            samples,
            places.astype(np.float64),
            tuple(shape),
            self.spacing,
            "px" if self.spacing is None else "mm",
            maps,
            name=self.name,
            calibration=calibration,
            file_bytes=self.file_bytes,
            notes=(*self.notes, *notes),
        ).refuse_nothing()


def as_kspace(
    array: np.ndarray,
    options: ScanOptions | None = None,
    *,
    coils_first: bool | None = None,
    name: str = "array",
    file_bytes: int | None = None,
) -> KSpaceSignal:
    """Return the MRI scan in a complex array.

    The array is (n₁, n₂), (coils, n₁, n₂), (n₁, n₂, n₃) or (coils, n₁, n₂, n₃), zero where not measured, with DC at
    n//2. With a trajectory among ``options`` it has any shape with one sample for each coil and place.

    The first of three axes is taken to be that of coils if ``coils_first`` is set or, if that is None, if it has 64
    entries or fewer and at most half as many as each other axis.

    >>> kspace = np.zeros((4, 8, 8), dtype=complex)
    >>> kspace[:, 4, 3:6] = 1
    >>> as_kspace(kspace).places.astype(int).tolist()
    [[0, -1], [0, 0], [0, 1]]
    """
    options = options or ScanOptions()
    array = complex_values(np.asarray(array), name)
    refuse_slice(options, name)
    if options.trajectory is not None:
        return Measured(array, name=name, file_bytes=file_bytes).signal(options)
    if array.ndim not in ((3, 4) if coils_first else (2, 3, 4)):
        raise SignalError(
            f"{name} has shape {array.shape}; k-space is (n₁, n₂) or (n₁, n₂, n₃), coils first if several"
        )
    coils = array.ndim == 4 or bool(coils_first)
    notes: tuple[str, ...] = ()
    if array.ndim == 3 and coils_first is None:
        coils = len(array) <= _MOST_COILS and 2 * len(array) <= min(array.shape[1:])
        notes = (f"its first axis is taken for {len(array)} coils",) if coils else ()
    return Measured(array if coils else array[None], name=name, file_bytes=file_bytes, notes=notes).signal(options)


def refuse_slice(options: ScanOptions, name: str) -> None:
    """Raise ``SettingsError`` if a slice is asked for, since a single array of k-space has none."""
    if options.slice is not None:
        raise SettingsError(f"--slice is for files of several slices, and {name} is k-space as one array; leave it out")


def _refuse_mask(options: ScanOptions) -> None:
    if options.mask is not None:
        raise SettingsError("--mask is for Cartesian k-space, and samples along a trajectory have none; leave it out")


def complex_values(array: np.ndarray, name: str) -> np.ndarray:
    """Return the array; raise ``SignalError`` if its numbers are not complex, or there are none."""
    if array.dtype.kind != "c":
        raise SignalError(
            f"{name} holds {array.dtype} values, real where complex is needed; save k-space as complex numbers"
        )
    if not array.size:
        raise SignalError(f"{name} holds no samples (shape {array.shape}); give a file with data")
    return array


def _image_shape(places: np.ndarray) -> tuple[int, ...]:
    """Return how many pixels along each axis are resolved by places in cycles per field of view, −n/2 to n/2."""
    return tuple(2 * int(np.ceil(reach - 1e-3)) for reach in np.abs(places).max(axis=0))


def _corner(samples: np.ndarray, places: np.ndarray, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return a note if the strongest sample of k-space lies where unshifted FFTs have DC."""
    if not samples.size:
        return ()
    strongest = places[np.argmax(np.abs(samples).sum(axis=0))]
    if not (np.abs(strongest) > 0.4 * np.array(shape)).all():
        return ()
    return ("its strongest sample lies at a corner, and DC is expected at n//2: it may want numpy.fft.fftshift",)
