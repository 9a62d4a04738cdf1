"""Simulate scans of known images and volumes, so that reconstructions can be scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import SettingsError, SignalError
from ...grids._signal import GridSignal
from ...operators._geometry import Geometry
from ...tasks._scan_options import ScanOptions, Simulation
from ._angles import scan_angles
from ._kspace import KSpaceSignal
from ._sinogram import SinogramSignal
from ._truth import known_image, known_volume, padded_square

_STEP = 0.5  # of a pixel, between the points that are summed along a ray


def line_integrals(image: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Compute ∫ m along each ray of ``geometry``, (A, B) float64, for an image (n, n) that fills its square.

    m is the image interpolated bilinearly between pixel centres, and zero outside; the integral is a sum over steps of
    half a pixel, with lengths in the geometry's unit. It does not use the operators that reconstruct images.

    >>> geometry = Geometry(np.zeros(1), 4, spacing=0.5)
    >>> line_integrals(np.ones((4, 4)), geometry).round(6)
    array([[2., 2., 2., 2.]])
    """
    from scipy.ndimage import map_coordinates

    n = len(image)
    pixel = geometry.side / n
    reach = int(np.ceil((n / np.sqrt(2) + 1) / _STEP))
    along = (np.arange(-reach, reach) + 0.5) * _STEP  # from the point nearest to the axis, in pixels
    sums = np.empty(geometry.shape)
    points, directions = geometry.rays()
    for i, (near, direction) in enumerate(zip(points / pixel, directions, strict=True)):
        x, y = (near[:, axis, None] + along * direction[:, axis, None] for axis in (0, 1))
        places = np.stack([n / 2 - 0.5 - y, n / 2 - 0.5 + x])
        sums[i] = map_coordinates(image, places, order=1, mode="grid-constant").sum(axis=1)
    return sums * (_STEP * pixel)


_SIZE = 1 << 16  # draws at a time; the places depend on it only through the order of random numbers
_PATIENCE = 20  # draws per place to be found, before the distribution is made wider


