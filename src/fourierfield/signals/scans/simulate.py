"""Scans of known images and volumes, so that what is made of their measurements can be scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import SettingsError, SignalError
from ..signal import GridSignal
from .fourier_samples import draw_places, fourier_transform
from .geometry import Geometry
from .kspace import KSpaceSignal
from .line_integrals import line_integrals
from .options import ScanOptions, Simulation
from .projections import scan_angles
from .sinogram import SinogramSignal
from .truth import known_image, known_volume, padded_square

__all__ = ["simulate"]


def simulate(signal: GridSignal, options: ScanOptions) -> SinogramSignal | KSpaceSignal:
    """The scan that ``options.simulate`` asks for, of an image or volume, with it as ``truth``.

    "ct:N": line integrals through the image, or a slice ``[:, :, k]`` of a volume (the middle one by default), made
    square by zeros: N angles evenly over half a turn (a whole one for a fan beam, or as ``options.angles`` say) by as
    many bins as it has pixels. "mri:F": a fraction F of the Fourier samples of the image or volume, which is known to
    be real. Noise is Gaussian, complex in k-space, and relative to the measurements' root mean square. Raises
    ``SettingsError`` and ``SignalError``.

    >>> from fourierfield.signals import as_signal
    >>> simulate(as_signal(np.eye(8)), ScanOptions("ct:5")).shape
    (5, 1, 8)
    >>> simulate(as_signal(np.eye(8)), ScanOptions("mri:0.25")).shape
    (1, 16)
    """
    simulation = options.simulation
    if simulation is None:
        raise SettingsError("there is nothing to simulate; give --simulate ct:20 or mri:0.125")
    options.refuse_others(simulation.kind)
    scan = _ct if simulation.kind == "ct" else _mri
    return scan(signal, options, simulation)


def _ct(signal: GridSignal, options: ScanOptions, simulation: Simulation) -> SinogramSignal:
    image, notes = known_image(signal, options, "ct")
    truth, pixel, padded = padded_square(image)
    n = truth.shape[0]
    angles, _ = scan_angles(_half_turn(options), int(simulation.amount))
    source, detector = options.distances or (None, None)
    spacing = pixel if source is None or detector is None else pixel * detector / source
    geometry = Geometry(angles, n, options.centre, spacing, truth.domain.units[0], source, detector)
    if source is not None and source <= geometry.side / np.sqrt(2):
        raise SettingsError(
            f"--fan {options.fan}: the source turns within the image, whose corners are "
            f"{geometry.side / np.sqrt(2):.4g} {geometry.unit} from the axis; place it farther away"
        )
    truth = replace(truth, domain=geometry.domain)  # as a fan's rounding has it
    sums = line_integrals(truth.values[..., 0].astype(np.float64), geometry)
    noise = np.random.default_rng(options.seed).normal(size=sums.shape) * _deviation(sums, simulation)
    notes = (*notes, *padded, *_beside(truth), *_told(simulation))
    projections = (sums + noise)[:, None].astype(np.float32)
    return SinogramSignal(
        projections, geometry, geometry.pixel, truth, truth.sample_format, signal.name, signal.file_bytes, notes
    )


def _half_turn(options: ScanOptions) -> ScanOptions:
    """The same, with angles where none are given."""
    return options if options.angles else replace(options, angles="0:360" if options.fan else "0:180")


def _mri(signal: GridSignal, options: ScanOptions, simulation: Simulation) -> KSpaceSignal:
    truth, notes = known_volume(signal, options)
    shape = truth.shape
    if min(shape) < 2:
        raise SignalError(f"{signal.name} has {shape} samples; k-space is simulated of 2 or more along each axis")
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
        notes=(*notes, f"{mask.mean():.2%} of k-space is measured", *widened, *_told(simulation)),
    )


def _deviation(measured: np.ndarray, simulation: Simulation) -> float:
    """Standard deviation of the noise."""
    return simulation.noise * float(np.sqrt(np.mean(np.abs(measured) ** 2)))


def _told(simulation: Simulation) -> tuple[str, ...]:
    return (f"noise of {simulation.noise:g} of the measurements' root mean square",) if simulation.noise else ()


def _beside(truth: GridSignal) -> tuple[str, ...]:
    """A note on what the detector does not see at all angles."""
    n = truth.shape[0]
    across = np.arange(n) - (n - 1) / 2
    outside = np.hypot(across[:, None], across) > n / 2
    share = np.abs(truth.values[outside]).sum() / max(float(np.abs(truth.values).sum()), 1e-30)
    if share < 1e-3:
        return ()
    return (f"{share:.1%} of the image lies outside of the circle that rays of all angles cross",)
