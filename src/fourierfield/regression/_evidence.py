"""The likelihood of samples given a kernel: whole, in cells, given near samples, or by a lattice's cosine transform."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..grids._domain import Grid
from ..operators._mirror import mirror_eigenvalues
from ..problems._points import PointSamples
from ._left_out import Neighbourhoods
from ._spec import KernelSpec


@dataclass(frozen=True)
class Found:
    """A kernel and a ridge with their log-likelihood per value up to a constant (``score``, nats).

    ``freedom`` is the share of the values that the kernel's fit follows rather than takes for noise, tr K(K + ρI)⁻¹/n.
    """

    spec: KernelSpec
    ridge: float
    score: float
    freedom: float


@dataclass(frozen=True)
class Scatter:
    """The differences of values at equal places, which show the noise without any kernel.

    Per channel (C,): the sum of ``squares`` about the means of the places, and the degrees of ``freedom`` in it.
    """

    squares: np.ndarray
    freedom: np.ndarray

    @classmethod
    def none(cls, channels: int) -> Scatter:
        """Return the scatter of values whose places all differ: zero."""
        return cls(np.zeros(channels), np.zeros(channels))


class Evidence(Protocol):
    """A likelihood that kernels are judged by."""

    @property
    def count(self) -> int:
        """The number of values in the likelihood."""

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """Judge a kernel with each of some ridges. Raises ``ValueError`` if its family does not take the bandwidth."""


def spectral_likelihood(
    spec: KernelSpec, ridges: Sequence[float], eigenvalues: Tensor, powers: Tensor, scatter: Scatter
) -> list[Found]:
    """Compute the likelihood of values whose components along a kernel's eigenvectors have squares ``powers`` (n, C).

    For y ~ N(0, s²(K + ρI)), with the best s² for each channel, the log-density is up to constants
    −½ n log Σ z²/(λ + ρ) − ½ Σ log(λ + ρ), where λ (n,) are the ``eigenvalues`` and z² the powers: one decomposition
    serves all ridges (Rasmussen & Williams 2006, Eq. 5.8). ``scatter`` adds to it as values of variance s²ρ.
    """
    squares, freedom = (torch.from_numpy(x) for x in (scatter.squares, scatter.freedom))
    count = len(eigenvalues) + freedom
    found = []
    for ridge in ridges:
        shifted = eigenvalues + ridge
        total = powers.T @ (1 / shifted) + squares / ridge
        nats = count * (total / count).clamp(min=1e-300).log() + shifted.log().sum() + freedom * float(np.log(ridge))
        share = float((eigenvalues / shifted).sum() / count.mean())
        found.append(Found(spec, ridge, float((-0.5 * nats / count).mean()), share))
    return found


class WholeEvidence:
    """The whole likelihood of some hundred samples with values (N, C) around zero, by the eigenvalues of √W K √W.

    The noise of a sample has the variance ridge/weight; ``scatter`` is that of values at equal places.
    """

    def __init__(self, samples: PointSamples, values: Tensor, scatter: Scatter) -> None:
        weights = torch.ones(len(samples), dtype=torch.float64) if samples.weights is None else samples.weights
        self._points, self._roots = samples.points, weights.sqrt()[:, None]
        self._values, self._scatter = self._roots * values, scatter

    @property
    def count(self) -> int:
        """The number of samples, with repeated ones counted individually."""
        return len(self._points) + int(self._scatter.freedom.mean())

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """Judge a kernel with each of some ridges."""
        matrix = spec.kernel(self._points.shape[1]).between(self._points, self._points)
        eigenvalues, vectors = torch.linalg.eigh(matrix * self._roots * self._roots.T)
        powers = (vectors.T @ self._values).square()
        return spectral_likelihood(spec, ridges, eigenvalues.clamp(min=0), powers, self._scatter)


# Neighbours, by dimension, that a sample is predicted from; 50 in more dimensions. The time grows with their cube.
_AROUND = {1: 20, 2: 30, 3: 40}
_FEW = 250  # samples that are predicted for kernels of drawn frequencies, which are summed one by one: bounds the time


class NearEvidence:
    """The likelihood of ``some`` samples, each given the nearest of those before it in a random order (Vecchia 1988).

    No system of more than some tens of samples is solved. It shows details, but no trends beyond the neighbours, nor
    noise that takes more of them to average out. ``places`` (N, d), ``values`` (N, C) around zero, ``weights`` (N,) if
    not all 1.
    """

    def __init__(self, places: Tensor, values: Tensor, weights: Tensor | None, some: int = 2000) -> None:
        self._places, self._values, self._weights, self._some = places, values, weights, some
        self._known: dict[tuple[float, ...], Neighbourhoods] = {}

    @property
    def count(self) -> int:
        """The number of samples that are predicted."""
        return min(self._some, len(self._places))

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """Judge a kernel with each of some ridges."""
        kernel = spec.kernel(self._places.shape[1])
        found = self._near(spec).judge(kernel, list(ridges))
        return [Found(spec, ridge, one.score, one.freedom) for ridge, one in zip(ridges, found, strict=True)]

    def _near(self, spec: KernelSpec) -> Neighbourhoods:
        """Return the neighbourhoods, near in the units of the kernel, whose bandwidths may differ by axis."""
        scale = axis_scale(spec, self._places.shape[1])
        key = tuple(scale.tolist())
        if key not in self._known:
            count = _AROUND.get(self._places.shape[1], 50)
            self._known[key] = Neighbourhoods.before(
                self._places, self._values, count=count, scale=scale, some=self._some, weights=self._weights
            )
        found = self._known[key]
        return found if spec.encoding.features is None else found.thinned(_FEW)


def axis_scale(spec: KernelSpec, dimensions: int) -> Tensor:
    """Return a kernel's bandwidths over the largest, (d,) float64: in these units distances mean the same to it."""
    bandwidth = spec.encoding.bandwidth
    if not isinstance(bandwidth, tuple):
        return torch.ones(dimensions, dtype=torch.float64)
    return torch.tensor(bandwidth, dtype=torch.float64) / max(bandwidth)


