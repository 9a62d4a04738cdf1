"""Predictions of how well encodings learn a signal, by frequency, before any training."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ..forecast._bands import Bands, band_energies, band_means, cosine_eigenvalues, cosine_frequencies, forecast_bands
from ..forecast._limit import WideLimit, interpolate
from ..forecast._spectrum import frequency_lengths, plane_wave_eigenvalues, wave_frequencies
from ..grids._domain import Grid
from ..grids._signal import GridSignal
from ..kernels._stationary import StationaryKernel
from ..networks._mlp import CoordinateNetwork
from ..operators._base import LinearOperator
from ..operators._gram import gram
from ..problems._grid import grid_problem
from ..training._estimate import check_memory
from ._network import build_network
from ._plan import FitPlan, plan_fit
from ._settings import FitSettings
from ._windows import Window, coarser_window, fullest_window, lost_variance

_BANDS = 14  # bands in two decades of frequency: enough to draw, each wide enough to hold waves
LEARNED = math.exp(-2)  # share of a band's energy that is left when the amplitude of its error has fallen by e


@dataclass(frozen=True)
class EncodingSpectrum:
    """What one encoding learns of a signal in each of B bands of frequency.

    ``eigenvalues`` (B,) are the kernel's, relative to the largest. ``decay_times`` (B,) in η·steps and ``decay_steps``
    (B,) in optimiser steps pass until the amplitude of the error in a band has fallen by e; they are ∞ if that does not
    happen within the forecast. ``left`` (B,) is the share of a band's energy that is left after all steps, and
    ``train_psnr_db`` the training PSNR at that moment.
    """

    encoding: FourierEncoding
    eigenvalues: Tensor
    decay_times: Tensor
    decay_steps: Tensor
    left: Tensor
    train_psnr_db: float
    notes: list[str]

    @property
    def reach(self) -> int:
        """The number of bands, counted from the lowest without a gap, that are learned within the steps."""
        missed = (self.left > LEARNED).nonzero()
        return int(missed[0]) if len(missed) else len(self.left)


@dataclass(frozen=True)
class SignalSpectrum:
    """The spectrum of a signal in B bands of frequency, and what encodings learn of it in ``steps`` optimiser steps.

    ``power`` (B,) is the mean power of a coefficient, ``shares`` (B,) the share of the signal's energy.
    """

    signal: GridSignal
    bands: Bands
    power: Tensor
    shares: Tensor
    encodings: list[EncodingSpectrum]
    steps: int
    seconds: float
    notes: list[str]


def analyse_spectrum(signal: GridSignal, candidates: list[FitSettings]) -> SignalSpectrum:
    """Compute the power of a signal by frequency and, for each candidate, forecast the error in every band.

    A large signal is represented by its fullest 2¹⁷ samples, missing ones by the nearest. The forecast trains an
    infinitely wide network with the candidate's own frequencies, at the times that its optimiser reaches
    (``plan_times``); without mapping it takes means of at most 48² samples, and a note says so. Raises
    ``TooLargeError`` if a candidate's network does not fit in memory.
    """
    started = time.perf_counter()
    problem = grid_problem(signal)
    window = fullest_window(problem, signal)
    lengths = cosine_frequencies(window.grid)
    bands = Bands.up_to_nyquist(window.grid, _BANDS).holding(lengths)
    energy = band_energies((window.values - window.values.mean(0)).T, window.grid, bands).sum(0)
    counts = torch.bincount(bands.of(lengths.reshape(-1)), minlength=len(bands))
    plans = [plan_fit(problem, settings) for settings in candidates]
    for plan in plans:
        check_memory(plan.mlp, len(problem.training), plan.training)
    encodings = [
        _analyse(build_network(plan, problem.domain.dimensions, settings.seed), plan, window, bands)
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
    """Return the mean eigenvalue of the waves in each band, (B,)."""
    if isinstance(limit.kernel, StationaryKernel):
        values = plane_wave_eigenvalues(limit.kernel, grid)
        return band_means(values, frequency_lengths(wave_frequencies(grid)), bands)
    return band_means(cosine_eigenvalues(operator, grid), cosine_frequencies(grid), bands)


def _first_below(times: Tensor, curves: Tensor, level: float) -> Tensor:
    """Return when each column of falling ``curves`` (T, B) passes ``level``, by interpolated logarithms; ∞ if never."""
    crossed = (curves <= level).int()
    after = crossed.argmax(0).clamp(min=1)
    columns = torch.arange(curves.shape[1])
    high, low = (curves[i, columns].clamp(min=1e-300).log() for i in (after - 1, after))
    share = ((high - math.log(level)) / (high - low).clamp(min=1e-300)).clamp(0, 1)
    found = times[after - 1] + share * (times[after] - times[after - 1])
    return torch.where(crossed.any(0), found, math.inf)
