"""Choose a kernel and a ridge by likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import SettingsError
from ..operators._neighbours import nearest_neighbours
from ..problems._grams import lattice_of
from ..problems._grid import GridSamples
from ..problems._points import PointSamples, Samples
from ._evidence import Evidence, Found, LatticeEvidence, NearEvidence, Scatter, WholeEvidence, in_cells
from ._solve import places_of, usual_weight
from ._spec import KernelSpec

# ``benchmarks/kernels/choice.py`` measures what a choice made with these numbers loses against the best of 200.
_RIDGES = tuple(10 ** (e / 4) for e in range(-24, 5))  # as shares of k(0): 1e-6 to 10, four to a decade
# For near samples, where each ridge costs as much time as the kernel itself: 1e-6, 1e-3, and 1e-2 to 10 by √10.
_FEW_RIDGES = _RIDGES[::12] + _RIDGES[16::2]
_FEW, _MANY = 400, 800  # samples whose whole likelihood is computed: their eigenvalues take 0.03 and 0.2 s
_CELLS = 200, 400  # cells that more samples than that are averaged in
_WIDE = 32  # fewest samples along each axis of a lattice for its cosine transform: the border is then a small part
_NEAR = 500, 2000  # samples that are predicted from those near them
_KNOWN = 3  # most dimensions in which enough samples are near each other to show details
_SMOOTHEST = 0.005  # waves across the median distance of two samples: the lowest bandwidth for whole likelihoods
_ROUGHEST = 0.5  # waves between nearest neighbours: the highest bandwidth, their Nyquist frequency
_MOST_OCTAVES = 16  # of bandwidths that are tried; bounds the work where samples lie at very unequal distances
_WIDEST = 1 / 640  # waves between nearest neighbours: the lowest bandwidth that is judged by near samples
_FINER = 2**0.5  # factor between the bandwidths of the finer search: half an octave
_FARTHEST = 6  # octaves that the finer search may go from where it starts
_NO_MATTER = 0.2  # nats in all: a smaller lead in likelihood does not count
# Nats per value by which the kernel chosen for details must lead: where near samples chose it and judge it, where a
# lattice chose it and near samples judge it, and where the lattice judges it.
_DETAIL, _DETAIL_OF_BOTH, _DETAIL_OF_ALL = 0.01, 0.002, 0.0005
# Nats per value, for the share of the values that is not noise, by which another choice may be less likely
# (docs/kernel.md): for a smaller ridge, and for another kernel.
_SMALLER_RIDGE, _ALIKE = 0.03, 0.005
_MORE = 1.5  # times the freedom: a kernel that follows more of the values than that explains them differently
_USUAL = 32  # times below the highest bandwidth: suits most photographs, and more roughness is not needed


@dataclass(frozen=True)
class KernelChoice:
    """A kernel and a ridge (for k(0) = 1), and the number of kernels that were tried."""

    spec: KernelSpec
    ridge: float
    tried: int

    @property
    def reason(self) -> str:
        """The reason for the choice, in words."""
        return "as asked" if self.tried == 1 else f"the likeliest of {self.tried} kernels"


@dataclass(frozen=True)
class Candidates:
    """Kernels to choose from: ``fixed`` ones as they are, ``free`` ones with any bandwidth instead of their own."""

    fixed: Sequence[KernelSpec] = ()
    free: Sequence[KernelSpec] = ()


def choose_kernel(
    samples: Samples,
    values: Tensor,
    candidates: Candidates,
    *,
    ridge: float | None = None,
    scatter: Scatter | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> KernelChoice:
    """Choose the likeliest of some kernels, and the smallest of its ridges that are nearly as likely as the best.

    The ``samples`` have ``values`` (N, C) around zero; ``scatter`` is that of values at equal places. ``report`` is
    called with the number of kernels tried so far. Raises ``SettingsError`` if all bandwidths of a kernel are refused.

    Up to 800 samples (in more than three dimensions, 800 at random) are judged by their whole likelihood. More are
    averaged in 400 cells, which distinguish trends from noise, and details are judged by the cosine transform of a
    lattice, or else by some samples given those near them; the kernel that details prefer is taken if they prefer it by
    0.01 nats per value (on a lattice, by 0.002, or 0.0005 if that can compare the two). Bandwidths are searched by
    octaves, then by half octaves.

    Measured signals have rarer and larger details than a Gaussian process, so likelihood does not decide alone
    (docs/kernel.md). Choices within 0.005 nats per value, for the share of the values that is not noise, count as
    alike; NTKs then come before NNGPs, and the largest usual bandwidth before others: NTKs of small bandwidth all
    approach k(0) − c|δ|, ever harder to tell from a constant in floating point. Where details decide, the ridge is the
    smallest within 0.03 nats.
    """
    trials = _Trials(usual_weight(samples), ridge, report)
    points = PointSamples(places_of(samples), values, samples.weights)
    scatter = scatter or Scatter.none(values.shape[1])
    if len(points) <= _MANY or points.points.shape[1] > _KNOWN:
        rough, fine = (_some_of(points, scatter, count) for count in (_FEW, _MANY))
        return trials.chosen(fine, _likeliest(trials, rough, fine, candidates, _ladder_among(points.points)))
    return _trend_or_detail(trials, samples, points, scatter, candidates)


class _Trials:
    """Computes likelihoods of kernels at the ridges to try, and counts the kernels."""

    def __init__(self, weight: float, ridge: float | None, report: Callable[[int], None]) -> None:
        self._weight, self._ridge, self._report = weight, ridge, report
        self.count = 0

    def best(self, evidence: Evidence, spec: KernelSpec) -> Found:
        """Return a kernel with its likeliest ridge. Raises ``ValueError`` if its family does not take the bandwidth."""
        return max(self._judged(evidence, spec), key=_score)

    def chosen(self, evidence: Evidence, likeliest: Found) -> KernelChoice:
        """Choose the likeliest ridge or, where details decided, the smallest that is nearly as likely."""
        tried = max(1, self.count)
        if isinstance(evidence, WholeEvidence) or self._ridge is not None:
            return KernelChoice(likeliest.spec, likeliest.ridge, tried)
        least = likeliest.score - _SMALLER_RIDGE * likeliest.freedom
        ridge = min(one.ridge for one in self._judged(evidence, likeliest.spec) if one.score >= least)
        return KernelChoice(likeliest.spec, ridge, tried)

    def _judged(self, evidence: Evidence, spec: KernelSpec) -> list[Found]:
        ridges = _FEW_RIDGES if isinstance(evidence, NearEvidence) else _RIDGES
        weighted = [self._weight * r for r in ridges] if self._ridge is None else [self._ridge]
        found = evidence.judge(spec, weighted)
        self.count += 1
        self._report(self.count)
        return found


def _trend_or_detail(
    trials: _Trials, samples: Samples, points: PointSamples, scatter: Scatter, candidates: Candidates
) -> KernelChoice:
    far_few, far = (WholeEvidence(*in_cells(points, points.values, scatter, count)) for count in _CELLS)
    trend = _likeliest(trials, far_few, far, candidates, _ladder_among(points.points))
    near_few, near = (NearEvidence(points.points, points.values, points.weights, n) for n in _NEAR)
    lattice = _lattice_evidence(samples, points.values, candidates)
    known: Evidence = lattice or near
    if lattice is None:
        detail = _likeliest(trials, near_few, near, candidates, _ladder_between(points.points))
    else:
        detail = _likeliest(trials, lattice, lattice, candidates, _ladder(lattice.smoothest, lattice.roughest))
    if lattice is not None and lattice.holds(trend.spec):
        judge, lead = known, _DETAIL_OF_ALL
    else:
        judge, lead = near, _DETAIL if lattice is None else _DETAIL_OF_BOTH
    ours, theirs = (judge.judge(one.spec, [one.ridge])[0].score for one in (detail, trend))
    return trials.chosen(known, detail) if ours > theirs + lead else trials.chosen(far, trend)


def _lattice_evidence(samples: Samples, values: Tensor, candidates: Candidates) -> LatticeEvidence | None:
    """Return the evidence of a lattice, or None unless the samples fill one and all candidates end within it."""
    lattice = lattice_of(samples) if isinstance(samples, GridSamples) else None
    if lattice is None or min(lattice.shape) < _WIDE:
        return None
    evidence = LatticeEvidence(lattice, values)
    specs = [*candidates.fixed, *(spec.with_bandwidth(evidence.roughest / 4) for spec in candidates.free)]
    return evidence if all(map(evidence.holds, specs)) else None


def _some_of(points: PointSamples, scatter: Scatter, count: int) -> WholeEvidence:
    rows = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:count]
    share = len(rows) / len(points)
    some = Scatter(share * scatter.squares, share * scatter.freedom)
    return WholeEvidence(points.at(rows), points.values[rows], some)


def _likeliest(
    trials: _Trials, rough: Evidence, fine: Evidence, candidates: Candidates, ladder: Sequence[float]
) -> Found:
    """Find the likeliest candidate by the ``fine`` evidence, with bandwidths searched from the best ``rough`` one."""
    found = [trials.best(fine, spec) for spec in candidates.fixed]
    for spec in candidates.free:
        start = _start(trials, rough, [spec.with_bandwidth(b) for b in ladder])
        found.append(_climb(trials, fine, start.spec))
    best = _ntk_before_nngp(found)
    alike = best.spec.trained == "all" and best.spec not in candidates.fixed
    return _roughest(trials, fine, best, ladder[-1] / _USUAL) if alike else best


def _ntk_before_nngp(found: Sequence[Found]) -> Found:
    best = max(found, key=_score)
    least = best.score - _ALIKE * best.freedom
    return max((one for one in found if one.spec.trained == "all" and one.score >= least), key=_score, default=best)


def _start(trials: _Trials, evidence: Evidence, specs: Sequence[KernelSpec]) -> Found:
    """Find the likeliest of some kernels, or the first of equal ones; ``SettingsError`` if all are refused."""
    found, reason = [], ""
    for spec in specs:
        try:
            found.append(trials.best(evidence, spec))
        except ValueError as refusal:  # some families cannot take every bandwidth
            reason = str(refusal)
    if not found:
        raise SettingsError(reason)
    least = max(map(_score, found)) - _NO_MATTER / evidence.count
    return next(one for one in found if one.score >= least)


def _climb(trials: _Trials, evidence: Evidence, spec: KernelSpec) -> Found:
    """Search for the best bandwidth around that of a kernel, in steps of half an octave."""
    best = trials.best(evidence, spec)
    for factor in (_FINER, 1 / _FINER):
        for further in _further(trials, evidence, best.spec, factor):
            if further.score <= best.score + _NO_MATTER / evidence.count:
                break
            best = further
    return best


def _roughest(trials: _Trials, evidence: Evidence, best: Found, most: float) -> Found:
    """Raise the bandwidth up to ``most`` while the kernel stays about as likely and follows no more of the values."""
    least, chosen = best.score - _ALIKE * best.freedom, best
    for further in _further(trials, evidence, best.spec, _FINER, most):
        if further.score < least or further.freedom > _MORE * best.freedom:
            break
        chosen = further
    return chosen


def _further(
    trials: _Trials, evidence: Evidence, spec: KernelSpec, factor: float, most: float = math.inf
) -> Iterator[Found]:
    for _ in range(2 * _FARTHEST):
        bandwidth = spec.encoding.bandwidth
        assert isinstance(bandwidth, float)
        if bandwidth * factor > most:
            return
        spec = spec.with_bandwidth(bandwidth * factor)
        try:
            yield trials.best(evidence, spec)
        except ValueError:
            return


def _score(found: Found) -> float:
    return found.score


def _ladder_among(points: Tensor) -> list[float]:
    """List bandwidths from a small part of a wave across the points to half a wave between neighbours."""
    if len(points) < 2:
        return [1.0]
    some = _some(points)
    return _ladder(_SMOOTHEST / _usual(torch.pdist(some)), _ROUGHEST / _distance(points, some))


def _ladder_between(points: Tensor) -> list[float]:
    """List the bandwidths that points near each other can judge."""
    distance = _distance(points, _some(points))
    return _ladder(_WIDEST / distance, _ROUGHEST / distance)


def _some(points: Tensor) -> Tensor:
    return points[torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:_FEW]]


def _distance(points: Tensor, some: Tensor) -> float:
    """Return the median distance of some of the points from their nearest neighbours."""
    return _usual((some - points[nearest_neighbours(points, some, 2)[:, 1]]).norm(dim=1))


def _usual(distances: Tensor) -> float:
    """Return the median of the distances that are not zero, or 1 if all are."""
    apart = distances[distances > 0]
    return float(apart.median()) if len(apart) else 1.0


def _ladder(lowest: float, highest: float) -> list[float]:
    """List bandwidths by octaves down from ``highest``, in ascending order."""
    octaves = min(_MOST_OCTAVES, max(0, math.floor(math.log2(highest / lowest))))
    return [highest / 2**octave for octave in range(octaves, -1, -1)]
