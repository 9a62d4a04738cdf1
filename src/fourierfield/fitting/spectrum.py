"""What an encoding can learn of a signal, by frequency, before any training."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from ..encodings import FourierEncoding
from ..forecast import (
    Bands,
    WideLimit,
    band_energies,
    band_means,
    cosine_eigenvalues,
    cosine_frequencies,
    forecast_bands,
    frequency_lengths,
    plane_wave_eigenvalues,
    wave_frequencies,
)
from ..forecast.limit import interpolate
from ..kernels import StationaryKernel
from ..networks import CoordinateNetwork
from ..operators import LinearOperator, gram
from ..problems import grid_problem
from ..signals import Grid, GridSignal
from ..training import check_memory
from .presets import FitPlan, plan_fit
from .run_network import build_network
from .settings import FitSettings
from .window import Window, coarser_window, fullest_window, lost_variance

__all__ = ["EncodingSpectrum", "SignalSpectrum", "analyse_spectrum"]

_BANDS = 14
LEARNED = math.exp(-2)  # the share of a band's energy left when its amplitude is down by e


@dataclass(frozen=True)
class EncodingSpectrum:
    """One encoding by band, all (B,): the kernel's eigenvalue relative to its largest, η·steps and optimiser steps
    until the error's amplitude there is down by e (∞ if never in sight), and the share of the band's energy that is
    left when the budget of steps is spent. ``train_psnr_db`` is the training PSNR at that moment."""

    encoding: FourierEncoding
    eigenvalues: Tensor
    decay_times: Tensor
    decay_steps: Tensor
    left: Tensor
    train_psnr_db: float
    notes: list[str]

    @property
    def reach(self) -> int:
        """How many bands are learned within the budget, one after another from the lowest on."""
        missed = (self.left > LEARNED).nonzero()
        return int(missed[0]) if len(missed) else len(self.left)


@dataclass(frozen=True)
class SignalSpectrum:
    """A signal's mean power per coefficient and share of energy, (B,), and what encodings learn of it in ``steps``."""

    signal: GridSignal
    bands: Bands
    power: Tensor
    shares: Tensor
    encodings: list[EncodingSpectrum]
    steps: int
    seconds: float
    notes: list[str]


def analyse_spectrum(signal: GridSignal, candidates: list[FitSettings]) -> SignalSpectrum:
    """Power of a signal by frequency, and for each candidate the forecast of every band's error.

    Of a large signal the middle 2¹⁷ samples stand for all, or those where fewer are missing; missing ones take the
    nearest sample's value. Bands add up the channels. The forecast is the training of an infinitely wide network with
    the candidate's own frequencies, at the times that its optimiser reaches (``plan_times``). Without mapping the
    kernel is not stationary: the dense route takes means of samples, at most 48² of them, and says so. Raises
    ``TooLargeError`` as a fit does.
    """
    started = time.perf_counter()
    problem = grid_problem(signal)
    window = fullest_window(problem, signal)
    bands = Bands.up_to_nyquist(window.grid, _BANDS)
    energy = band_energies((window.values - window.values.mean(0)).T, window.grid, bands).sum(0)
    counts = torch.bincount(bands.of(cosine_frequencies(window.grid).reshape(-1)), minlength=len(bands))
    plans = [plan_fit(problem, settings) for settings in candidates]
    for plan in plans:
        check_memory(plan.mlp, len(problem.training), plan.training)
    encodings = [
        _analyse(build_network(plan, problem, settings.seed), plan, window, bands)
        for plan, settings in zip(plans, candidates, strict=True)
    ]
    return SignalSpectrum(
        signal,
        bands,
        energy / counts.clamp(min=1),
        energy / energy.sum().clamp(min=torch.finfo(energy.dtype).tiny),
        encodings,
        plans[0].training.steps,
        time.perf_counter() - started,
        window.notes,
    )


def _analyse(network: CoordinateNetwork, plan: FitPlan, whole: Window, bands: Bands) -> EncodingSpectrum:
    limit = WideLimit.of(network)
    window = whole if limit.stationary else coarser_window(whole)
    times = limit.times(window.values.shape[1], limit.mean(window.some_points(256)), plan.training.steps)
    operator = gram(limit.kernel, window.grid)
    solution = forecast_bands(limit, window.grid, window.values, bands, times, share=window.share, operator=operator)
    flow = solution.value
    reached = flow.reached(plan.training)
    decay_times = _first_below(times, flow.left, LEARNED)
    steps = torch.searchsorted(reached, decay_times).double() + 1
    eigenvalues = _eigenvalues(limit, operator, window.grid, bands)
    error = float(interpolate(times, flow.energy, reached[-1:])) / window.values.numel() + lost_variance(whole, window)
    return EncodingSpectrum(
        network.encoding,
        eigenvalues / eigenvalues[~eigenvalues.isnan()].max(),
        decay_times,
        steps.where(steps <= len(reached), math.inf),
        flow.left_at(reached[-1:])[0],
        -10 * math.log10(max(error, 1e-12)),
        [*window.notes[len(whole.notes) :], *([] if solution.ok else [f"forecast {solution.status.value}"])],
    )


def _eigenvalues(limit: WideLimit, operator: LinearOperator, grid: Grid, bands: Bands) -> Tensor:
    """Mean eigenvalue of the waves in each band, (B,)."""
    if isinstance(limit.kernel, StationaryKernel):
        values = plane_wave_eigenvalues(limit.kernel, grid)
        return band_means(values, frequency_lengths(wave_frequencies(grid)), bands)
    return band_means(cosine_eigenvalues(operator, grid), cosine_frequencies(grid), bands)


def _first_below(times: Tensor, curves: Tensor, level: float) -> Tensor:
    """Time at which each column of (T, B) falling curves passes ``level``, by its logarithm; ∞ if it does not."""
    crossed = (curves <= level).int()
    after = crossed.argmax(0).clamp(min=1)
    columns = torch.arange(curves.shape[1])
    high, low = (curves[i, columns].clamp(min=1e-300).log() for i in (after - 1, after))
    share = ((high - math.log(level)) / (high - low).clamp(min=1e-300)).clamp(0, 1)
    found = times[after - 1] + share * (times[after] - times[after - 1])
    return torch.where(crossed.any(0), found, math.inf)
