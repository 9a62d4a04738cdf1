"""Classical rivals of a field from a scan, each an image vector from the same training measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ...errors import SettingsError
from ...operators._geometry import Geometry
from ...solvers._cg import conjugate_gradients
from ...solvers._sparse import PrimalDual, Sparse, slopes_of
from ._judging import Unseen, climb, gram_bound
from ._kspace import KSpaceSignal
from ._problem import Scan, ScanProblem, forward_map, inner_problem, measurements
from ._sinogram import SinogramSignal

_FULL_TURN = 1.9 * np.pi  # radians: angles that span more make a whole turn
_BEYOND = 4  # projections of the next turn and of the one before, to interpolate between the last and the first
_NOWHERE = -10.0  # index for a ray that was not measured, outside the array, where interpolation gives 0


def as_skimage_sinogram(scan: SinogramSignal, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Return projections (n, A) of one slice and their angles (A,) in degrees, for ``skimage.transform.iradon``.

    ``iradon`` takes parallel rays, with bins as wide as pixels, and gives the image on the field's own grid.

    There pixel n//2 lies on the axis and bin n//2 sees it; here the axis is in the middle of the grid, and projects to
    the geometry's centre. Each projection is therefore shifted, by cubic interpolation; what lies beside the detector
    is empty. Fan beams are sorted into parallel ones first.
    """
    count = scan.image_shape[-1]
    values = _filled(scan.projections[:, index])
    geometry = scan.geometry
    angles = geometry.angles
    if geometry.fan:
        known, values = _within_a_turn(angles, values)
        angles = np.linspace(0, np.pi, len(angles), endpoint=False)
    middle = count // 2 - (count - 1) / 2
    pixel = geometry.side / count
    moved = middle * (np.cos(angles) - np.sin(angles))
    offsets = pixel * (np.arange(count)[None] - count // 2 + moved[:, None])  # distance of each ray from the axis
    rays = _fan_places(geometry, known, angles, offsets) if geometry.fan else _parallel_places(geometry, offsets)
    return _interpolated(values, rays).T / pixel, np.degrees(angles)


def _filled(values: np.ndarray) -> np.ndarray:
    """Interpolate missing rays between their neighbours in the same projection."""
    filled = values.astype(np.float64)
    for row in filled:
        missing = np.isnan(row)
        if missing.any() and not missing.all():
            row[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), row[~missing])
    return np.nan_to_num(filled)


def _parallel_places(geometry: Geometry, offsets: np.ndarray) -> np.ndarray:
    rows = np.broadcast_to(np.arange(len(offsets), dtype=np.float64)[:, None], offsets.shape)
    return np.stack([rows, offsets / geometry.spacing + geometry.axis])


