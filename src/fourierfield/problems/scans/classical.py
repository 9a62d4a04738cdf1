"""The classical rivals of a field from a scan, each an image vector from the same training measurements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ...errors import SettingsError
from ...operators import LinearOperator
from ...signals.scans import KSpaceSignal, SinogramSignal
from ...solvers import conjugate_gradients, largest_singular_value, total_variation
from .parallel import as_skimage_sinogram
from .problem import Scan, ScanProblem, forward_map, inner_problem, measurements

__all__ = ["RIVALS", "filtered_back_projection", "rivals_of", "sart", "sense", "tv", "zero_filled"]

_SART_ROUNDS = 3
_SENSE_STEPS, _FILLED_STEPS = 15, 10
_WEIGHTS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # of ‖A‖²·max|f|
_STEPS = 300  # half as many while a weight is sought

Rival = Callable[[ScanProblem], Tensor]


def filtered_back_projection(problem: ScanProblem) -> Tensor:
    """Ramp filter and back-projection, scikit-image's ``iradon``, (N,)."""
    from skimage.transform import iradon

    return _by_slice(problem, lambda sinogram, angles: iradon(sinogram, angles, circle=True))


def sart(problem: ScanProblem) -> Tensor:
    """Three rounds of the simultaneous algebraic reconstruction technique (Andersen & Kak 1984), scikit-image's
    ``iradon_sart``, (N,)."""
    from skimage.transform import iradon_sart

    def rounds(sinogram: np.ndarray, angles: np.ndarray) -> np.ndarray:
        image = None
        for _ in range(_SART_ROUNDS):
            image = iradon_sart(sinogram, angles, image=image)
        return np.asarray(image)

    return _by_slice(problem, rounds)


def zero_filled(problem: ScanProblem) -> Tensor:
    """The smallest image that goes best with the measurements: zeros where k-space was not measured or, of a real
    image, known by the opposite place. Of several coils the root of the sum of squares of such images, as a real part.
    """
    scan = problem.training
    assert isinstance(scan, KSpaceSignal)
    if scan.maps is None:
        return _least_squares(scan, _FILLED_STEPS)
    return _root_of_squares(scan)


def sense(problem: ScanProblem) -> Tensor:
    """Least squares through the coils' sensitivities, fifteen steps of conjugate gradients (Pruessmann et al. 2001)."""
    return _least_squares(problem.training, _SENSE_STEPS)


def tv(problem: ScanProblem) -> Tensor:
    """Least squares with total variation, its weight from five by a seventh of the training measurements (of a single
    projection the middle one)."""
    operator, values = forward_map(problem.training), measurements(problem.training)
    weight = _chosen_weight(problem) * _unit(operator, values)
    return _total_variation(problem, operator, values, weight, _STEPS)


def _chosen_weight(problem: ScanProblem) -> float:
    try:
        inner = inner_problem(problem, 0)
    except SettingsError:
        return _WEIGHTS[len(_WEIGHTS) // 2]
    assert inner.held_out is not None
    unseen, wanted = forward_map(inner.held_out), measurements(inner.held_out)
    operator, values = forward_map(inner.training), measurements(inner.training)
    unit, steps = _unit(operator, values), _STEPS
    best, error = _WEIGHTS[0], float("inf")
    for weight in _WEIGHTS:
        found = _total_variation(problem, operator, values, weight * unit, steps // 2)
        off = float((unseen @ found - wanted).norm())
        if off > 0.99 * error:
            break
        best, error = weight, off
    return best


RIVALS: dict[str, tuple[str, ...]] = {"ct": ("fbp", "sart", "tv"), "mri": ("zero_filled", "sense", "tv")}
_BY_NAME: dict[str, Rival] = {
    "fbp": filtered_back_projection,
    "sart": sart,
    "zero_filled": zero_filled,
    "sense": sense,
    "tv": tv,
}


def rivals_of(problem: ScanProblem) -> dict[str, Tensor]:
    """Image vectors of all that suit a scan, by name: "fbp", "sart", "tv"; "zero_filled", "tv", of several coils
    "sense"."""
    scan = problem.training
    names = RIVALS[scan.kind]
    if isinstance(scan, KSpaceSignal) and scan.maps is None:
        names = tuple(name for name in names if name != "sense")
    return {name: _BY_NAME[name](problem) for name in names}


def _by_slice(problem: ScanProblem, make: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Tensor:
    scan = problem.training
    assert isinstance(scan, SinogramSignal)
    images = [make(*as_skimage_sinogram(scan, index)) for index in range(scan.slices)]
    return torch.from_numpy(np.stack(images)).double().reshape(-1)


def _least_squares(scan: Scan, most: int) -> Tensor:
    """argmin ‖A f − y‖, the smallest one, by conjugate gradients (on AᵀA: with noise no image has A f = y)."""
    operator, values = forward_map(scan), measurements(scan)
    return conjugate_gradients(operator.H @ operator, operator.H @ values, tolerance=1e-6, most=most).value


def _total_variation(
    problem: ScanProblem, operator: LinearOperator, values: Tensor, weight: float, steps: int
) -> Tensor:
    return total_variation(
        operator,
        values,
        problem.image_shape,
        weight,
        channels=problem.channels,
        positive=isinstance(problem.training, SinogramSignal),
        most=steps,
    ).value


def _unit(operator: LinearOperator, values: Tensor) -> float:
    """‖A‖²·max|f| for the f of least squares along Aᵀy."""
    back = operator.H @ values
    ahead = operator @ back
    scale = float(back.square().sum() / ahead.square().sum())
    return largest_singular_value(operator) ** 2 * scale * float(back.abs().max())


def _root_of_squares(scan: KSpaceSignal) -> Tensor:
    from dataclasses import replace

    total = torch.zeros(int(np.prod(scan.image_shape)), dtype=torch.float64)
    for coil in range(scan.coils):
        one = replace(scan, samples=scan.samples[coil : coil + 1], maps=None, calibration=None, real=False)
        image = (forward_map(one).H @ measurements(one)).reshape(2, -1)
        total += image.square().sum(0)
    found = total.sqrt()
    return found if scan.real else torch.cat([found, torch.zeros_like(found)])
