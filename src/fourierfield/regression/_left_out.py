"""Predict samples from those around them, to judge kernels and ridges by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..kernels._stationary import StationaryKernel
from ..operators._neighbours import earlier_neighbours, nearest_neighbours

_TARGETS = 2000  # samples that are predicted: bounds the time; the mean square of so many normal errors is known to 3 %
_MOST_NUMBERS = 1 << 19  # entries of the small matrices held at once: bounds memory at 4 MiB for each copy
_NORMAL_90 = 1.6449  # standard deviations on either side that hold 90 % of a normal distribution


@dataclass(frozen=True)
class LeftOut:
    """How well a kernel with a ridge (for k(0) = 1) predicts samples from others, by channel (C,).

    ``mse`` are the mean squared errors. ``power`` are the mean squares of error/σ, where σ is the standard deviation
    that the kernel gives: multiplied by it, k is the signal's covariance. 90 % of the errors lie within ±1.645 times
    ``scale``·σ. ``score`` is the mean log-density of the errors at that power, up to a constant; for samples predicted
    in an order, each from earlier ones, the sum is the signal's log-likelihood. ``freedom`` is the mean share of σ²
    that is not noise.
    """

    mse: Tensor
    power: Tensor
    scale: Tensor
    score: float
    freedom: float


@dataclass(frozen=True)
class Neighbourhoods:
    """Some samples, each with others near it.

    ``places`` (n, m + 1, d) and ``values`` (n, m + 1, C), float64, have the sample itself first. ``absent`` (n, m + 1)
    marks the places of missing neighbours; ``weights`` (n, m + 1) are given if they are not all 1.
    """

    places: Tensor
    values: Tensor
    absent: Tensor
    weights: Tensor | None = None

    @classmethod
    def around(
        cls,
        places: Tensor,
        values: Tensor,
        *,
        count: int,
        scale: Tensor,
        some: int = _TARGETS,
        weights: Tensor | None = None,
    ) -> Neighbourhoods:
        """Take some of the samples at ``places`` (N, d), each with the ``count`` nearest of all others: leave-one-out.

        Distances are measured between ``places``·``scale``, with ``scale`` (d,).
        """
        chosen = np.random.default_rng(0).permutation(len(places))[:some]
        rows = nearest_neighbours(places * scale, (places * scale)[chosen], count + 1)
        return cls._at(rows, places, values, weights)

    @classmethod
    def before(
        cls,
        places: Tensor,
        values: Tensor,
        *,
        count: int,
        scale: Tensor,
        some: int = _TARGETS,
        weights: Tensor | None = None,
    ) -> Neighbourhoods:
        """Take some of the samples, each with the nearest of those before it in a random order.

        Their errors are of all scales, and the product of their densities is the likelihood (Vecchia 1988).
        """
        numbers, patterns = earlier_neighbours(places * scale, count, some=some)
        return cls._at(torch.cat([numbers[:, None], patterns], dim=1), places, values, weights)

    @classmethod
    def _at(cls, rows: Tensor, places: Tensor, values: Tensor, weights: Tensor | None) -> Neighbourhoods:
        absent, rows = rows < 0, rows.clamp(min=0)
        return cls(places[rows], values[rows], absent, None if weights is None else weights[rows])

    def thinned(self, most: int) -> Neighbourhoods:
        """Return at most ``most`` of the neighbourhoods, evenly chosen."""
        rows = torch.linspace(0, len(self.places) - 1, min(most, len(self.places))).round().long()
        weights = None if self.weights is None else self.weights[rows]
        return Neighbourhoods(self.places[rows], self.values[rows], self.absent[rows], weights)

    def judge(self, kernel: StationaryKernel, ridges: list[float]) -> list[LeftOut]:
        """Predict each sample from the others by kernel regression: one result for each ridge (for k(0) = 1)."""
        size = max(1, _MOST_NUMBERS // self.places.shape[1] ** 2)
        parts: list[list[tuple[Tensor, Tensor, Tensor]]] = [[] for _ in ridges]
        shares = torch.ones(self.absent.shape, dtype=torch.float64) if self.weights is None else 1 / self.weights
        blocks = zip(*(x.split(size) for x in (self.places, self.values, self.absent, shares)), strict=True)
        for places, values, absent, share in blocks:
            matrix = kernel(places[:, :, None] - places[:, None])
            matrix.masked_fill_(absent[:, :, None] | absent[:, None], 0.0)
            for found, ridge in zip(parts, ridges, strict=True):
                estimate, deviation = predict_left_out(matrix, values[:, 1:], ridge * share)
                found.append((values[:, 0] - estimate, deviation, ridge * share[:, 0]))
        return [_summary(*(torch.cat(column) for column in zip(*part, strict=True))) for part in parts]


def predict_left_out(matrix: Tensor, values: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Predict a value at one place from those at m others by kernel regression, n times.

    Returns estimates (n, C) and standard deviations (n,). ``matrix`` (n, m + 1, m + 1) holds the kernel with that place
    first, ``values`` (n, m, C) are the others', ``noise`` (n, m + 1) has the variances at all. NaN if not factorisable.
    """
    others = matrix[:, 1:, 1:].clone()
    absent = others.diagonal(dim1=1, dim2=2) == 0
    others.diagonal(dim1=1, dim2=2).add_(noise[:, 1:])
    others.diagonal(dim1=1, dim2=2).masked_fill_(absent, 1.0)  # an absent neighbour is independent of all others
    factor, failed = torch.linalg.cholesky_ex(others)
    factor = torch.where(failed[:, None, None] > 0, torch.nan, factor)
    weights = torch.cholesky_solve(matrix[:, 1:, :1], factor)
    variance = matrix[:, 0, 0] + noise[:, 0] - (weights[..., 0] * matrix[:, 1:, 0]).sum(1)
    return (weights * values).sum(1), variance.clamp(min=1e-12).sqrt()


def _summary(errors: Tensor, deviations: Tensor, noise: Tensor) -> LeftOut:
    freedom = 1 - float((noise / deviations.square()).nan_to_num(nan=0.0).clamp(max=1).mean())
    errors, deviations = errors.nan_to_num(nan=1e9), deviations.nan_to_num(nan=1.0)[:, None]
    power = (errors / deviations).square().mean(0)
    score = -0.5 * float(power.clamp(min=1e-300).log().mean()) - float(deviations.log().mean())
    scale = torch.quantile(errors.abs() / deviations, 0.9, dim=0) / _NORMAL_90
    return LeftOut(errors.square().mean(0), power, scale, score, freedom)
