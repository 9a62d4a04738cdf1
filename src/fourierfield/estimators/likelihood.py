"""Which kernel and which ridge, by the whole likelihood of some samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import SettingsError
from ..operators import nearest_neighbours
from ..problems import PointSamples
from ..regression import Candidates, KernelChoice, KernelSpec, LeftOut, choose_kernel
from .samples import Scatter

__all__ = ["Evidence", "Found", "Search", "choose_likeliest"]

_ROUGHLY, _FINELY = 400, 800  # samples: their eigenvalues take 0.03 and 0.2 s
_RIDGES = torch.logspace(-6, 1, 29, dtype=torch.float64)  # of k(0)
_SMOOTHEST, _ROUGHEST = 0.005, 0.5  # bandwidths: waves across the samples, waves between neighbours
_MOST_OCTAVES = 16
_FINER = 2**0.5
_NO_MATTER = 0.2  # nats: a smaller lead in the likelihood of all is none
_NORMAL_90 = 1.6449  # standard deviations on either side that hold 90 % of a normal law


@dataclass(frozen=True)
class Search:
    """Kernels to choose from, with any bandwidth instead of their own if that is ``free``, the ridge, None for any, and
    the ``scatter`` of values at equal inputs."""

    kernels: Sequence[KernelSpec]
    free: bool
    scatter: Scatter
    ridge: float | None = None


def choose_likeliest(samples: PointSamples, values: Tensor, rate: float, search: Search) -> KernelChoice:
    """The likeliest kernel and ridge for samples with values (N, C) around zero, ``rate`` of them per unit.

    By the whole likelihood of at most 800 of them, chosen at random: bandwidths by octaves, then finer, by hill
    climbing; of equally likely ones the smallest. More samples in up to three dimensions know more of details: there
    ``choose_kernel``, which asks the nearest of all samples, may find a likelier kernel by its measure. Noise and
    trends are told by far ones.
    """
    whole = _search(samples, values, search)
    if not search.free or len(samples) <= _FINELY or samples.points.shape[1] > 3:
        return whole
    near = choose_kernel(samples, values, rate, Candidates(free=search.kernels), ridge=search.ridge)
    again = choose_kernel(samples, values, rate, Candidates(fixed=[whole.spec]), ridge=whole.ridge)
    return near if near.foretold.score > again.foretold.score else whole


class Evidence:
    """The likelihood of samples with values (N, C) under kernels and ridges; ``asked`` counts the kernels.

    For y ~ N(0, s²(K + ρW⁻¹)) and the s² of each channel that suits it best, the logarithm of its density is, but for
    constants, −½ n log Σ z²/(λ + ρ) − ½ Σ log(λ + ρ), with the eigenvalues λ of √W K √W and z = Uᵀ√W y for its
    eigenvectors U: one decomposition serves all ridges (Rasmussen & Williams 2006, Eq. 5.8). Differences between values
    at equal inputs add to it as values of variance s²ρ; ``share`` is that of the samples among all.
    """

    def __init__(self, samples: PointSamples, values: Tensor, scatter: Scatter, share: float = 1.0) -> None:
        weights = torch.ones(len(samples), dtype=torch.float64) if samples.weights is None else samples.weights
        self._points, self._roots = samples.points, weights.sqrt()[:, None]
        self._values = self._roots * values
        self._squares, self._freedom = (
            share * torch.from_numpy(x)[:, None] for x in (scatter.squares, scatter.freedom)
        )
        self.asked, self.no_matter = 0, _NO_MATTER / len(samples)

    def best(self, spec: KernelSpec, ridges: Tensor) -> Found:
        """The likeliest of some ridges (R,) for a kernel."""
        self.asked += 1
        eigenvalues, vectors = self._decomposed(spec)
        shifted, freedom = eigenvalues[:, None] + ridges, len(eigenvalues) + self._freedom
        total = (vectors.T @ self._values).square().T @ (1 / shifted) + self._squares / ridges  # (C, R)
        parts = (
            freedom * (total / freedom).clamp(min=1e-300).log() + shifted.log().sum(0) + self._freedom * ridges.log()
        )
        scores = -0.5 * parts.mean(0) / len(eigenvalues)
        return Found(float(scores.max()), spec, float(ridges[scores.argmax()]))

    def left_out(self, found: Found) -> LeftOut:
        """How a kernel foretells each sample from all others: with A = √W K √W + ρI the errors times √w are
        (A⁻¹√W y)_i/(A⁻¹)_ii and their variances 1/(A⁻¹)_ii (Rasmussen & Williams 2006, Eq. 5.12)."""
        eigenvalues, vectors = self._decomposed(found.spec)
        inverse = 1 / (eigenvalues + found.ridge)[:, None]
        precision = vectors.square() @ inverse
        errors = (vectors @ (inverse * (vectors.T @ self._values))) / precision
        shares = errors * precision.sqrt()
        scale = torch.quantile(shares.abs(), 0.9, dim=0) / _NORMAL_90
        return LeftOut((errors / self._roots).square().mean(0), shares.square().mean(0), scale, found.score)

    def _decomposed(self, spec: KernelSpec) -> tuple[Tensor, Tensor]:
        matrix = spec.kernel(self._points.shape[1]).between(self._points, self._points)
        eigenvalues, vectors = torch.linalg.eigh(matrix * self._roots * self._roots.T)
        return eigenvalues.clamp(min=0), vectors


@dataclass(frozen=True)
class Found:
    """A kernel with the ridge that suits it, and the logarithm of the likelihood a sample."""

    score: float
    spec: KernelSpec
    ridge: float


def _search(samples: PointSamples, values: Tensor, search: Search) -> KernelChoice:
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))
    rough, fine = (
        Evidence(samples.at(order[:n]), values[order[:n]], search.scatter, min(1.0, n / len(samples)))
        for n in (_ROUGHLY, _FINELY)
    )
    ridges = _ridges(samples, search.ridge)
    if search.free:
        ladder = _ladder(samples.points)
        starts = [_best(rough, [kernel.with_bandwidth(b) for b in ladder], ridges) for kernel in search.kernels]
        chosen = max((_climb(fine, start.spec, ridges) for start in starts), key=_score)
    else:
        chosen = _best(fine, search.kernels, ridges)
    return KernelChoice(chosen.spec, chosen.ridge, fine.left_out(chosen), rough.asked + fine.asked)


def _score(found: Found) -> float:
    return found.score


def _best(evidence: Evidence, specs: Sequence[KernelSpec], ridges: Tensor) -> Found:
    """The likeliest of some kernels, of equally likely ones the first. Raises ``SettingsError`` if all are refused."""
    found, reason = [], ""
    for spec in specs:
        try:
            found.append(evidence.best(spec, ridges))
        except ValueError as refusal:  # families have bandwidths that they cannot take
            reason = str(refusal)
    if not found:
        raise SettingsError(reason)
    least = max(map(_score, found)) - evidence.no_matter
    return next(one for one in found if one.score >= least)


def _climb(evidence: Evidence, spec: KernelSpec, ridges: Tensor) -> Found:
    """From a kernel to the best bandwidth around it, in steps of half an octave."""
    best = evidence.best(spec, ridges)
    for factor in (_FINER, 1 / _FINER):
        further = _next(evidence, best, factor, ridges)
        while further is not None and further.score > best.score + evidence.no_matter:
            best, further = further, _next(evidence, further, factor, ridges)
    return best


def _next(evidence: Evidence, found: Found, factor: float, ridges: Tensor) -> Found | None:
    bandwidth = found.spec.encoding.bandwidth
    assert isinstance(bandwidth, float)
    try:
        return evidence.best(found.spec.with_bandwidth(bandwidth * factor), ridges)
    except ValueError:
        return None


def _ridges(samples: PointSamples, ridge: float | None) -> Tensor:
    """Ridges to try; a sample has the ridge over its weight, so those are for samples of the mean weight."""
    if ridge is not None:
        return torch.tensor([ridge], dtype=torch.float64)
    return _RIDGES if samples.weights is None else _RIDGES * samples.weights.mean()


def _ladder(points: Tensor) -> list[float]:
    """Bandwidths by octaves, from a part of a wave across the points to half a wave between neighbours."""
    if len(points) < 2:
        return [1.0]
    some = points[torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:_ROUGHLY]]
    far = float(torch.pdist(some).median())
    near = float((some - points[nearest_neighbours(points, some, 2)[:, 1]]).norm(dim=1).median())
    lowest = _SMOOTHEST / far
    octaves = min(_MOST_OCTAVES, math.ceil(math.log2(_ROUGHEST / near / lowest)))
    return [lowest * 2**octave for octave in range(octaves + 1)]
