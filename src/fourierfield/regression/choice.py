"""Which kernel and which ridge: by samples foretold from others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from ..errors import SettingsError
from ..problems import Samples
from .left_out import LeftOut, Neighbourhoods
from .solve import places_of, usual_weight
from .spec import KernelSpec

__all__ = ["RIDGES", "Candidates", "KernelChoice", "choose_kernel"]

T = TypeVar("T")
_NO_MATTER = 0.02  # nats a sample: a smaller lead in likelihood is none
_USUAL = 1 / 40  # of the sampling rate
RIDGES = (1e-6, 1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)  # of k(0)
_AROUND = {1: 20, 2: 30, 3: 40}  # samples that another is foretold from
_LADDER = (1 / 640, 1 / 320, 1 / 160, 1 / 80, 1 / 40, 1 / 20, 1 / 10, 1 / 5)  # bandwidths over the sampling rate
_LOWEST = 0.25  # cycles per unit: less than a wave in the whole of the domain
_FINER = 2**0.5
_FEW = 250  # samples are foretold where a kernel's frequencies are summed one by one


@dataclass(frozen=True)
class KernelChoice:
    """A kernel and a ridge (of k(0) = 1), how they foretold samples from earlier ones, and how many were tried."""

    spec: KernelSpec
    ridge: float
    foretold: LeftOut
    tried: int

    @property
    def reason(self) -> str:
        """In words."""
        return "as asked" if self.tried == 1 else f"the likeliest of {self.tried} kernels and ridges"


@dataclass(frozen=True)
class Candidates:
    """Kernels to choose from: ``fixed`` as they are, ``free`` with any bandwidth instead of their own."""

    fixed: Sequence[KernelSpec] = ()
    free: Sequence[KernelSpec] = ()


def choose_kernel(
    samples: Samples,
    values: Tensor,
    rate: float,
    candidates: Candidates,
    *,
    ridge: float | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> KernelChoice:
    """The likeliest of some kernels, at their best ridge, for samples with values (N, C) around zero.

    What is within 0.02 nats a sample of the likeliest counts as equal. Of the ridges of a kernel that are so the
    smallest is taken, and of such kernels NTKs before NNGPs, then the bandwidth nearest to 1/40 of the ``rate`` of
    samples per unit. Ridges of two kernels are not compared: with a bandwidth so high that it is white noise itself one
    needs none. The bandwidths of ``candidates.free`` are looked for up to a fifth of the rate, first by octaves, then
    finer around the best. The likelihood is that of some 2,000 samples, each given the nearest of those before it in a
    random order (Vecchia 1988): no equation of more than some tens of samples is solved. Samples left out of a grid
    would choose worse (docs/kernel.md).
    """
    judge = _Judge(samples, values, report)
    ridges = [usual_weight(samples) * share for share in RIDGES] if ridge is None else [ridge]
    found = [one for spec in candidates.fixed for one in judge(spec, ridges)]
    ladder = list(dict.fromkeys(max(_LOWEST, share * rate) for share in _LADDER))
    for spec in candidates.free:
        rough = [one for each in judge.known([spec.with_bandwidth(b) for b in ladder]) for one in judge(each, ridges)]
        finer = judge.known(_around(max(rough, key=_score).spec, ladder), any_at_all=False)
        found.extend([*rough, *(one for spec in finer for one in judge(spec, ridges))])
    return replace(_best(found, rate), tried=len(found))


class _Judge:
    """Foretells samples; counts what it was asked."""

    def __init__(self, samples: Samples, values: Tensor, report: Callable[[int], None]) -> None:
        self._places, self._values, self._weights = places_of(samples), values, samples.weights
        self._report, self._count = report, 0
        self._known: dict[tuple[float, ...], Neighbourhoods] = {}

    def __call__(self, spec: KernelSpec, ridges: list[float]) -> list[KernelChoice]:
        self._count += len(ridges)
        self._report(self._count)
        near = self._near(spec)
        kernel = spec.kernel(self._places.shape[1])
        return [KernelChoice(spec, r, one, 1) for r, one in zip(ridges, near.judge(kernel, ridges), strict=True)]

    def known(self, specs: list[KernelSpec], *, any_at_all: bool = True) -> list[KernelSpec]:
        """Those whose family takes the bandwidth. Raises ``SettingsError`` where none does, if there has to be one."""
        found, refusal = [], None
        for spec in specs:
            try:
                spec.kernel(self._places.shape[1])
                found.append(spec)
            except SettingsError as problem:
                refusal = problem
        if refusal is not None and any_at_all and not found:
            raise refusal
        return found

    def _near(self, spec: KernelSpec) -> Neighbourhoods:
        """Near means near for the kernel, whose bandwidths may differ by axis."""
        scale = axis_scale(spec, self._places.shape[1])
        key = tuple(scale.tolist())
        if key not in self._known:
            count = _AROUND.get(self._places.shape[1], 50)
            self._known[key] = Neighbourhoods.before(
                self._places, self._values, count=count, scale=scale, weights=self._weights
            )
        found = self._known[key]
        if spec.encoding.features is None:
            return found
        return found.thinned(_FEW)


def axis_scale(spec: KernelSpec, dimensions: int) -> Tensor:
    """What to multiply each axis by, so that near is near for the kernel: its bandwidths over the largest, (d,)."""
    bandwidth = spec.encoding.bandwidth
    if not isinstance(bandwidth, tuple):
        return torch.ones(dimensions, dtype=torch.float64)
    return torch.tensor(bandwidth, dtype=torch.float64) / max(bandwidth)


def _around(spec: KernelSpec, ladder: list[float]) -> list[KernelSpec]:
    bandwidth = spec.encoding.bandwidth
    assert isinstance(bandwidth, float)
    finer = (bandwidth / _FINER, bandwidth * _FINER)
    return [spec.with_bandwidth(b) for b in finer if ladder[0] / 2 < b < 1.01 * ladder[-1]]


def _score(choice: KernelChoice) -> float:
    return choice.foretold.score


def _best(found: list[KernelChoice], rate: float) -> KernelChoice:
    kernels: dict[KernelSpec, list[KernelChoice]] = {}
    for one in found:
        kernels.setdefault(one.spec, []).append(one)
    likely = _likeliest(list(kernels.values()), lambda ridges: max(map(_score, ridges)))
    chosen = [min(_likeliest(ridges, _score), key=lambda one: one.ridge) for ridges in likely]
    return min(chosen, key=lambda one: (one.spec.trained != "all", _octaves_off(one.spec, rate), -_score(one)))


def _likeliest(candidates: Sequence[T], score: Callable[[T], float]) -> list[T]:
    """Those whose lead or lag does not matter."""
    best = max(map(score, candidates))
    return [one for one in candidates if score(one) >= best - _NO_MATTER]


def _octaves_off(spec: KernelSpec, rate: float) -> float:
    """How far a bandwidth lies from the usual one."""
    bandwidth = spec.encoding.bandwidth
    return abs(math.log2(bandwidth / (_USUAL * rate))) if isinstance(bandwidth, int | float) else 0.0
