"""The correction for networks of finite width: what trained networks do beyond the kernel.

- **Pace.** Theory's clock is right up to a factor; ``delay`` models how that factor depends on bandwidth, width, depth,
  number of frequencies and steps.
- **Features.** Networks learn features: where detail has a direction they end up to 2 dB above any kernel's forecast.
  The gain is largest at bandwidths of about 1/50 of the sampling rate.
- **Collapse.** Where the bandwidth is too large for the samples, or the frequencies are too few for the bandwidth,
  kernels fall back to the mean between the samples; trained networks mostly do not.

All three are smooth functions that were fitted to the sweeps of ``benchmarks/scorecard`` and are kept in
``finite.json``. The scorecard measures their error on signals that they were not fitted to.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

import torch
from torch import Tensor

from ..encodings._registry import FAMILIES
from ..training._plan import TrainingPlan
from ._steps import FlowForecast

REFERENCE = 1 / 26  # bandwidth over sampling rate of the Gaussian encoding that collapse is measured from
_NO_WAVES = 1e-9  # floor of a density before its logarithm: the only frequency of an encoding may be zero
_CROWDED = 1 / 24  # density above which a fall below the reference begins to count as collapse; just above REFERENCE
_CENTRES = (-0.6, 0.6, 1.8, 3.0)  # of the bumps over the density, octaves above 1/64 of the sampling rate
_GAPS = (1.5, 3.0, 4.5)  # centres of the bumps over the gap, octaves of dB
_SPREAD = 0.9  # standard deviation of the bumps, octaves: neighbouring bumps overlap
_LOWEST, _HIGHEST = -1.2, 3.8  # octaves above 1/64 of the sampling rate: outside them, densities count as these
_NOTHING = 1e-15  # mean squared error of 150 dB, the closest that float32 networks come


@dataclass(frozen=True)
class Traits:
    """The traits of a problem on which the correction depends.

    ``directed`` is its directed detail (``directed_detail``, dB) and ``noise`` the power of its samples' noise.
    ``reference`` is the flow of the reference encoding on it; only encodings of larger bandwidth need it.
    """

    directed: float = 0.0
    reference: FlowForecast | None = None
    noise: float = 0.0
    _known: dict[TrainingPlan, float] = field(default_factory=dict, repr=False, compare=False)

    def by_reference(self, plan: TrainingPlan) -> float:
        """Compute theory's held-out PSNR of the reference at the end of a plan, dB; −∞ without a reference."""
        if plan not in self._known:
            held_out = None
            if self.reference is not None:
                held_out = self.reference.under(plan, delay(self.reference, plan, self)).held_out_mse
            self._known[plan] = -math.inf if held_out is None else _psnr(float(held_out[-1]))
        return self._known[plan]


@dataclass(frozen=True)
class FiniteForecast:
    """The scores, in dB, that a network of finite width is expected to reach.

    The held-out score lies between ``low_db`` and ``high_db`` nine times out of ten; all three are None without
    held-out samples. ``gain_db`` is the part of the held-out score that goes beyond theory.
    """

    train_psnr_db: float
    held_out_psnr_db: float | None
    low_db: float | None
    high_db: float | None
    gain_db: float = 0.0

    def shifted(self, decibels: float) -> FiniteForecast:
        """Shift the held-out score and its interval."""
        if self.held_out_psnr_db is None or self.low_db is None or self.high_db is None:
            return self
        return replace(
            self,
            held_out_psnr_db=self.held_out_psnr_db + decibels,
            low_db=self.low_db + decibels,
            high_db=self.high_db + decibels,
        )


def finite_width(flow: FlowForecast, plan: TrainingPlan, traits: Traits | None = None) -> FiniteForecast:
    """Forecast the scores at the end of a plan, corrected for what finite networks do beyond theory."""
    traits = traits or Traits()
    theory = flow.under(plan, delay(flow, plan, traits))
    train = _psnr(float(theory.train_mse[-1]))
    if theory.held_out_mse is None:
        return FiniteForecast(train, None, None, None)
    kind = kind_of(flow.family, flow.smooth)
    by_theory = _psnr(float(theory.held_out_mse[-1]))
    collapse = _collapse(flow, plan, traits, by_theory)
    signs = Signs(traits.directed, collapse, train - by_theory, noise_share(traits.noise, by_theory))
    gain = float(gain_terms(kind, flow.density, signs) @ _coefficients("gain_db", kind))
    held_out, half = by_theory + gain, _table()["half_width_db"][kind]
    return FiniteForecast(train, held_out, held_out - half, held_out + half, gain)