def draw_places(
    shape: tuple[int, ...], fraction: float, generator: np.random.Generator
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Draw a fraction of the places of k-space, as a bool mask of ``shape`` with DC at n//2.

    Integers are drawn from N(n//2, 2n) along each axis, and draws outside the grid are dropped, until that fraction of
    different places is found. This follows Tancik et al. 2020: 200,000 draws find 12.6 % of 96³. If the normal
    distribution is too narrow to reach the fraction, its variance is doubled until it does, and a note says so.
    """
    count = max(1, round(fraction * int(np.prod(shape))))
    deviation = np.sqrt(2.0 * np.array(shape))
    factor = 1
    while (deviation * np.sqrt(factor) < np.array(shape)).any() and count < np.prod(shape):
        mask = _drawn(shape, deviation * np.sqrt(factor), count, generator)
        if mask is not None:
            return mask, (f"the variance of the mask's normal distribution is {2 * factor}·n",) if factor > 1 else ()
        factor *= 2
    mask = np.zeros(shape, dtype=bool)
    mask.flat[generator.permutation(mask.size)[:count]] = True
    return mask, () if mask.all() else ("the mask is uniform: no normal distribution reaches so large a fraction",)


def _drawn(
    shape: tuple[int, ...], deviation: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray | None:
    """Return the first ``count`` different places, or None if they take too many draws."""
    mask = np.zeros(shape, dtype=bool)
    missing, patience = count, _PATIENCE * count + _SIZE
    while missing > 0 and patience > 0:
        patience -= _SIZE
        draws = np.rint(generator.normal(size=(_SIZE, len(shape))) * deviation).astype(int) + np.array(shape) // 2
        inside = draws[((draws >= 0) & (draws < np.array(shape))).all(axis=1)]
        flat, first = np.unique(np.ravel_multi_index(tuple(inside.T), shape), return_index=True)
        fresh = flat[np.argsort(first)]
        fresh = fresh[~mask.flat[fresh]][:missing]
        mask.flat[fresh] = True
        missing -= len(fresh)
    return None if missing > 0 else mask


def fourier_transform(image: np.ndarray) -> np.ndarray:
    """Compute the centred orthonormal transform Σ_r m(r) e^{−2πi k·r/n} / √N, with DC at n//2.

    This is NumPy's transform with r and k both counted from n//2.
    """
    return np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(image), norm="ortho"))


def simulate(signal: GridSignal, options: ScanOptions) -> SinogramSignal | KSpaceSignal:
    """Simulate the scan of an image or volume that ``options.simulate`` asks for, with the signal as its ``truth``.

    "ct:N" gives line integrals through an image, or through a slice ``[:, :, k]`` of a volume (by default the middle
    one), padded with zeros to a square. The N angles are spread evenly over half a turn (a whole turn for a fan beam)
    unless ``options.angles`` specify them; there are as many bins as the square has pixels along a side. "mri:F" gives
    a fraction F of the Fourier samples of an image or volume, which is known to be real. Noise is Gaussian, complex in
    k-space, and relative to the root mean square of the measurements.

    >>> from fourierfield.grids._arrays import as_signal
    >>> simulate(as_signal(np.eye(8)), ScanOptions("ct:5")).shape
    (5, 1, 8)
    >>> simulate(as_signal(np.eye(8)), ScanOptions("mri:0.25")).shape
    (1, 16)
    """
    simulation = options.simulation
    if simulation is None:
        raise SettingsError("there is nothing to simulate; give --simulate ct:20 or mri:0.125")
    scan = _ct if simulation.kind == "ct" else _mri
    return scan(signal, options, simulation)


def _ct(signal: GridSignal, options: ScanOptions, simulation: Simulation) -> SinogramSignal:
    image, notes = known_image(signal, options, "ct")
    truth, pixel, padded = padded_square(image)
    n = truth.shape[0]
    evenly = options if options.angles else replace(options, angles="0:360" if options.fan else "0:180")
    angles, _ = scan_angles(evenly, np.zeros((int(simulation.amount), 1)))
    source, detector = options.distances or (None, None)
    spacing = pixel if source is None or detector is None else pixel * detector / source
    geometry = Geometry(angles, n, options.centre, spacing, truth.domain.units[0], source, detector)
    if source is not None and source <= geometry.side / np.sqrt(2):
        raise SettingsError(
            f"--fan {options.fan}: the source would turn within the image, whose corners are "
            f"{geometry.side / np.sqrt(2):.4g} {geometry.unit} from the axis; place it farther away"
        )
    truth = replace(truth, domain=geometry.domain)  # equal up to the rounding of a fan beam's spacing
    sums = line_integrals(truth.values[..., 0].astype(np.float64), geometry)
    noise = np.random.default_rng(options.seed).normal(size=sums.shape) * _deviation(sums, simulation)
    notes = (*notes, *padded, *_unseen_notes(truth), *_noise_notes(simulation))
    projections = (sums + noise)[:, None].astype(np.float32)
    return SinogramSignal(
        projections, geometry, geometry.pixel, truth, truth.sample_format, signal.name, signal.file_bytes, notes
    )


def _mri(signal: GridSignal, options: ScanOptions, simulation: Simulation) -> KSpaceSignal:
    truth, notes = known_volume(signal, options)
    shape = truth.shape
    if min(shape) < 2:
        raise SignalError(f"{signal.name} has {shape} samples; simulated k-space needs 2 or more along each axis")
    generator = np.random.default_rng(options.seed)
    mask, widened = draw_places(shape, simulation.amount, generator)
    samples = fourier_transform(truth.values[..., 0].astype(np.float64))[mask]
    parts = generator.normal(size=(2, len(samples))) / np.sqrt(2)
    samples = samples + (parts[0] + 1j * parts[1]) * _deviation(samples, simulation)
    spacing = tuple(length / n for length, n in zip(truth.domain.extent, shape, strict=True))
    return KSpaceSignal(
        samples[None].astype(np.complex64),
        (np.argwhere(mask) - np.array(shape) // 2).astype(np.float64),
        shape,
        spacing,
        truth.domain.units[0],
        real=True,
        truth=truth,
        sample_format=truth.sample_format,
        name=signal.name,
        file_bytes=signal.file_bytes,
        notes=(*notes, f"{mask.mean():.2%} of k-space is measured", *widened, *_noise_notes(simulation)),
    )


def _deviation(measured: np.ndarray, simulation: Simulation) -> float:
    """Return the standard deviation of the noise."""
    return simulation.noise * float(np.sqrt(np.mean(np.abs(measured) ** 2)))


def _noise_notes(simulation: Simulation) -> tuple[str, ...]:
    return (f"noise of {simulation.noise:g} of the measurements' root mean square",) if simulation.noise else ()


def _unseen_notes(truth: GridSignal) -> tuple[str, ...]:
    """Return a note on the part of the image that the detector does not see from all angles."""
    n = truth.shape[0]
    across = np.arange(n) - (n - 1) / 2
    outside = np.hypot(across[:, None], across) > n / 2
    share = np.abs(truth.values[outside]).sum() / max(float(np.abs(truth.values).sum()), 1e-30)
    if share < 1e-3:
        return ()
    return (f"{share:.1%} of the image lies outside of the circle that rays of all angles cross",)
