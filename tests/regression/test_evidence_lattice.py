"""The likelihood on a lattice against the dense one of the mirrored lattice, and of the lattice itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Grid
from fourierfield.problems._points import PointSamples
from fourierfield.regression import _evidence as lattice
from fourierfield.regression._evidence import LatticeEvidence, Scatter, WholeEvidence
from fourierfield.regression._spec import KernelSpec

RIDGES = (1e-3, 0.1, 1.0)
NTK = KernelSpec(EncodingSpec("gaussian", 1.0))


def lattice_points(grid: Grid) -> torch.Tensor:
    return torch.from_numpy(grid.coordinates(np.arange(grid.size)))


def drawn(grid: Grid, spec: KernelSpec, ridge: float, channels: int = 1, seed: int = 0) -> torch.Tensor:
    matrix = spec.kernel(len(grid.shape)).between(lattice_points(grid), lattice_points(grid))
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(grid.size, channels, dtype=torch.float64, generator=generator)
    return torch.linalg.cholesky(matrix + ridge * torch.eye(grid.size)) @ noise


def mirrored(grid: Grid, spec: KernelSpec) -> torch.Tensor:
    """Σ over all images of the second point, cut off at one period: k there is as good as constant, and that constant
    is met once by each point and once by its mirror image along every axis."""
    points = lattice_points(grid)
    kernel = spec.kernel(len(grid.shape))
    level = float(kernel(torch.full((1, len(grid.shape)), 5.0)))
    total = torch.zeros(grid.size, grid.size, dtype=torch.float64)
    sides = torch.tensor(grid.shape) * torch.tensor(grid.spacing, dtype=torch.float64)
    lows = points.min(0).values - 0.5 * torch.tensor(grid.spacing, dtype=torch.float64)
    for signs in itertools.product((1.0, -1.0), repeat=len(grid.shape)):
        for turns in itertools.product((-1, 0, 1), repeat=len(grid.shape)):
            image = lows + torch.tensor(signs) * (points - lows) + 2 * torch.tensor(turns) * sides
            offset = points[:, None] - image
            inside = (offset.abs() < sides * (1 + 1e-9)).all(-1)
            total += torch.where(inside, kernel(offset) - level, 0.0)
    return total + 2 ** len(grid.shape) * level


@pytest.mark.parametrize("shape", [(40,), (9, 12)])
def test_it_is_the_likelihood_of_the_mirrored_lattice(shape: tuple[int, ...]) -> None:
    grid = Grid((0.0,) * len(shape), tuple(0.1 * n for n in shape), shape)
    values = drawn(grid, NTK, 0.1, 2)
    values = values - values.mean(0)
    matrix = mirrored(grid, NTK.with_bandwidth(2.0))
    eigenvalues, vectors = torch.linalg.eigh(matrix)
    found = LatticeEvidence(grid, values).judge(NTK.with_bandwidth(2.0), RIDGES)
    scores = []
    for ridge in RIDGES:
        shifted = (eigenvalues + ridge)[:, None]
        total = ((vectors.T @ values).square() / shifted).sum(0)
        scores.append(float(-0.5 * (total / grid.size).log().mean() - 0.5 * shifted.log().mean()))
    np.testing.assert_allclose(np.diff([one.score for one in found]), np.diff(scores), atol=1e-6)


@pytest.mark.parametrize("shape", [(400,), (24, 24)])
def test_it_prefers_what_the_whole_likelihood_prefers(shape: tuple[int, ...]) -> None:
    d = len(shape)
    grid = Grid((0.0,) * d, (1.0,) * d, shape)
    true = NTK.with_bandwidth(20.0 if d == 1 else 4.0)
    specs = [true.with_bandwidth(true.encoding.bandwidth * 2.0**octave) for octave in range(-1, 3)]  # type: ignore[operator]
    for ridge in (1e-3, 0.3):
        values = drawn(grid, true, ridge)
        points = PointSamples(lattice_points(grid), values)
        whole = WholeEvidence(points, values, Scatter.none(1))
        fast = LatticeEvidence(grid, values)
        a, b = (np.array([[one.score for one in e.judge(s, RIDGES)] for s in specs]) for e in (whole, fast))
        assert np.abs((a - a.max()) - (b - b.max())).max() < 0.2 * np.ptp(a)
        ours, theirs = (max(one.freedom for one in e.judge(true, [ridge])) for e in (fast, whole))
        assert ours == pytest.approx(theirs, rel=0.1)


def test_large_lattices_go_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid((0.0, 0.0), (0.64, 0.96), (64, 48))
    values = drawn(grid, NTK.with_bandwidth(8.0), 0.1)
    whole = LatticeEvidence(grid, values)
    monkeypatch.setattr(lattice, "_BLOCK", 200)
    parts = LatticeEvidence(grid, values)
    assert whole.count == 64 * 48
    assert parts.count == 16 * 16 * 12
    for a, b in zip(*(e.judge(NTK.with_bandwidth(8.0), RIDGES) for e in (whole, parts)), strict=True):
        assert a.score == pytest.approx(b.score, abs=0.05)
        assert a.freedom == pytest.approx(b.freedom, abs=0.05)


def test_blocks_cover_thin_and_long_lattices() -> None:
    grid = Grid((0.0, 0.0, 0.0), (0.01, 9.0, 0.03), (1, 300_001, 3))
    evidence = LatticeEvidence(grid, torch.zeros(grid.size, 1, dtype=torch.float64))
    assert 0.5 * grid.size < evidence.count <= grid.size


def test_kernels_have_to_end_within_a_block() -> None:
    grid = Grid((0.0, 0.0), (1.0, 2.0), (40, 50))
    evidence = LatticeEvidence(grid, torch.zeros(grid.size, 1, dtype=torch.float64))
    assert (evidence.smoothest, evidence.roughest) == (1.0, 0.5 / 0.025)
    for spec, held in (
        (NTK.with_bandwidth(1.3), True),
        (NTK.with_bandwidth(1.0), False),
        (NTK.with_bandwidth((0.1, 9.0)), False),
        (NTK.with_bandwidth((9.0, 1.3)), True),
        (KernelSpec(EncodingSpec("gaussian", 9.0, 16)), False),
    ):
        assert evidence.holds(spec) is held
        if not held:
            with pytest.raises(ValueError, match="beyond the lattice"):
                evidence.judge(spec, [0.1])
