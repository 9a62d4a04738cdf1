"""Measurements that a fit did not see, to judge it by, and the search for the strength of what it expects."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from ...signals.scans import KSpaceSignal, SinogramSignal
from .noise import measurement_noise
from .problem import ScanProblem, forward_map, measurements

__all__ = ["Unseen", "climb"]

_RINGS = 24  # of k-space
_AROUND = 3.0  # places in k-space over which its density is taken
_BETTER = 0.99  # times the distance so far: then a strength is better, and the next one is tried
_LEAST, _MOST = 1e-8, 1e3

Judged = TypeVar("Judged")


def climb(
    judge: Callable[[float, Judged | None], tuple[Judged, float]],
    first: float,
    factor: float,
    *,
    worst: float = math.inf,
) -> tuple[Judged, float]:
    """The best of strengths in steps of ``factor``, by what ``judge`` makes of each, given the best fit so far, and its
    distance: from the ``first`` upwards or, where that is no better, downwards, as long as the next is better by 1 %;
    the first alone where that is farther off than ``worst``.

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
    """The held-out measurements y of a problem, and how far a field that was fitted to the others is off by them."""

    def __init__(self, problem: ScanProblem) -> None:
        assert problem.held_out is not None
        self._forward, self._measured = forward_map(problem.held_out), measurements(problem.held_out)
        self._weighing = _weighing_of(problem)
        nothing = torch.zeros(self._forward.shape[1], dtype=torch.float64)
        self._whole = math.hypot(self._weighing.size(self._measured), self._weighing.left(nothing)) or 1.0

    @property
    def size(self) -> float:
        """Root mean square of y."""
        return float(self._measured.square().mean().sqrt())

    def errors(self, parts: Tensor) -> tuple[float, float]:
        """‖A f − y‖/‖y‖, and the distance of the field from the truth that these errors stand for, relative to what it
        would be of no field (of measurements of nothing not relative)."""
        field = parts.reshape(-1)
        off = self._forward @ field - self._measured
        distance = math.hypot(self._weighing.size(off), self._weighing.left(field))
        return float(off.norm()) / (float(self._measured.norm()) or 1.0), distance / self._whole

    def verdict(self, error: float, distance: float) -> float:
        """What fits are to be compared by, less being better: the ``distance``, but of projections √(error·distance).
        Their finest waves weigh most in the distance, and most of those are noise and what the geometry gets wrong."""
        return self._weighing.verdict(error, distance)

    def excess(self, parts: Tensor, deviations: Tensor) -> float:
        """By how much the squares of the errors exceed those of ``deviations`` from the field (N, k) and noise of
        variance 1, drawn at random, on average."""
        off = self._forward @ parts.reshape(-1) - self._measured
        drawn = self._forward @ deviations
        drawn = drawn + torch.randn(drawn.shape, dtype=drawn.dtype, generator=torch.Generator().manual_seed(0))
        mean = sum(self._weighing.size(one) ** 2 for one in drawn.T) / drawn.shape[1]
        return float(self._weighing.size(off) ** 2 / mean)


class _OfSamples:
    """Errors of measurements as they are."""

    def size(self, off: Tensor) -> float:
        return float(off.norm())

    def left(self, field: Tensor) -> float:
        return 0.0

    def verdict(self, error: float, distance: float) -> float:
        return distance


class _OfProjections(_OfSamples):
    """The waves ω of projections' errors weighted by |ω|: of a plane there are so many more fine waves than directions
    to see them from, ∫|F|² dx = ∫∫|F|² |ω| dω dθ."""

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


class _OfPlaces(_OfSamples):
    """Σ|f̂ − f|² over all of k-space. Errors at held-out places stand for those at the places around that nobody
    measured, as many as there are.

    At places that were seen they are told by the misfit: of a field that keeps the share h of each sample's noise, all
    of it where it meets the sample, the squares of misfits are r² = (1 − h)²σ² or more, and of errors h²σ²: so
    (σ − r)² for misfits within the noise σ, and r² − σ² for larger ones, r² on average over a ring of k-space.
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
        """Mean square of errors from that of misfits."""
        variance = self._noise**2
        return (self._noise - math.sqrt(misfit)) ** 2 if misfit < variance else misfit - variance


def _weighing_of(problem: ScanProblem) -> _OfSamples:
    seen, held_out = problem.training, problem.held_out
    if isinstance(held_out, SinogramSignal):
        return _OfProjections(held_out)
    assert isinstance(seen, KSpaceSignal)
    assert isinstance(held_out, KSpaceSignal)
    on_grid = seen.cartesian and held_out.cartesian and seen.maps is None
    return _OfPlaces(seen, held_out) if on_grid else _OfSamples()


def _unmeasured_for_each(seen: KSpaceSignal, held_out: KSpaceSignal) -> Tensor:
    """How many places that were not measured a held-out one stands for, by the density of either around it, for each
    of its measurements."""
    from scipy.ndimage import gaussian_filter

    shape = seen.image_shape
    masks = [_mask(scan, shape) for scan in (seen, held_out)]
    wrap = [gaussian_filter(mask, _AROUND, mode="wrap") for mask in (*masks, 1 - np.clip(sum(masks), 0, 1))]
    index = tuple((np.rint(held_out.places).astype(np.int64) % np.array(shape)).T)
    counts = wrap[2][index] / np.maximum(wrap[1][index], 1e-12)
    return torch.from_numpy(np.tile(counts, 2 * held_out.coils))


def _mask(scan: KSpaceSignal, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape)
    mask[tuple((np.rint(scan.places).astype(np.int64) % np.array(shape)).T)] = 1.0
    if scan.real:
        mask[tuple((-np.rint(scan.places).astype(np.int64) % np.array(shape)).T)] = 1.0
    return mask
