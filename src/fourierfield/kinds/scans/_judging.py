"""Judge fits of scans by measurements that they did not see, and search for the best strength of a prior."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from ._kspace import KSpaceSignal
from ._problem import Scan, ScanProblem, forward_map, measurement_noise, measurements
from ._sinogram import SinogramSignal


def gram_bound(scan: Scan) -> Tensor | None:
    """Return the eigenvalues (n₁, …) of the circulant matrix AᵀA, in the order of the discrete Fourier transform.

    AᵀA is circulant if the scan is Fourier samples on the grid by one coil; None is returned for other scans. For a
    complex field each place in k-space has its own eigenvalue. For a real field each measured place counts half for
    itself and half for the opposite place.
    """
    if not isinstance(scan, KSpaceSignal) or not scan.cartesian or scan.maps is not None:
        return None
    counts = np.zeros((2, *scan.image_shape))
    for count, sign in zip(counts, (1, -1), strict=True):
        np.add.at(count, scan.cells(sign), 1)
    return torch.from_numpy(counts.mean(axis=0) if scan.real else counts[0])


_RINGS = 24  # rings of k-space over which misfits are averaged
_AROUND = 3.0  # places in k-space: standard deviation of the Gaussian that averages densities
_BETTER = 0.99  # of the least distance so far: below it a strength is better, and the next one is tried
_LEAST, _MOST = 1e-8, 1e3  # limits of the strengths that are tried

Judged = TypeVar("Judged")


def climb(
    judge: Callable[[float, Judged | None], tuple[Judged, float]],
    first: float,
    factor: float,
    *,
    worst: float = math.inf,
) -> tuple[Judged, float]:
    """Return the best of strengths in steps of ``factor``, as ``judge`` made it, and its distance.

    ``judge`` takes a strength and the best fit so far, and returns a fit and its distance. The search goes from the
    ``first`` strength upwards or, if that is no better, downwards, as long as the next one is better by 1 %. If the
    first one is farther off than ``worst``, no others are tried.

    >>> climb(lambda x, before: (x, abs(x - 8.0)), 1.0, 2.0)
    (8.0, 0.0)
    """
    started = best = judge(first, None)
    for step in (factor, 1 / factor):
        if best is not started or started[1] > worst:
            break
        strength = first * step
        while _LEAST < strength < _MOST:
            found = judge(strength, best[0])
            if not found[1] < _BETTER * best[1]:
                break
            best, strength = found, strength * step
    return best


class Unseen:
    """The held-out measurements y of a problem, by which fields that were fitted to the others are judged."""

    def __init__(self, problem: ScanProblem) -> None:
        assert problem.held_out is not None
        self._forward, self._measured = forward_map(problem.held_out), measurements(problem.held_out)
        self._weighting = _weighting_of(problem)
        nothing = torch.zeros(self._forward.shape[1], dtype=torch.float64)
        self._whole = math.hypot(self._weighting.size(self._measured), self._weighting.left(nothing)) or 1.0

    @property
    def size(self) -> float:
        """The root mean square of y."""
        return float(self._measured.square().mean().sqrt())

    def errors(self, parts: Tensor) -> tuple[float, float]:
        """Return ‖A f − y‖/‖y‖, and the distance of the field from the truth that these errors imply.

        The distance is relative to that of a field of zeros (absolute if the measurements are all zero).
        """
        field = parts.reshape(-1)
        off = self._forward @ field - self._measured
        distance = math.hypot(self._weighting.size(off), self._weighting.left(field))
        return float(off.norm()) / (float(self._measured.norm()) or 1.0), distance / self._whole

    def verdict(self, error: float, distance: float) -> float:
        """Return the number that fits are compared by, less being better.

        It is the ``distance``, but for projections √(error·distance): their finest waves weigh most in the distance,
        and those are mostly noise and errors of the geometry.
        """
        return self._weighting.verdict(error, distance)

    def excess(self, parts: Tensor, deviations: Tensor) -> float:
        """Return the ratio of the squared errors to those of random ``deviations`` from the field (N, k), on average.

        Noise of variance 1 is added to the deviations' measurements. The ratio is 1 if nothing was held out.
        """
        off = self._forward @ parts.reshape(-1) - self._measured
        drawn = self._forward @ deviations
        drawn = drawn + torch.randn(drawn.shape, dtype=drawn.dtype, generator=torch.Generator().manual_seed(0))
        mean = sum(self._weighting.size(one) ** 2 for one in drawn.T) / drawn.shape[1]
        return float(self._weighting.size(off) ** 2 / mean) if mean > 0 else 1.0


class _PlainWeighting:
    """A weighting of errors in the measurements: all alike.

    ``size`` weighs errors at held-out measurements, ``left`` those that the field has at the other measurements, and
    ``verdict`` combines the scores.
    """

    def size(self, off: Tensor) -> float:
        return float(off.norm())

    def left(self, field: Tensor) -> float:
        return 0.0

    def verdict(self, error: float, distance: float) -> float:
        return distance


class _ProjectionWeighting(_PlainWeighting):
    """A weighting of errors in projections, by |ω| for each wave ω.

    This makes them errors in the plane, where fine waves are more numerous: ∫|F|² dx = ∫∫|F|² |ω| dω dθ.
    """

    def __init__(self, scan: SinogramSignal) -> None:
        self._known = torch.from_numpy(~np.isnan(scan.projections.transpose(1, 0, 2)))

    def size(self, off: Tensor) -> float:
        projections = torch.zeros(self._known.shape, dtype=torch.float64)
        projections[self._known] = off
        count = 2 * projections.shape[-1]
        waves = torch.fft.rfft(projections, n=count)
        return float((waves * torch.fft.rfftfreq(count, dtype=torch.float64).sqrt()).norm())

    def verdict(self, error: float, distance: float) -> float:
        return math.sqrt(error * distance)


class _PlaceWeighting(_PlainWeighting):
    """A weighting of errors in k-space that estimates Σ|f̂ − f|² over all of it.

    Errors at held-out places stand for those at the unmeasured places around them, in proportion to their number.

    At places that were seen, errors are inferred from the misfit. For a field that keeps the share h of each sample's
    noise, all of it if it meets the sample, squared misfits are r² = (1 − h)²σ² or more, and squared errors are h²σ².
    They are therefore taken as (σ − r)² for misfits within the noise σ and as r² − σ² for larger ones, with r² averaged
    over a ring of k-space.
    """

    def __init__(self, seen: KSpaceSignal, held_out: KSpaceSignal) -> None:
        self._forward, self._measured = forward_map(seen), measurements(seen)
        self._noise = measurement_noise(seen)
        self._weights = _unmeasured_for_each(seen, held_out)
        radius = np.sqrt(((seen.places / np.array(seen.image_shape)) ** 2).sum(axis=1))
        self._rings = np.array_split(np.argsort(np.tile(radius, 2 * seen.coils), kind="stable"), _RINGS)

    def size(self, off: Tensor) -> float:
        return float((self._weights * off.square()).sum().sqrt())

    def left(self, field: Tensor) -> float:
        squares = (self._forward @ field - self._measured).square().numpy()
        return math.sqrt(sum(len(ring) * self._error(float(squares[ring].mean())) for ring in self._rings if len(ring)))

    def _error(self, misfit: float) -> float:
        """Return the mean square of errors, given that of misfits."""
        variance = self._noise**2
        return (self._noise - math.sqrt(misfit)) ** 2 if misfit < variance else misfit - variance


def _weighting_of(problem: ScanProblem) -> _PlainWeighting:
    seen, held_out = problem.training, problem.held_out
    if isinstance(held_out, SinogramSignal):
        return _ProjectionWeighting(held_out)
    assert isinstance(seen, KSpaceSignal)
    assert isinstance(held_out, KSpaceSignal)
    on_grid = seen.cartesian and held_out.cartesian and seen.maps is None
    return _PlaceWeighting(seen, held_out) if on_grid else _PlainWeighting()


def _unmeasured_for_each(seen: KSpaceSignal, held_out: KSpaceSignal) -> Tensor:
    """Return how many unmeasured places each held-out measurement stands for, from the densities of both around it."""
    from scipy.ndimage import gaussian_filter

    masks = np.zeros((2, *seen.image_shape))
    for mask, scan in zip(masks, (seen, held_out), strict=True):
        mask[scan.cells()] = 1.0
        if scan.real:
            mask[scan.cells(-1)] = 1.0
    wrap = [gaussian_filter(mask, _AROUND, mode="wrap") for mask in (*masks, 1 - np.clip(sum(masks), 0, 1))]
    index = held_out.cells()
    counts = wrap[2][index] / np.maximum(wrap[1][index], 1e-12)
    return torch.from_numpy(np.tile(counts, 2 * held_out.coils))
