"""The rules by which people choose a bandwidth today, without training.

Each takes a problem, of which it reads the training samples alone, and candidates, and gives the index of the
candidate it would take. All raise ``ValueError`` where none of the candidates is of a family that the rule is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from fourierfield.encodings._registry import FAMILIES
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Grid
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grams import lattice_of
from fourierfield.problems._grid import GridProblem

__all__ = ["PAPER_SIGMA", "FreshSettings", "fresh", "fresh_distances", "paper_value", "shell_spectrum", "siren_octaves"]

PAPER_SIGMA = {"photo": 10.0, "text": 14.0}
_SIREN_OCTAVES_3D = 10
_BLOCK = 1 << 16  # points evaluated at once


def paper_value(problem: GridProblem, candidates: Sequence[EncodingSpec], content: str = "photo") -> int:
    """The Gaussian candidate nearest in log bandwidth to the value that Tancik et al. 2020 publish.

    σ = 10 cycles per unit for a "photo", 14 for "text", at any resolution: that is how the values are used, though
    they were tuned on 256 training samples per unit (``2d_image_regression.ipynb``: ``gaussian_scale`` of div2k and
    text). The paper has none for "audio"; ours is a quarter of the training samples' Nyquist frequency.
    """
    if content not in (*PAPER_SIGMA, "audio"):
        raise ValueError(f"content is photo, text or audio, not {content}")
    target = PAPER_SIGMA[content] if content in PAPER_SIGMA else problem.samples_per_unit / 8
    return _nearest(candidates, target, ("gaussian",), _widest)


def siren_octaves(problem: GridProblem, candidates: Sequence[EncodingSpec]) -> int:
    """The nerf or positional candidate nearest in log highest frequency to SIREN's positional baseline.

    From ``PosEncodingNeRF`` in vsitzmann/siren's ``modules.py``: floor(log₂(N/4)) octaves, N training samples along the
    shortest axis; always 10 in three dimensions. Its phases π·2^k·x are on x in [−1, 1], two units long, so the highest
    frequency is 2^{L−1} cycles per unit, which for N = 2^n is a quarter of Nyquist. Ours: one octave at least, N from
    the density of samples that form no lattice, and nerf before positional where both are as near.
    """
    dimensions = problem.domain.dimensions
    samples = round(problem.samples_per_unit * min(problem.domain.sides))
    levels = _SIREN_OCTAVES_3D if dimensions == 3 else max(1, math.floor(math.log2(samples / 4)))
    return _nearest(candidates, 2.0 ** (levels - 1), ("nerf", "positional"), lambda spec: _highest(spec, dimensions))


@dataclass(frozen=True)
class FreshSettings:
    """How FreSh compares: shells kept in two or more dimensions, draws of the network, its size, and the seed."""

    shells: int = 64
    draws: int = 10
    depth: int = 4
    width: int = 256
    output: str = "sigmoid"
    seed: int = 0


def fresh(
    problem: GridProblem,
    candidates: Sequence[EncodingSpec],
    settings: FreshSettings | None = None,
    families: Sequence[str] = tuple(FAMILIES),
) -> int:
    """FreSh (Kania et al. 2024, arXiv 2410.05050): the candidate whose untrained network looks most like the signal.

    Of theirs, from the released ``gmum/FreSh``: the spectrum is the sum over channels of DFT magnitudes, summed over
    diagonals |k|₁ = s, without s = 0, cut after s = 64 (``relu_best_sigma.yaml``; its README advises 128), normalised
    to a distribution over s; the distance is Wasserstein-1, in units of s; it is averaged over 10 networks, encoding
    and weights drawn anew; the least mean wins. Depth 4 and width 256 are theirs.
    Ours: networks as this package trains them (He-normal weights, zero biases, a sigmoid, the candidate's own number
    of frequencies; theirs are PyTorch's default ``Linear``, a linear output and 128 frequencies); the training lattice
    in place of the image resized to a square of at most 1024²; k of both signs, folded (theirs are not: from sides of
    128 on their first 64 diagonals see k ≥ 0 alone); for sides of unequal length k in cycles per longest side; one
    dimension, which they do not have, with all its shells; equal seeds for all candidates; a choice between families
    (they choose σ or ω₀ within one, which ``families`` can ask for). Their σ counts on [−1, 1], so that their grid of
    1, 2, …, 20 is 2, 4, …, 40 cycles per unit here.
    """
    allowed = _of_families(candidates, families)
    distances = fresh_distances(problem, [candidates[index] for index in allowed], settings)
    return allowed[distances.index(min(distances))]


def fresh_distances(
    problem: GridProblem, candidates: Sequence[EncodingSpec], settings: FreshSettings | None = None
) -> list[float]:
    """Mean Wasserstein-1 distance of each candidate's initial spectra to the signal's, in cycles per longest side.

    Raises ``ValueError`` for samples that form no lattice or are incomplete, and for a constant signal.
    """
    settings = settings or FreshSettings()
    lattice = lattice_of(problem.training)
    if lattice is None or not problem.training.complete:
        raise ValueError("FreSh needs complete training samples on a lattice")
    shells = settings.shells if problem.domain.dimensions > 1 else None
    signal = shell_spectrum(problem.training.values, lattice, shells)
    points = problem.training.coordinates()

    def distance(spec: EncodingSpec, draw: int) -> float:
        generator = Generator().manual_seed(1000 * settings.seed + draw)
        values = _initial_output(spec, points, problem.channels, settings, generator)
        return wasserstein(signal, shell_spectrum(values, lattice, shells))

    return [sum(distance(spec, draw) for draw in range(settings.draws)) / settings.draws for spec in candidates]


def shell_spectrum(values: Tensor, lattice: Grid, shells: int | None = None) -> Tensor:
    """Share of DFT magnitude in the shells |k|₁ = 1, 2, …, at most ``shells`` of them, (S,) float64.

    ``values`` (N, C) are in C order on ``lattice``; k along an axis counts cycles per longest side of it, rounded after
    the sum over axes.

    >>> lattice = Grid((0.0,), (1.0,), (8,))
    >>> shell_spectrum(torch.cos(2 * torch.pi * 2 * torch.arange(8) / 8)[:, None], lattice).round(decimals=6)
    tensor([0., 1., 0., 0.], dtype=torch.float64)
    """
    axes = tuple(range(len(lattice.shape)))
    magnitudes = torch.fft.fftn(values.double().reshape(*lattice.shape, -1), dim=axes).abs().sum(-1)
    unit = max(count * step for count, step in zip(lattice.shape, lattice.spacing, strict=True))
    lengths = torch.zeros(lattice.shape, dtype=torch.float64)
    for axis, (count, step) in enumerate(zip(lattice.shape, lattice.spacing, strict=True)):
        cycles = torch.fft.fftfreq(count, step, dtype=torch.float64).abs() * unit
        lengths += cycles.reshape([-1 if a == axis else 1 for a in axes])
    sums = torch.bincount(lengths.round().long().flatten(), magnitudes.flatten())[1:][:shells]
    floor = 1e-12 * float(magnitudes.sum())  # rounding of the mean
    sums = torch.where(sums > floor, sums, 0.0)
    if not bool(sums.any()):
        raise ValueError("a constant signal has no spectrum")
    return sums / sums.sum()


def wasserstein(one: Tensor, other: Tensor) -> float:
    """Wasserstein-1 distance of two distributions (S,) on 1..S: the sum of |difference of their running sums|.

    >>> wasserstein(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 1.0]))
    2.0
    """
    return float((one.cumsum(0) - other.cumsum(0)).abs().sum())


@torch.no_grad()
def _initial_output(
    spec: EncodingSpec, points: Tensor, channels: int, settings: FreshSettings, generator: Generator
) -> Tensor:
    encoding = spec.build(points.shape[1], generator)
    size = MLPSpec(encoding.out_features, channels, settings.depth, settings.width, output=settings.output)
    network = CoordinateNetwork(encoding, MLP(size, generator))
    return torch.cat([network(block) for block in points.split(_BLOCK)])


def _nearest(
    candidates: Sequence[EncodingSpec], target: float, families: tuple[str, ...], scale: Callable[[EncodingSpec], float]
) -> int:
    """Index of the candidate of ``families`` with ``scale`` nearest to ``target`` in log; earlier families first."""
    allowed = _of_families(candidates, families)

    def rank(index: int) -> tuple[float, int]:
        spec = candidates[index]
        return round(abs(math.log(scale(spec) / target)), 6), families.index(spec.family)

    return min(allowed, key=rank)


def _of_families(candidates: Sequence[EncodingSpec], families: Sequence[str]) -> list[int]:
    allowed = [index for index, spec in enumerate(candidates) if spec.family in families]
    if not allowed:
        raise ValueError(f"the rule is for {', '.join(families)}, and no candidate is")
    return allowed


def _widest(spec: EncodingSpec) -> float:
    assert spec.bandwidth is not None
    return max(spec.bandwidth) if isinstance(spec.bandwidth, tuple) else spec.bandwidth


def _highest(spec: EncodingSpec, dimensions: int) -> float:
    """The highest frequency that the candidate really has: nerf takes its bandwidth to a power of two."""
    return float(spec.build(dimensions, Generator()).frequencies.max())
