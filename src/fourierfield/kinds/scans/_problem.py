"""Measurements of a field through a linear map, with their split into training and held-out ones and their noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...errors import SettingsError
from ...grids._domain import Domain
from ...grids._splits import GridHoldOut, HoldOut, NoHoldOut, RandomHoldOut, Split
from ...operators._base import LinearOperator, Sampling
from ...operators._fourier import CartesianFourier, Coils, ComplexAsReal, OfReal, Repeated, nonuniform_fourier
from ...operators._projection import projection
from ._coils import estimate_maps
from ._kspace import KSpaceSignal
from ._sinogram import SinogramSignal

_INNER = 0.15  # share of the training measurements that is held out to choose settings by
_MIDDLE = 4.0  # cycles per field of view: k-space is strongest within it, and the rest does not predict it
_FEW = 0.3  # share of places beyond the middle, up to which the middle is not spared

Scan = SinogramSignal | KSpaceSignal


@dataclass(frozen=True)
class ScanProblem:
    """A scan with its split: fit ``training``, score on ``held_out`` (None without a hold-out)."""

    training: Scan
    held_out: Scan | None

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Samples of the field along each axis."""
        return self.training.image_shape

    @property
    def domain(self) -> Domain:
        """The domain of the field."""
        return self.training.domain

    @property
    def channels(self) -> int:
        """The number of values of the field at a point: 1, or 2 if it is complex."""
        return self.training.channels

    @property
    def divisible(self) -> bool:
        """Whether there are at least two projections or places, so that one can be predicted from the other."""
        scan = self.training
        return (scan.shape[0] if isinstance(scan, SinogramSignal) else len(scan.places)) > 1

    @property
    def unknowns(self) -> int:
        """The length of the field's vector."""
        return self.channels * math.prod(self.image_shape)


def scan_problem(signal: Scan, hold_out: HoldOut | None = None) -> ScanProblem:
    """Return the problem of a scan, with some of its measurements held out (none by default).

    For CT, ``hold_out`` keeps back whole projections, every second one or a random share; for MRI, a random share of
    the places in k-space, together with the opposite ones if the image is real.

    Sensitivities of several coils that no file gives are estimated from the training samples. Raises ``SettingsError``
    if the hold-out leaves nothing or does not suit the scan, and ``SignalError`` if k-space is zero everywhere.
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
    """Return the problem with a seventh of its training measurements held out in turn, to choose settings by.

    At least one projection or place is held out. The middle of k-space stays in the training set: it outweighs
    everything else, and no setting could predict it. Raises ``SettingsError`` if there is only one projection or place.
    """
    scan, rule = problem.training, _SomeHoldOut(_INNER, seed)
    if isinstance(scan, SinogramSignal):
        return scan_problem(scan, rule)
    beyond = (np.abs(scan.places) > _MIDDLE).any(axis=1)
    return ScanProblem(*_split_places(scan, rule, beyond if beyond.mean() > _FEW else np.ones_like(beyond)))


@dataclass(frozen=True)
class _SomeHoldOut:
    """A hold-out of a random ``fraction``, rounded to one or more."""

    fraction: float
    seed: int

    def split(self, present: np.ndarray) -> Split:
        count = int(present.sum())
        if count < 2:
            raise SettingsError(
                "a single projection or sample leaves nothing to choose the noise by; measure two or more"
            )
        return RandomHoldOut(max(self.fraction, 1 / count), self.seed).split(present)


def _split_places(signal: KSpaceSignal, rule: HoldOut, among: np.ndarray) -> tuple[KSpaceSignal, KSpaceSignal | None]:
    """Split a scan by ``rule``, holding out only places that are marked in ``among`` (M,), and their opposites."""
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
    """Return a number for each place, shared by the pair {k, −k}.

    A real image's samples there are conjugate, so that one determines the other. Along an axis of n pixels, n/2 is the
    same wave as −n/2.
    """
    half = np.array(shape) / 2
    one, other = (np.where(k >= half, k - 2 * half, k) for k in (places, -places))
    signs = np.sign(one - other)
    first = np.take_along_axis(signs, np.argmax(signs != 0, axis=1)[:, None], axis=1)
    return np.unique(np.where(first < 0, other, one), axis=0, return_inverse=True)[1].ravel()


def forward_map(scan: Scan) -> LinearOperator:
    """Return A, the linear map from the field's vector to the scan's ``measurements``, all real."""
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
    """Return y, float64.

    It holds line integrals by slice, angle and bin, without the missing ones; or Fourier samples by coil and place,
    real parts before imaginary parts.
    """
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


_GAUSSIAN = 0.6745  # median |x| of a standard normal
_ENOUGH = 50  # fewest pairs of opposite samples from which noise is estimated
_OUTER = 0.2  # share of the places in k-space, farthest from its middle, that hold mostly noise


def measurement_noise(scan: Scan) -> float:
    """Estimate the standard deviation of a measurement's noise from the measurements themselves.

    For line integrals it comes from third differences along the detector, whose variance is 20σ² and which are small
    for smooth projections. For Fourier samples it is that of real and imaginary part each: for a real field it comes
    from how far samples at opposite places are from conjugate, otherwise from the samples farthest out. Medians are
    taken (Donoho & Johnstone 1994), so that edges do not matter; what is left of them, and fine texture, is taken for
    noise.
    """
    if isinstance(scan, SinogramSignal):
        if scan.shape[2] < 4:
            return 0.0
        differences = np.abs(np.diff(scan.projections.astype(np.float64), 3, axis=2))
        return _spread(differences) / np.sqrt(20)
    opposite = _opposite(scan) if scan.real else None
    if opposite is not None and len(opposite) >= _ENOUGH:
        off = scan.samples[:, opposite[:, 0]] - scan.samples[:, opposite[:, 1]].conj()
        return _spread(np.abs(np.concatenate([off.real, off.imag]))) / np.sqrt(2)
    radius = np.sqrt(((scan.places / np.array(scan.image_shape)) ** 2).sum(axis=1))
    outer = scan.samples[:, radius >= np.quantile(radius, 1 - _OUTER)]
    return _spread(np.abs(np.concatenate([outer.real, outer.imag])))


def _opposite(scan: KSpaceSignal) -> np.ndarray | None:
    """Return the numbers (P, 2) of samples at places k and −k, or None if the places are not on the grid."""
    if not scan.cartesian:
        return None
    here, there = (np.ravel_multi_index(scan.cells(sign), scan.image_shape) for sign in (1, -1))
    order = np.argsort(here)
    at = np.clip(np.searchsorted(here[order], there), 0, len(here) - 1)
    found = (here[order][at] == there) & (here < there)
    return np.stack([np.flatnonzero(found), order[at[found]]], axis=1)


def _spread(magnitudes: np.ndarray) -> float:
    known = magnitudes[~np.isnan(magnitudes)]
    return float(np.median(known) / _GAUSSIAN) if known.size else 0.0
