"""The classical rivals of a field from a scan, each an image vector from the same training measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ...errors import SettingsError
from ...signals.scans import KSpaceSignal, SinogramSignal
from ...solvers import PrimalDual, Sparse, conjugate_gradients, slopes_of
from .bound import gram_bound
from .judging import Unseen, climb
from .parallel import as_skimage_sinogram
from .problem import Scan, ScanProblem, forward_map, inner_problem, measurements

__all__ = ["RIVALS", "filtered_back_projection", "rivals_of", "sart", "sense", "tv", "zero_filled"]

_SART_ROUNDS = 3
_SENSE_STEPS, _FILLED_STEPS = 15, 10
_MIDDLING, _FACTOR = 1e-3, 10**0.5  # strengths of total variation, in the solver's unit
_STEPS, _TRIAL_STEPS, _NEXT_STEPS = 600, 400, 200
_SETTLED, _SETTLED_FINAL = 3e-4, 1e-4  # the image's change in a step, relative

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
    """Least squares with total variation, its weight by the distance that a seventh of the training measurements tell
    (of a single projection a middling one)."""
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


def _root_of_squares(scan: KSpaceSignal) -> Tensor:
    total = torch.zeros(int(np.prod(scan.image_shape)), dtype=torch.float64)
    for coil in range(scan.coils):
        one = replace(scan, samples=scan.samples[coil : coil + 1], maps=None, calibration=None, real=False)
        image = (forward_map(one).H @ measurements(one)).reshape(2, -1)
        total += image.square().sum(0)
    found = total.sqrt()
    return found if scan.real else torch.cat([found, torch.zeros_like(found)])
