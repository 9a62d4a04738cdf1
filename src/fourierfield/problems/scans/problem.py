"""Measurements of a field through a linear map, some trained on, some held out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...errors import SettingsError
from ...operators import (
    CartesianFourier,
    Coils,
    ComplexAsReal,
    LinearOperator,
    OfReal,
    Repeated,
    Sampling,
    nonuniform_fourier,
    projection,
)
from ...signals import Domain, GridHoldOut, HoldOut, NoHoldOut, RandomHoldOut, Split
from ...signals.scans import KSpaceSignal, SinogramSignal
from .coils import estimate_maps

__all__ = ["Scan", "ScanProblem", "forward_map", "inner_problem", "measurements", "scan_problem"]

_INNER = 0.15  # of the training measurements
_MIDDLE = 4.0  # cycles per field of view: where k-space is strongest, and nothing else tells what is there
_FEW = 0.3  # of the places that lie beyond it: then it is all there is

Scan = SinogramSignal | KSpaceSignal


@dataclass(frozen=True)
class ScanProblem:
    """A scan with its split: fit ``training``, score on ``held_out`` (None without hold-out)."""

    training: Scan
    held_out: Scan | None

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Samples of the field along each axis."""
        return self.training.image_shape

    @property
    def domain(self) -> Domain:
        """Of the field."""
        return self.training.domain

    @property
    def channels(self) -> int:
        """Values of the field at a point: 1, or 2 where it is complex."""
        return self.training.channels

    @property
    def divisible(self) -> bool:
        """Whether there are two projections, or places, of which one can be foretold from the other."""
        scan = self.training
        return (scan.shape[0] if isinstance(scan, SinogramSignal) else len(scan.places)) > 1

    @property
    def unknowns(self) -> int:
        """Length of the field's vector."""
        return self.channels * math.prod(self.image_shape)


def scan_problem(signal: Scan, hold_out: HoldOut | None = None) -> ScanProblem:
    """The problem of a scan, with what ``hold_out`` keeps back (none by default): of CT whole projections, every second
    one or a random share; of MRI a random share of the places in k-space, of a real image with the opposite ones.

    Sensitivities of several coils that no file tells are estimated from the training samples. Raises ``SettingsError``
    where the hold-out leaves nothing, or does not suit the scan; ``SignalError`` where k-space is nothing but zeros.
    """
    rule = hold_out or NoHoldOut()
    if isinstance(signal, SinogramSignal):
        split = rule.split(np.ones(len(signal.geometry.angles), dtype=bool))
        held_out = signal.at_angles(split.held_out) if len(split.held_out) else None
        return ScanProblem(signal.at_angles(split.training), held_out)
    training, kept = _split_places(signal.refuse_nothing(), rule, np.ones(len(signal.places), dtype=bool))
    if training.coils > 1 and training.maps is None:
        training = replace(training, maps=estimate_maps(training))
        kept = None if kept is None else replace(kept, maps=training.maps)
    return ScanProblem(training, kept)


def inner_problem(problem: ScanProblem, seed: int) -> ScanProblem:
    """A seventh of the training measurements held out in turn, one projection or place at least, to choose by.

    The middle of k-space is left to train on: it outweighs everything else, and no choice would foretell it. Raises
    ``SettingsError`` where there is but one projection or place.
    """
    scan, rule = problem.training, _SomeHoldOut(_INNER, seed)
    if isinstance(scan, SinogramSignal):
        return scan_problem(scan, rule)
    beyond = (np.abs(scan.places) > _MIDDLE).any(axis=1)
    return ScanProblem(*_split_places(scan, rule, beyond if beyond.mean() > _FEW else np.ones_like(beyond)))


@dataclass(frozen=True)
class _SomeHoldOut:
    """Keep back a random ``fraction``, rounded to one or more."""

    fraction: float
    seed: int

    def split(self, present: np.ndarray) -> Split:
        count = int(present.sum())
        if count < 2:
            raise SettingsError("a single projection or sample leaves none to choose the noise by; measure two or more")
        return RandomHoldOut(max(self.fraction, 1 / count), self.seed).split(present)


def _split_places(signal: KSpaceSignal, rule: HoldOut, among: np.ndarray) -> tuple[KSpaceSignal, KSpaceSignal | None]:
    """What is kept back lies ``among`` the places that are marked (M,)."""
    if isinstance(rule, GridHoldOut):
        raise SettingsError("--hold-out grid takes every second sample of a grid; of k-space use random:0.1")
    places = np.arange(len(signal.places))
    groups = _opposite_as_one(signal.places, signal.image_shape) if signal.real else places
    split = rule.split(np.isin(np.arange(groups.max() + 1), groups[among]))
    kept = np.isin(groups, split.held_out)
    if not kept.any():
        return signal, None
    return signal.at_places(places[~kept]), signal.at_places(places[kept])


def _opposite_as_one(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of the pairs {k, −k}: a real image's samples there are conjugate, so that one tells the other. Along an
    axis of n pixels n/2 is the same wave as −n/2."""
    half = np.array(shape) / 2
    one, other = (np.where(k >= half, k - 2 * half, k) for k in (places, -places))
    signs = np.sign(one - other)
    first = np.take_along_axis(signs, np.argmax(signs != 0, axis=1)[:, None], axis=1)
    return np.unique(np.where(first < 0, other, one), axis=0, return_inverse=True)[1].ravel()


def forward_map(scan: Scan) -> LinearOperator:
    """A: from the field's vector to the scan's ``measurements``, real."""
    if isinstance(scan, SinogramSignal):
        return _line_integrals(scan)
    shape, n = scan.image_shape, np.array(scan.image_shape)
    if scan.cartesian:
        index = tuple((np.rint(scan.places).astype(np.int64) + n // 2).T)
        fourier: LinearOperator = CartesianFourier(shape, torch.from_numpy(np.ravel_multi_index(index, shape)))
    else:
        fourier = nonuniform_fourier(shape, torch.from_numpy(scan.places.astype(np.float64)))
    if scan.maps is not None:
        fourier = Coils(fourier, torch.from_numpy(scan.maps.reshape(scan.coils, -1)))
    return OfReal(fourier) if scan.real else ComplexAsReal(fourier)


def measurements(scan: Scan) -> Tensor:
    """y, float64: line integrals by slice, angle and bin, those that are missing left out; or Fourier samples by coil
    and place, real parts before imaginary parts."""
    if isinstance(scan, SinogramSignal):
        flat = scan.projections.transpose(1, 0, 2).ravel()
        return torch.from_numpy(flat[~np.isnan(flat)].astype(np.float64))
    flat = scan.samples.astype(np.complex128).ravel()
    return torch.from_numpy(np.concatenate([flat.real, flat.imag]))


def _line_integrals(scan: SinogramSignal) -> LinearOperator:
    plane = scan.image_shape[-2:]
    operator: LinearOperator = projection(scan.geometry, (plane[0], plane[1]))
    if scan.slices > 1:
        operator = Repeated(operator, scan.slices)
    known = ~np.isnan(scan.projections.transpose(1, 0, 2).ravel())
    if known.all():
        return operator
    return Sampling(torch.from_numpy(np.flatnonzero(known)), len(known)) @ operator
