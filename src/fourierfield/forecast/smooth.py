"""Smooth signals, which trained networks interpolate as the NNGP does and not as the NTK.

The NTK has a kink at zero that no depth removes, and its interpolant between samples is as good as the kink allows. On
photographs and noise that is as good as anything. Where a signal has next to nothing at the finest scales of its
sampling (music, a slow field), networks do better: they end near the error that the NNGP, whose kink is two orders
fainter, has at the same *training* error. The NTK still sets the pace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..kernels import ComposedNNGP, ComposedNTK, StationaryKernel
from ..problems import GridProblem
from ..solvers import Solution
from .curve import START, Errors, LearningCurve, forecast_curve
from .dynamics import GradientFlow

__all__ = ["SMOOTH", "at_equal_training", "nngp_curve", "smoothness"]

SMOOTH = 0.8  # dB
_ROUGH = 30.0  # dB: signals that the NTK foretells no better were never smooth, and the NNGP is not asked
_FIRST, _LAST, _MOMENTS = 1e-2, 1e3, 80  # λτ of the largest eigenvalue at the first moment, k(0)·τ at the last


def nngp_curve(problem: GridProblem, kernel: ComposedNTK, *, start: float = START) -> Solution[LearningCurve]:
    """The learning curve of the last layer of a network whose NTK is ``kernel``: gradient flow with its NNGP.

    It ends where k(0)·τ is 1,000: no optimiser gets farther in single precision.
    """
    nngp = ComposedNNGP(kernel.encoding, kernel.network, kernel.input_variance)
    return forecast_curve(problem, nngp, GradientFlow(_moments(problem, nngp)), start=start)


def at_equal_training(curve: LearningCurve, other: Errors) -> LearningCurve:
    """``curve`` with the held-out errors that the ``other`` has where it has the same training error.

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
    """By how many dB NNGPs foretell the held-out samples of a problem better than NTKs, each at its best moment and
    with its best of the ``kernels``: of several bandwidths, as an NTK is poor where the bandwidth is too large for it.

    Around 0 on photographs, text and 1/f^α noise; 1 to 13 on music and other smooth signals (``SMOOTH``). 0
    where the NTK stays below 30 dB, as on most of the former.
    """
    flows = [(kernel, GradientFlow(_moments(problem, kernel))) for kernel in kernels]
    ntk = _best_psnr([forecast_curve(problem, kernel, flow, start=start).value for kernel, flow in flows])
    if ntk < _ROUGH:
        return 0.0
    return _best_psnr([nngp_curve(problem, kernel, start=start).value for kernel in kernels]) - ntk


def _best_psnr(curves: list[LearningCurve]) -> float:
    """0 without held-out samples."""
    return max((float(c.held_out_psnr_db.max()) for c in curves if c.held_out_psnr_db is not None), default=0.0)


def _moments(problem: GridProblem, kernel: StationaryKernel) -> Tensor:
    first = math.log10(_FIRST / max(1, len(problem.training)))
    return torch.logspace(first, math.log10(_LAST), _MOMENTS, dtype=torch.float64) / kernel.at_zero


def _positive(errors: Tensor) -> np.ndarray:
    return errors.double().clamp(min=torch.finfo(torch.float64).tiny).numpy()