def noise_share(noise: float, psnr_db: float) -> float:
    """Compute the share of an error, 0 to 1, that is the samples' own noise."""
    return _within(noise * 10 ** (psnr_db / 10), 0.0, 1.0)


def delay(flow: FlowForecast, plan: TrainingPlan, traits: Traits) -> float:
    """Compute log₂ of the time that networks reach over the time of theory's clock."""
    kind = kind_of(flow.family, flow.smooth)
    terms = delay_terms(kind, flow.density, traits.directed, flow.sizes, plan.steps)
    return float(terms @ _coefficients("delay_octaves", kind))


def delay_terms(kind: str, density: float, directed: float, sizes: tuple[int, int, int], steps: int) -> Tensor:
    """Return the terms of the delay, (7,), or 1 alone without a bandwidth, clamped to the range that was tried.

    They are 1, octaves of the bandwidth, ``directed``, octaves of the width, the depth, octaves of the number of
    frequencies (``sizes`` are depth, width and frequencies) and octaves of the steps.
    """
    if kind in FAMILIES:
        return torch.ones(1, dtype=torch.float64)
    depth, width, features = sizes
    terms = [
        1.0,
        _octaves(density),
        0.5 * directed,
        _within(math.log2(256 / width), -1, 2),
        _within(depth - 4, -1, 2),
        _within(math.log2(256 / features), -1, 2),
        _within(math.log2(steps / 800), -2, 1),
    ]
    return torch.tensor(terms, dtype=torch.float64)


@dataclass(frozen=True)
class Signs:
    """What the gain over theory depends on, besides the bandwidth.

    ``directed`` detail; ``collapse``, by how much theory is worse than the reference where that counts; ``gap``, by how
    much theory is better on training samples than on held-out ones; all in dB; and the share of ``noise`` in the error.
    """

    directed: float
    collapse: float
    gap: float
    noise: float


def gain_terms(kind: str, density: float, signs: Signs) -> Tensor:
    """Return the terms of the gain over theory, (18,), or 1 alone without a bandwidth and on smooth signals.

    They are 1, bumps over the octaves of the bandwidth and of the gap, the same times ``directed``, the collapse, the
    share of noise, and that share times the octaves.
    """
    if kind != "mapped":
        return torch.ones(1, dtype=torch.float64)
    octaves = _octaves(density)
    bumps = [_bump(octaves - centre) for centre in _CENTRES]
    bumps += [_bump(math.log2(max(1.0, signs.gap)) - centre) for centre in _GAPS]
    directed = [0.5 * signs.directed * bump for bump in bumps]
    rest = [signs.collapse, signs.noise, signs.noise * octaves]
    return torch.tensor([1.0, *bumps, *directed, *rest], dtype=torch.float64)


def _bump(distance: float) -> float:
    return math.exp(-0.5 * (distance / _SPREAD) ** 2)


def kind_of(family: str, smooth: bool = False) -> str:
    """Return the name of the correction: one for all encodings with a bandwidth, another on smooth signals.

    Families without a bandwidth have one each if ``finite.json`` has been fitted to them.
    """
    known = FAMILIES.get(family)  # None for encodings that have no name in settings
    if known is not None and not known.has_bandwidth and family in _table()["gain_db"]:
        return family
    return "smooth" if smooth else "mapped"


def may_collapse(density: float) -> bool:
    """Return whether the correction needs the reference."""
    return crowding(density) > 0


def crowding(density: float) -> float:
    """Return the weight, 0 (up to 1/24 of the sampling rate) to 1 (from 1/12 on), of a fall below the reference."""
    return _within(math.log2(density / _CROWDED), 0.0, 1.0) if density > 0 else 0.0


def _collapse(flow: FlowForecast, plan: TrainingPlan, traits: Traits, by_theory: float) -> float:
    if not may_collapse(flow.density):
        return 0.0
    return crowding(flow.density) * max(0.0, traits.by_reference(plan) - by_theory)


def _octaves(density: float) -> float:
    return _within(math.log2(max(64 * density, _NO_WAVES)), _LOWEST, _HIGHEST)


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))


def _psnr(mse: float) -> float:
    """Compute the PSNR, at most 150 dB: float32 networks come no closer."""
    return -10 * math.log10(max(mse, _NOTHING))


def _coefficients(what: str, kind: str) -> Tensor:
    return torch.tensor(_table()[what][kind], dtype=torch.float64)


@cache
def _table() -> dict[str, Any]:
    return json.loads(files(__package__).joinpath("finite.json").read_text())
