"""Smooth signals, which trained networks interpolate as the NNGP does, not as the NTK does.

The NTK has a kink at zero that no depth removes, and its interpolant between samples is only as good as the kink
allows. On photographs and noise nothing is better. Where a signal has almost no energy at the finest scales of its
sampling (music, a slow field), networks do better: they end near the held-out error of the NNGP, whose kink is two
orders weaker, at the same *training* error. The NTK still sets the pace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..kernels._composed import ComposedNNGP, ComposedNTK
from ..kernels._stationary import StationaryKernel
from ..problems._grid import GridProblem
from ..solvers._solution import Solution
from ._curve import START, Errors, LearningCurve, forecast_curve
from ._dynamics import GradientFlow

SMOOTH = 0.8  # dB by which NNGPs must beat NTKs for a signal to count as smooth; docs/forecast.md has the measurements
_ROUGH = 30.0  # dB: a signal that the NTK predicts no better than this is not smooth, and the NNGP need not be run
_FIRST, _LAST, _MOMENTS = 1e-2, 1e3, 80  # bound of λ_max·τ at the first moment, k(0)·τ at the last, number of moments


def nngp_curve(problem: GridProblem, kernel: ComposedNTK, *, start: float = START) -> Solution[LearningCurve]:
    """Forecast the learning curve of a network whose NTK is ``kernel`` if only its last layer is trained.

    This is gradient flow with its NNGP up to k(0)·τ = 1,000, beyond what optimisers reach in single precision.
    """
    nngp = ComposedNNGP(kernel.encoding, kernel.network, kernel.input_variance)
    return forecast_curve(problem, nngp, GradientFlow(_moments(problem, nngp)), start=start)


def at_equal_training(curve: LearningCurve, other: Errors) -> LearningCurve:
    """Replace the held-out errors of ``curve`` by those that ``other`` has at the same training error.

    >>> curve = LearningCurve(torch.tensor([4.0, 1.0]), torch.tensor([8.0, 2.0]), torch.ones(2), 1.0)
    >>> at_equal_training(curve, Errors(torch.tensor([4.0, 2.0, 0.5]), torch.tensor([4.0, 2.0, 2.0]))).held_out_mse
    tensor([4., 2.], dtype=torch.float64)
    """
    if curve.held_out_mse is None or other.held_out_mse is None:
        return curve
    learnt = -np.log(np.minimum.accumulate(_positive(other.train_mse)))
    held_out = np.interp(-np.log(_positive(curve.train_mse)), learnt, np.log(_positive(other.held_out_mse)))
    return replace(curve, held_out_mse=torch.from_numpy(np.exp(held_out)))


def smoothness(problem: GridProblem, kernels: Sequence[ComposedNTK], *, start: float = START) -> float:
    """Compute by how many dB NNGPs predict the held-out samples of a problem better than NTKs do.

    Each is taken at its best moment and with the best of the ``kernels``, which should be of several bandwidths. It is
    around 0 on photographs, text and 1/f^α noise, 1 to 13 on music and other smooth signals (``SMOOTH``), and 0 if the
    NTK stays below 30 dB, as on most signals that are not smooth.
    """
    flows = [(kernel, GradientFlow(_moments(problem, kernel))) for kernel in kernels]
    ntk = _best_psnr([forecast_curve(problem, kernel, flow, start=start).value for kernel, flow in flows])
    if ntk < _ROUGH:
        return 0.0
    return _best_psnr([nngp_curve(problem, kernel, start=start).value for kernel in kernels]) - ntk


def _best_psnr(curves: list[LearningCurve]) -> float:
    """Return the best held-out PSNR of any curve at any moment; 0 without held-out samples."""
    return max((float(c.held_out_psnr_db.max()) for c in curves if c.held_out_psnr_db is not None), default=0.0)


def _moments(problem: GridProblem, kernel: StationaryKernel) -> Tensor:
    first = math.log10(_FIRST / max(1, len(problem.training)))
    return torch.logspace(first, math.log10(_LAST), _MOMENTS, dtype=torch.float64) / kernel.at_zero


def _positive(errors: Tensor) -> np.ndarray:
    return errors.double().clamp(min=torch.finfo(torch.float64).tiny).numpy()
