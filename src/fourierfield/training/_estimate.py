"""Estimate the memory and the time of a run before it starts, and keep freed memory between its steps."""

from __future__ import annotations

import ctypes
import sys
import time
from dataclasses import dataclass

import torch

from ..errors import TooLargeError
from ..grids._memory import free_memory
from ..networks._mlp import MLPSpec
from ._optimiser import rows_at_once
from ._plan import TrainingPlan

_SHARE = 0.8  # of the free memory that a run may plan to use; the rest is left to the system
WORKSPACE = 160e6  # bytes: blocks of scores, copies of weights, the products' buffers (benchmarks/results/memory.csv)
_FROM = 1 << 14  # samples from which all of that is in use
_TABLE_SHARE = 0.4  # of the free memory that the precomputed features may take (docs/training.md)


@dataclass(frozen=True)
class MemoryEstimate:
    """The memory of a run in bytes.

    ``parameters`` with gradients and Adam's moments, ``activations`` of one step, ``data`` (samples and their indices),
    the ``table`` of precomputed features γ of all training samples, and what is ``available``.
    """

    parameters: int
    activations: int
    data: int
    table: int
    available: int

    @classmethod
    def of(cls, mlp: MLPSpec, samples: int, plan: TrainingPlan) -> MemoryEstimate:
        """Estimate the memory of training ``mlp`` on ``samples`` samples by ``plan``."""
        size = torch.finfo(plan.precision).bits // 8
        batch = min(plan.batch_size or samples, samples)
        outputs = sum(fan_out for _, fan_out in mlp.layer_sizes)
        activations = rows_at_once(batch, plan) * 2 * outputs * size + batch * mlp.in_features * (size + 8)
        return cls(
            parameters=mlp.parameters * (16 + size),
            activations=activations + int(WORKSPACE * min(1.0, samples / _FROM)),
            data=samples * (mlp.out_features * 4 + 16),
            table=samples * mlp.in_features * size,
            available=available_memory(plan.device),
        )

    @property
    def needed(self) -> int:
        """The bytes that a run needs without the table, which is optional."""
        return self.parameters + self.activations + self.data

    @property
    def words(self) -> str:
        """The needed and the free memory in words; the features count if they are kept."""
        needed = self.needed + (self.table if self.table_fits else 0)
        return f"{needed / 1e9:.2g} GB of memory ({self.available / 1e9:.2g} GB free)"

    @property
    def table_fits(self) -> bool:
        """Whether the features of all training samples can be computed once and kept."""
        room = self.available * _SHARE - self.needed
        return self.table <= min(room, self.available * _TABLE_SHARE)


def available_memory(device: torch.device) -> int:
    """Return the free bytes on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return free_memory()


def check_memory(mlp: MLPSpec, samples: int, plan: TrainingPlan) -> MemoryEstimate:
    """Estimate the memory of a run; raise ``TooLargeError`` with the numbers if it would not fit."""
    estimate = MemoryEstimate.of(mlp, samples, plan)
    if estimate.needed > estimate.available * _SHARE:
        raise TooLargeError(
            f"a network of {mlp.parameters:,} parameters "
            f"(features {mlp.in_features // 2}, width {mlp.width}, depth {mlp.depth}) "
            f"with batches of {min(plan.batch_size or samples, samples):,} needs {estimate.needed / 1e9:.1f} GB and "
            f"{estimate.available / 1e9:.1f} GB are free; lower --features, --width, --depth or --batch-size"
        )
    return estimate


_RATE_SHARE = 0.65  # of the rate of bare matrix products that whole steps reach: 63 to 73 % in docs/training.md
_ORTHOGONAL = 1.3  # times the duration of a step by Adam alone, for orthogonal steps (docs/training.md measures 1.4)
_TRIALS = 5  # timed matrix products, of which the fastest counts: the others shared the machine


def estimate_seconds(mlp: MLPSpec, samples: int, plan: TrainingPlan) -> float:
    """Estimate the seconds that the plan's steps take on this machine, right to a third or so.

    A step takes 6·weights·rows operations, at two thirds of the rate of a few matrix products of the same kind, which
    are timed here (some 20 ms).
    """
    rows = min(plan.batch_size or samples, samples)
    block = rows_at_once(rows, plan)
    left = torch.randn(block, mlp.width, device=plan.device).to(plan.precision)
    right = torch.randn(mlp.width, mlp.width, device=plan.device).to(plan.precision)
    rate = 2 * block * mlp.width**2 / _fastest(left, right)
    weights = sum(fan_in * fan_out for fan_in, fan_out in mlp.layer_sizes)
    work = 6 * weights * rows * plan.steps
    return work / (_RATE_SHARE * rate) * (_ORTHOGONAL if plan.orthogonal else 1.0)


def _fastest(left: torch.Tensor, right: torch.Tensor) -> float:
    found = []
    for _ in range(_TRIALS):
        started = time.perf_counter()
        left @ right
        if left.is_cuda:
            torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return max(min(found), 1e-9)


def in_words(seconds: float) -> str:
    """Write a duration in words, rounded as coarsely as an estimate is.

    >>> in_words(0.3), in_words(47.0), in_words(700.0), in_words(9000.0)
    ('a second', '50 s', '12 min', '2.5 h')
    """
    if seconds < 1.5:
        return "a second"
    if seconds < 100:
        return f"{float(f'{seconds:.1g}'):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of these parameters of mallopt(3), from glibc's malloc.h


def keep_freed_memory() -> bool:
    """Let glibc keep freed blocks instead of returning them to the kernel; return whether that was possible.

    Steps free and allocate the same large blocks; mapping and zeroing their pages anew costs about a tenth of a step.
    The setting holds for the whole process, so programs call this function and the library does not.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_THRESHOLD, 1 << 30) and mallopt(_TRIM_THRESHOLD, (1 << 31) - 1))
