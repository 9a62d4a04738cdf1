"""What several of the comparisons share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.problems._grid import GridProblem
from fourierfield.problems._points import PointProblem, Samples
from fourierfield.regression._choice import Candidates
from fourierfield.regression._solve import places_of
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import KernelRun, choose_for, train_kernel

from ..table import Row

SOME = 20_000  # held-out samples that intervals are counted on
T = TypeVar("T")
NTK = KernelSpec(EncodingSpec("gaussian", 1.0))
BOTH = Candidates(free=[NTK, KernelSpec(EncodingSpec("gaussian", 1.0), trained="last")])


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives, and its seconds."""
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def kernel_fit(problem: GridProblem | PointProblem) -> tuple[KernelRun, Row]:
    """Choose and solve, timed one by one."""
    choice, choosing = timed(lambda: choose_for(problem, BOTH))
    run, solving = timed(lambda: train_kernel(problem, choice))
    assert problem.held_out is not None
    held_out = problem.held_out
    estimate, evaluating = timed(lambda: run.field(places_of(held_out)))
    errors = problem.value_range.normalise(estimate) - held_out.values.double()
    return run, {
        "method": f"kernel field ({choice.spec.name})",
        "bandwidth": f"{choice.spec.encoding.bandwidth:.4g}",
        "ridge": f"{choice.ridge:.2g}",
        "psnr_db": f"{-10 * np.log10(float(errors.square().nanmean())):.2f}",
        "within_90": f"{_within(run, held_out, errors):.3f}",
        "choose_s": f"{choosing:.2f}",
        "fit_s": f"{solving:.2f}",
        "evaluate_s": f"{evaluating:.2f}",
        "residual": f"{run.residual:.1g}",
    }


def _within(run: KernelRun, held_out: Samples, errors: Tensor) -> float:
    """Share of held-out values in their 90 % intervals."""
    peak = torch.as_tensor(run.field.value_range.peak, dtype=torch.float64)
    rows = torch.randperm(len(errors), generator=torch.Generator().manual_seed(0))[:SOME]
    inside = errors[rows].abs() <= 1.6449 * run.field.deviation(places_of(held_out)[rows]) / peak
    return float(inside[~errors[rows].isnan()].double().mean())


def rival(name: str, psnr_db: float, seconds: float) -> Row:
    """A rival's row with the same columns."""
    rest = {"within_90": "", "choose_s": "", "fit_s": f"{seconds:.2f}", "evaluate_s": "", "residual": ""}
    return {"method": name, "bandwidth": "", "ridge": "", "psnr_db": f"{psnr_db:.2f}", **rest}


def decibels(estimate: np.ndarray, truth: np.ndarray) -> float:
    """PSNR of values in [0, 1]."""
    return float(-10 * np.log10(np.mean((estimate - truth) ** 2)))


def r_squared(estimate: np.ndarray, truth: np.ndarray) -> float:
    """1 − Σe²/Σ(y − ȳ)², a mean over the columns."""
    lost = ((estimate - truth) ** 2).sum(0)
    return float(np.mean(1 - lost / ((truth - truth.mean(0)) ** 2).sum(0)))
