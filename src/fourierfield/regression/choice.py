"""Which kernel and which ridge: the likeliest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import SettingsError
from ..operators import nearest_neighbours
from ..problems import GridSamples, PointSamples, Samples, lattice_of
from .evidence import Evidence, Found, LatticeEvidence, NearEvidence, Scatter, WholeEvidence, in_cells
from .solve import places_of, usual_weight
from .spec import KernelSpec

__all__ = ["Candidates", "KernelChoice", "choose_kernel"]

_RIDGES = tuple(10 ** (e / 4) for e in range(-24, 5))  # of k(0)
_FEW_RIDGES = _RIDGES[::12] + _RIDGES[16::2]  # where each costs as much as the kernel: 1e-6, 1e-3, then by √10
_FEW, _MANY = 400, 800  # samples whose whole likelihood is asked: their eigenvalues take 0.03 and 0.2 s
_CELLS = 200, 400  # that many more samples are averaged in
_WIDE = 32  # samples along each axis of a lattice, of which the border is a small part
_NEAR = 500, 2000  # samples that are foretold from those near them
_KNOWN = 3  # dimensions in which points near each other are many enough to tell of details
_SMOOTHEST, _ROUGHEST = 0.005, 0.5  # bandwidths: waves across the samples, waves between neighbours
_MOST_OCTAVES = 16
_WIDEST = 1 / 640  # waves between neighbours, of the smoothest kernel that is judged by near samples
_FINER = 2**0.5
_FARTHEST = 6  # octaves from a start
_NO_MATTER = 0.2  # nats in all: a smaller lead is none
# Nats a value by which details have to speak for their own kernel: to the near samples that it was chosen by, to those
# where a lattice has chosen it, and to the lattice.
_DETAIL, _DETAIL_OF_BOTH, _DETAIL_OF_ALL = 0.01, 0.002, 0.0005
# Nats a value, for the share of the values that is no noise, by which another choice may be less likely:
_SMALLER_RIDGE, _ALIKE = 0.03, 0.005
_MORE = 1.5  # times the freedom is another explanation
_USUAL = 32  # times finer than half a wave between neighbours: what suits most photographs, and as rough as need be


@dataclass(frozen=True)
class KernelChoice:
    """A kernel and a ridge (of k(0) = 1), and how many kernels were tried."""

    spec: KernelSpec
    ridge: float
    tried: int

    @property
    def reason(self) -> str:
        """In words."""
        return "as asked" if self.tried == 1 else f"the likeliest of {self.tried} kernels"


@dataclass(frozen=True)
class Candidates:
    """Kernels to choose from: ``fixed`` as they are, ``free`` with any bandwidth instead of their own."""

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
    """The likeliest of some kernels, and its smallest ridge that is nearly as likely as any, for samples with values
    (N, C) around zero; ``scatter`` is that of values at equal places.

    Up to 800 samples are judged by their whole likelihood, in more than three dimensions 800 chosen at random. More of
    them are averaged in 400 cells, which tell trends from noise. A lattice's cosine transform, or else the nearest
    samples of some, tell of details: the kernel that they prefer is taken where they prefer it to the other by 0.01
    nats a value (a lattice, by 0.002). Bandwidths are looked for by octaves, then finer.

    Measured signals have rarer and larger details than a normal process, so likelihood is not all (docs/kernel.md).
    What is less likely by 0.005 nats a value, for the share of the values that is no noise, counts as alike: NTKs are
    then taken before NNGPs, and of NTKs that of the largest usual bandwidth, since small ones are all k(0) − c|δ|, but
    ever harder to tell from a constant in floating-point numbers. Where details decide, the smallest ridge is taken
    that is less likely by 0.03 nats.
    """
    asker = _Asker(usual_weight(samples), ridge, report)
    points = PointSamples(places_of(samples), values, samples.weights)
    scatter = scatter or Scatter.none(values.shape[1])
    if len(points) <= _MANY or points.points.shape[1] > _KNOWN:
        rough, fine = (_some_of(points, scatter, count) for count in (_FEW, _MANY))
        return asker.chosen(fine, _likeliest(asker, rough, fine, candidates, _ladder_among(points.points)))
    return _trend_or_detail(asker, samples, points, scatter, candidates)


class _Asker:
    """Asks for the likelihood of kernels at the ridges that are tried, and counts them."""

    def __init__(self, weight: float, ridge: float | None, report: Callable[[int], None]) -> None:
        self._weight, self._ridge, self._report = weight, ridge, report
        self.asked = 0

    def best(self, evidence: Evidence, spec: KernelSpec) -> Found:
        """The likeliest ridge of a kernel. Raises ``ValueError`` for bandwidths that its family does not take."""
        return max(self._judged(evidence, spec), key=_score)

    def chosen(self, evidence: Evidence, likeliest: Found) -> KernelChoice:
        """The likeliest ridge, or where details decided, the smallest that is nearly as likely."""
        asked = max(1, self.asked)
        if isinstance(evidence, WholeEvidence) or self._ridge is not None:
            return KernelChoice(likeliest.spec, likeliest.ridge, asked)
        least = likeliest.score - _SMALLER_RIDGE * likeliest.freedom
        ridge = min(one.ridge for one in self._judged(evidence, likeliest.spec) if one.score >= least)
        return KernelChoice(likeliest.spec, ridge, asked)

    def _judged(self, evidence: Evidence, spec: KernelSpec) -> list[Found]:
        ridges = _FEW_RIDGES if isinstance(evidence, NearEvidence) else _RIDGES
        wanted = [self._weight * r for r in ridges] if self._ridge is None else [self._ridge]
        found = evidence.judge(spec, wanted)
        self.asked += 1
        self._report(self.asked)
        return found


def _trend_or_detail(
    asker: _Asker, samples: Samples, points: PointSamples, scatter: Scatter, candidates: Candidates
) -> KernelChoice:
    far_few, far = (WholeEvidence(*in_cells(points, points.values, scatter, count)) for count in _CELLS)
    trend = _likeliest(asker, far_few, far, candidates, _ladder_among(points.points))
    near_few, near = (NearEvidence(points.points, points.values, points.weights, n) for n in _NEAR)
    lattice = _lattice_evidence(samples, points.values, candidates)
    known: Evidence = lattice or near
    if lattice is None:
        detail = _likeliest(asker, near_few, near, candidates, _ladder_between(points.points))
    else:
        detail = _likeliest(asker, lattice, lattice, candidates, _ladder(lattice.smoothest, lattice.roughest))
    if lattice is not None and lattice.holds(trend.spec):
        judge, lead = known, _DETAIL_OF_ALL
    else:
        judge, lead = near, _DETAIL if lattice is None else _DETAIL_OF_BOTH
    ours, theirs = (judge.judge(one.spec, [one.ridge])[0].score for one in (detail, trend))
    return asker.chosen(known, detail) if ours > theirs + lead else asker.chosen(far, trend)


def _lattice_evidence(samples: Samples, values: Tensor, candidates: Candidates) -> LatticeEvidence | None:
    """Where samples fill a lattice within which all kernels end."""
    lattice = lattice_of(samples) if isinstance(samples, GridSamples) else None
    if lattice is None or min(lattice.shape) < _WIDE:
        return None
    evidence = LatticeEvidence(lattice, values)
    asked = [*candidates.fixed, *(spec.with_bandwidth(evidence.roughest / 4) for spec in candidates.free)]
    return evidence if all(map(evidence.holds, asked)) else None


def _some_of(points: PointSamples, scatter: Scatter, count: int) -> WholeEvidence:
    rows = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:count]
    share = len(rows) / len(points)
    some = Scatter(share * scatter.squares, share * scatter.freedom)
    return WholeEvidence(points.at(rows), points.values[rows], some)


def _likeliest(
    asker: _Asker, rough: Evidence, fine: Evidence, candidates: Candidates, ladder: Sequence[float]
) -> Found:
    """Of all candidates by the ``fine`` evidence; where to look for bandwidths by the ``rough`` one."""
    found = [asker.best(fine, spec) for spec in candidates.fixed]
    for spec in candidates.free:
        start = _start(asker, rough, [spec.with_bandwidth(b) for b in ladder])
        found.append(_climb(asker, fine, start.spec))
    best = _ntk_before_nngp(found)
    alike = best.spec.trained == "all" and best.spec not in candidates.fixed
    return _roughest(asker, fine, best, ladder[-1] / _USUAL) if alike else best


def _ntk_before_nngp(found: Sequence[Found]) -> Found:
    best = max(found, key=_score)
    least = best.score - _ALIKE * best.freedom
    return max((one for one in found if one.spec.trained == "all" and one.score >= least), key=_score, default=best)


def _start(asker: _Asker, evidence: Evidence, specs: Sequence[KernelSpec]) -> Found:
    """The likeliest of some kernels, of equally likely ones the first. Raises ``SettingsError`` if all are refused."""
    found, reason = [], ""
    for spec in specs:
        try:
            found.append(asker.best(evidence, spec))
        except ValueError as refusal:  # families have bandwidths that they cannot take
            reason = str(refusal)
    if not found:
        raise SettingsError(reason)
    least = max(map(_score, found)) - _NO_MATTER / evidence.count
    return next(one for one in found if one.score >= least)


def _climb(asker: _Asker, evidence: Evidence, spec: KernelSpec) -> Found:
    """From a kernel to the best bandwidth around it, in steps of half an octave."""
    best = asker.best(evidence, spec)
    for factor in (_FINER, 1 / _FINER):
        for further in _further(asker, evidence, best.spec, factor):
            if further.score <= best.score + _NO_MATTER / evidence.count:
                break
            best = further
    return best


def _roughest(asker: _Asker, evidence: Evidence, best: Found, most: float) -> Found:
    """The same with the largest bandwidth, up to ``most``, that is about as likely and takes no more of the values for
    signal."""
    least, chosen = best.score - _ALIKE * best.freedom, best
    for further in _further(asker, evidence, best.spec, _FINER, most):
        if further.score < least or further.freedom > _MORE * best.freedom:
            break
        chosen = further
    return chosen


def _further(
    asker: _Asker, evidence: Evidence, spec: KernelSpec, factor: float, most: float = math.inf
) -> Iterator[Found]:
    for _ in range(2 * _FARTHEST):
        bandwidth = spec.encoding.bandwidth
        assert isinstance(bandwidth, float)
        if bandwidth * factor > most:
            return
        spec = spec.with_bandwidth(bandwidth * factor)
        try:
            yield asker.best(evidence, spec)
        except ValueError:
            return


def _score(found: Found) -> float:
    return found.score


def _ladder_among(points: Tensor) -> list[float]:
    """From a part of a wave across the points to half a wave between neighbours."""
    if len(points) < 2:
        return [1.0]
    some = _some(points)
    return _ladder(_SMOOTHEST / _usual(torch.pdist(some)), _ROUGHEST / _distance(points, some))


def _ladder_between(points: Tensor) -> list[float]:
    """Bandwidths that near points know of."""
    distance = _distance(points, _some(points))
    return _ladder(_WIDEST / distance, _ROUGHEST / distance)


def _some(points: Tensor) -> Tensor:
    return points[torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:_FEW]]


def _distance(points: Tensor, some: Tensor) -> float:
    """The usual distance of some points from their nearest neighbours."""
    return _usual((some - points[nearest_neighbours(points, some, 2)[:, 1]]).norm(dim=1))


def _usual(distances: Tensor) -> float:
    """The median, of equal places aside."""
    apart = distances[distances > 0]
    return float(apart.median()) if len(apart) else 1.0


def _ladder(lowest: float, highest: float) -> list[float]:
    """Bandwidths by octaves, the highest first left out where there are too many."""
    octaves = min(_MOST_OCTAVES, max(0, math.floor(math.log2(highest / lowest))))
    return [highest / 2**octave for octave in range(octaves, -1, -1)]
