"""Learning curves under kernels that are not stationary, by dense algebra on block means of the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..operators._base import DenseOperator
from ..operators._gram import gram
from ..problems._grid import GridProblem, GridSamples
from ..solvers._solution import Solution
from ._curve import LearningCurve
from ._flow import train_flow, worst_of
from ._limit import WideLimit

_MOST_BLOCKS = 576  # means to train on: dense algebra of this size takes a quarter of a second
_MOST_AVERAGED = 1 << 20  # samples that enter the means: some 1,800 for each block
_MOST_SCORED = 2048  # samples at which the errors are evaluated; bounds the dense matrix of K_*


@dataclass(frozen=True)
class CoarseCurve:
    """A learning curve and the number of values (blocks times channels) on which it was trained."""

    curve: LearningCurve
    outputs: int


def coarse_curve(problem: GridProblem, limit: WideLimit, times: Tensor) -> Solution[CoarseCurve]:
    """Train in theory on at most 576 means over blocks of samples; evaluate errors at no more than 2,048 samples.

    This is right as long as the network learns nothing finer than the blocks, as behind raw coordinates.
    """
    points, means = block_means(problem.training.subset(_MOST_AVERAGED), _MOST_BLOCKS)
    outputs = int((~means.isnan()).sum())
    dynamics = limit.flow(times, outputs)
    scored = [s.subset(_MOST_SCORED) for s in (problem.training, problem.held_out) if s is not None]
    kernel = gram(limit.kernel, points).to_dense()
    crosses = [gram(limit.kernel, samples.coordinates().double(), points).to_dense() for samples in scored]
    flows, errors = [], []
    for channel, known in enumerate((~means.isnan()).T):
        if not bool(known.any()):
            continue
        targets = means[known, channel] - limit.start
        flow = train_flow(DenseOperator(kernel[known][:, known]), targets, dynamics, tolerance=1e-4)
        flows.append(flow)
        errors.append(
            [
                _squares(samples.values[:, channel].double() - limit.start, cross[:, known] @ flow.value.weights().T)
                for samples, cross in zip(scored, crosses, strict=True)
            ]
        )
    mse = [torch.cat(parts).mean(0) for parts in zip(*errors, strict=True)]
    pull = torch.stack([flow.value.pull() for flow in flows]).sum(0)
    top = max(float(flow.value.run.eigen[0].max()) for flow in flows)
    curve = LearningCurve(mse[0], mse[1] if len(mse) > 1 else None, pull, top)
    return worst_of(flows, CoarseCurve(curve, outputs))


def _squares(measured: Tensor, predicted: Tensor) -> Tensor:
    """Compute the squared errors (n, T) at the n points where a value was measured."""
    known = ~measured.isnan()
    return (measured[known, None] - predicted[known]).square()


def block_means(samples: GridSamples, most: int) -> tuple[Tensor, Tensor]:
    """Average positions (n, d) and values (n, C), float64, over the blocks of a coarse grid, n ≤ ``most`` with samples.

    A channel that was measured at no sample of a block is NaN there.

    >>> from fourierfield.grids import Grid
    >>> samples = GridSamples(Grid((0.0,), (1.0,), (4,)), torch.arange(4), torch.tensor([[0.0], [1.0], [2.0], [5.0]]))
    >>> block_means(samples, 2)
    (tensor([[0.2500],
            [0.7500]], dtype=torch.float64), tensor([[0.5000],
            [3.5000]], dtype=torch.float64))
    """
    shape = samples.grid.shape
    counts = _blocks(shape, most)
    along = torch.unravel_index(samples.flat, shape)
    block = torch.zeros(len(samples), dtype=torch.int64)
    for index, size, count in zip(along, shape, counts, strict=True):
        block = block * count + index * count // size
    _, block = torch.unique(block, return_inverse=True)
    blocks = int(block.max()) + 1
    known = ~samples.values.isnan()
    values = _grouped(torch.where(known, samples.values, 0.0).double(), block, blocks)
    points = _grouped(samples.coordinates().double(), block, blocks)
    present = _grouped(known.double(), block, blocks)
    members = torch.bincount(block, minlength=blocks)[:, None]
    return points / members, values / torch.where(present > 0, present, math.nan)


def _grouped(rows: Tensor, group: Tensor, groups: int) -> Tensor:
    return torch.zeros(groups, rows.shape[1], dtype=rows.dtype).index_add_(0, group, rows)


def _blocks(shape: tuple[int, ...], most: int) -> list[int]:
    """Choose the number of blocks along each axis, in proportion to its samples, at most ``most`` in all."""
    counts, left, samples = [1] * len(shape), float(most), float(math.prod(shape))
    by_length = sorted(range(len(shape)), key=lambda a: shape[a])  # what short axes cannot use goes to longer ones
    for done, axis in enumerate(by_length):
        share = (left / samples) ** (1 / (len(shape) - done))
        counts[axis] = max(1, min(shape[axis], math.floor(shape[axis] * share + 1e-9)))
        left, samples = left / counts[axis], samples / shape[axis]
    return counts