def _within_a_turn(angles: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the angles in ascending order within a turn, and their projections.

    For a whole turn, some projections of the next turn and of the one before are added.
    """
    turned = np.mod(angles - angles.min(), 2 * np.pi)
    order = np.argsort(turned, kind="stable")
    turned, values = turned[order], values[order]
    if turned[-1] * len(turned) / max(1, len(turned) - 1) > _FULL_TURN:
        turned = np.concatenate([turned[-_BEYOND:] - 2 * np.pi, turned, turned[:_BEYOND] + 2 * np.pi])
        values = np.concatenate([values[-_BEYOND:], values, values[:_BEYOND]])
    return turned + angles.min(), values


def _fan_places(geometry: Geometry, known: np.ndarray, angles: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the indices of the ``known`` angle and of the bin that saw each parallel ray.

    sin γ = s/source and β = θ + γ (Kak & Slaney 1988, Section 3.4.3), or the same ray from its other end.
    """
    assert geometry.source is not None
    assert geometry.detector is not None
    first, numbers = geometry.angles.min(), np.arange(len(known), dtype=np.float64)
    rays = np.arcsin(np.clip(offsets / geometry.source, -1, 1))
    found = np.full((2, *offsets.shape), _NOWHERE)
    for side in (1, -1):  # from the other end: θ + π, −s
        start = angles[:, None] + side * rays + (np.pi if side < 0 else 0.0)
        turned = first + np.mod(start - first, 2 * np.pi)
        place = np.interp(turned, known, numbers, left=_NOWHERE, right=_NOWHERE)
        bins = geometry.detector * np.tan(side * rays) / geometry.spacing + geometry.axis
        use = (place >= 0) & (found[0] < 0)
        found[0][use], found[1][use] = place[use], bins[use]
    return found


def _interpolated(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    return np.asarray(map_coordinates(values, places, order=3, mode="constant"))


_SART_ROUNDS = 3  # passes over all projections
_SENSE_STEPS, _FILLED_STEPS = 15, 10  # of conjugate gradients, through coils and for zero filling
_MIDDLING, _FACTOR = 1e-3, 10**0.5  # first strength of total variation, in the solver's unit, and step to the next
# most steps of total variation: of the final fit, of the first trial, and of trials that go on from another one
_STEPS, _TRIAL_STEPS, _NEXT_STEPS = 600, 400, 200
_SETTLED, _SETTLED_FINAL = 3e-4, 1e-4  # relative change of the image in a step at which trials and the final fit stop


def filtered_back_projection(problem: ScanProblem) -> Tensor:
    """Reconstruct with a ramp filter and back-projection, scikit-image's ``iradon``, (N,)."""
    from skimage.transform import iradon

    return _by_slice(problem, lambda sinogram, angles: iradon(sinogram, angles, circle=True))


def sart(problem: ScanProblem) -> Tensor:
    """Reconstruct with three rounds of the simultaneous algebraic reconstruction technique (SART), (N,).

    This is scikit-image's ``iradon_sart`` (Andersen & Kak 1984).
    """
    from skimage.transform import iradon_sart

    def rounds(sinogram: np.ndarray, angles: np.ndarray) -> np.ndarray:
        image = None
        for _ in range(_SART_ROUNDS):
            image = iradon_sart(sinogram, angles, image=image)
        return np.asarray(image)

    return _by_slice(problem, rounds)


def zero_filled(problem: ScanProblem) -> Tensor:
    """Return the smallest image that fits the measurements best, (N,).

    k-space is zero where it was not measured and, for a real image, is not known from the opposite place. For several
    coils the image is the root of the sum of squares of such images, as a real part.
    """
    scan = problem.training
    assert isinstance(scan, KSpaceSignal)
    if scan.maps is None:
        return _least_squares(scan, _FILLED_STEPS)
    return _root_of_squares(scan)


def sense(problem: ScanProblem) -> Tensor:
    """Fit by least squares through the coils' sensitivities, (N,).

    These are fifteen steps of conjugate gradients (Pruessmann et al. 2001).
    """
    return _least_squares(problem.training, _SENSE_STEPS)


def tv(problem: ScanProblem) -> Tensor:
    """Fit by least squares with total variation, (N,).

    Its weight is chosen by the distance that a seventh of the training measurements implies; a single projection gets a
    middling weight.
    """
    try:
        inner = inner_problem(problem, 0)
    except SettingsError:
        strength, start = _MIDDLING, None
    else:
        (start, strength), _ = _best_strength(inner)
    solver = _tv_solver(problem)
    start = None if start is None else replace(start, rays=torch.zeros_like(measurements(problem.training)))
    return _image(problem, solver.run(strength * solver.unit, _STEPS, start=start, tolerance=_SETTLED_FINAL))


def _best_strength(inner: ScanProblem) -> tuple[tuple[Sparse, float], float]:
    solver, unseen = _tv_solver(inner), Unseen(inner)

    def judge(strength: float, before: tuple[Sparse, float] | None) -> tuple[tuple[Sparse, float], float]:
        start = None if before is None else before[0]
        steps = _NEXT_STEPS if start else _TRIAL_STEPS
        found = solver.run(strength * solver.unit, steps, start=start, tolerance=_SETTLED)
        parts = _image(inner, found).reshape(inner.channels, *inner.image_shape)
        return (found, strength), unseen.errors(parts)[1]

    return climb(judge, _MIDDLING, _FACTOR)


def _tv_solver(problem: ScanProblem) -> PrimalDual:
    scan = problem.training
    return PrimalDual(
        forward_map(scan),
        measurements(scan),
        slopes_of(problem.image_shape),
        channels=problem.channels,
        positive=isinstance(scan, SinogramSignal),
        gram=gram_bound(scan),
    )


def _image(problem: ScanProblem, found: Sparse) -> Tensor:
    return found.value.clamp(min=0) if isinstance(problem.training, SinogramSignal) else found.value


RIVALS: dict[str, dict[str, Callable[[ScanProblem], Tensor]]] = {
    "ct": {"fbp": filtered_back_projection, "sart": sart, "tv": tv},
    "mri": {"zero_filled": zero_filled, "sense": sense, "tv": tv},
}


def rivals_of(problem: ScanProblem) -> dict[str, Tensor]:
    """Return the image vectors of all rivals that suit a scan, by name.

    The names are "fbp", "sart" and "tv" for CT; "zero_filled" and "tv" for MRI, and "sense" for several coils.
    """
    scan = problem.training
    one_coil = isinstance(scan, KSpaceSignal) and scan.maps is None
    return {name: rival(problem) for name, rival in RIVALS[scan.kind].items() if not (name == "sense" and one_coil)}


def _by_slice(problem: ScanProblem, make: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Tensor:
    scan = problem.training
    assert isinstance(scan, SinogramSignal)
    images = [make(*as_skimage_sinogram(scan, index)) for index in range(scan.slices)]
    return torch.from_numpy(np.stack(images)).double().reshape(-1)


def _least_squares(scan: Scan, most: int) -> Tensor:
    """Return the smallest solution of argmin ‖A f − y‖, by conjugate gradients.

    They run on AᵀA f = Aᵀy, since with noise no image has A f = y.
    """
    operator, values = forward_map(scan), measurements(scan)
    return conjugate_gradients(operator.H @ operator, operator.H @ values, tolerance=1e-6, most=most).value


def _root_of_squares(scan: KSpaceSignal) -> Tensor:
    total = torch.zeros(int(np.prod(scan.image_shape)), dtype=torch.float64)
    for coil in range(scan.coils):
        one = replace(scan, samples=scan.samples[coil : coil + 1], maps=None, calibration=None, real=False)
        image = (forward_map(one).H @ measurements(one)).reshape(2, -1)
        total += image.square().sum(0)
    found = total.sqrt()
    return found if scan.real else torch.cat([found, torch.zeros_like(found)])