def in_cells(
    samples: PointSamples, values: Tensor, scatter: Scatter, count: int
) -> tuple[PointSamples, Tensor, Scatter]:
    """Average samples with values (N, C) in ``count`` cells of about equally many, halved across the longest side.

    Returns the cells (mean places, summed weights), mean values, and ``scatter`` with that within the cells, which
    counts as noise; the arguments themselves if there are at most ``count`` samples.
    """
    if len(samples) <= count:
        return samples, values, scatter
    weights = torch.ones(len(samples), dtype=torch.float64) if samples.weights is None else samples.weights
    cell = torch.from_numpy(_cells(samples.points.numpy(), count))
    total = torch.zeros(count, dtype=torch.float64).index_add(0, cell, weights)
    share = (weights / total[cell])[:, None]
    places = samples.points.new_zeros(count, samples.points.shape[1]).index_add(0, cell, share * samples.points)
    means = values.new_zeros(count, values.shape[1]).index_add(0, cell, share * values)
    squares = (weights[:, None] * (values - means[cell]).square()).sum(0).numpy()
    added = Scatter(scatter.squares + squares, scatter.freedom + len(samples) - count)
    return PointSamples(places, means, total), means, added


def _cells(points: np.ndarray, count: int) -> np.ndarray:
    """Return the number of each point's cell, (N,) int64."""
    cell = np.zeros(len(points), dtype=np.int64)
    waiting, number = [(np.arange(len(points)), count)], 0
    while waiting:
        rows, cells = waiting.pop()
        if cells == 1:
            cell[rows] = number
            number += 1
            continue
        part = points[rows]
        axis, half = int(np.argmax(np.ptp(part, axis=0))), cells // 2
        order = np.argpartition(part[:, axis], len(rows) * half // cells)
        middle = len(rows) * half // cells
        waiting += [(rows[order[:middle]], half), (rows[order[middle:]], cells - half)]
    return cell


_BLOCK = 1 << 16  # samples per block of a lattice: bounds the time of one judgement
_BLOCKS = 16  # most blocks whose powers are averaged: bounds the work on large lattices


class LatticeEvidence:
    """The likelihood of values (N, C) around zero on a lattice that is continued as its mirror image.

    The cosine transform diagonalises a kernel's matrix on it (Whittle 1954, for the mirrored lattice; see
    ``MirrorInverse``). A large lattice is judged by up to 16 blocks of at most 65,536 samples, spread over it. Kernels
    must end within a block: their bandwidths lie between ``smoothest`` and ``roughest``, in waves per unit.
    """

    def __init__(self, lattice: Grid, values: Tensor) -> None:
        self._block = _block_of(lattice, _BLOCK)
        whole = values.T.reshape(-1, *lattice.shape)
        corners = list(itertools.product(*map(_starts, lattice.shape, self._block.shape)))
        some = corners[:: math.ceil(len(corners) / _BLOCKS)]
        self._powers = torch.stack([_powers(whole, corner, self._block.shape) for corner in some]).mean(0)
        self.count = len(some) * self._block.size
        self._scatter = Scatter.none(values.shape[1])
        self._side = min(h * n for h, n in zip(self._block.spacing, self._block.shape, strict=True))
        self.smoothest, self.roughest = 1 / self._side, 0.5 / min(self._block.spacing)

    def holds(self, spec: KernelSpec) -> bool:
        """Return whether a kernel ends within a block."""
        kernel = spec.kernel(len(self._block.shape))
        return kernel.ends_at <= self._side * min(kernel.metric(len(self._block.shape)))

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """Judge a kernel with each of some ridges. Raises ``ValueError`` if it does not end within a block."""
        if not self.holds(spec):
            raise ValueError("the kernel reaches beyond the lattice")
        kernel = spec.kernel(len(self._block.shape))
        eigenvalues = mirror_eigenvalues(kernel, self._block, min(ridges)).flatten()
        return spectral_likelihood(spec, ridges, eigenvalues, self._powers, self._scatter)


def _block_of(lattice: Grid, most: int) -> Grid:
    """Return the lattice, or a part of it with at most ``most`` samples, made by halving the longest axis."""
    shape = list(lattice.shape)
    while math.prod(shape) > most:
        longest = shape.index(max(shape))
        shape[longest] = math.ceil(shape[longest] / 2)
    return Grid.from_origin((0.0,) * len(shape), lattice.spacing, tuple(shape))


def _starts(length: int, block: int) -> list[int]:
    """Return where blocks that do not overlap begin, spread over an axis."""
    count = length // block
    return [round((length - block) * i / max(1, count - 1)) for i in range(count)]


def _powers(values: Tensor, corner: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    """Compute the squared cosine coefficients (n, C) of a block of values (C, …)."""
    from scipy.fft import dctn

    for axis, (start, length) in enumerate(zip(corner, shape, strict=True), start=1):
        values = values.narrow(axis, start, length)
    waves = dctn(values.numpy(), axes=tuple(range(1, values.ndim)), norm="ortho", workers=torch.get_num_threads())
    return torch.from_numpy(waves).square().flatten(1).T
