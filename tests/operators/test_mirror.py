"""The mirrored grid's inverse against the inverse of the mirrored matrix."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Grid
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel
from fourierfield.operators._base import ScaledIdentity
from fourierfield.operators._gram import gram
from fourierfield.operators._mirror import MirrorInverse
from fourierfield.regression._spec import KernelSpec
from fourierfield.solvers._cg import conjugate_gradients


def images(row: int, column: int, n: int) -> list[tuple[int, float]]:
    """Offsets from sample ``row`` to the images of sample ``column`` in the endless row of mirrored grids, as far as a
    period 2n reaches; those at its very ends, of which it has one, by half."""
    found = [row - image - 2 * n * turn for image in (column, 2 * n - 1 - column) for turn in (-1, 0, 1)]
    return [(offset, 0.5 if abs(offset) == n else 1.0) for offset in found if abs(offset) <= n]


def mirrored_matrix(kernel: StationaryKernel, grid: Grid) -> Tensor:
    """Σ over the images of sample j of k(i − image), image by image."""
    places = list(itertools.product(*(range(n) for n in grid.shape)))
    entries, offsets, shares = [], [], []
    for (row, i), (column, j) in itertools.product(enumerate(places), repeat=2):
        for chosen in itertools.product(*(images(*along) for along in zip(i, j, grid.shape, strict=True))):
            entries.append(row * grid.size + column)
            offsets.append([offset for offset, _ in chosen])
            shares.append(math.prod(share for _, share in chosen))
    values = kernel(torch.tensor(offsets) * torch.tensor(grid.spacing, dtype=torch.float64))
    matrix = torch.zeros(grid.size**2, dtype=torch.float64)
    matrix.index_add_(0, torch.tensor(entries), torch.tensor(shares, dtype=torch.float64) * values)
    return matrix.reshape(grid.size, grid.size)


class Windowed(StationaryKernel):
    """A kernel times Bohman's window, which ends at the grid's own length along each axis."""

    dimensions, at_zero = None, 1.0  # type: ignore[assignment]

    def __init__(self, kernel: StationaryKernel, grid: Grid) -> None:
        self.kernel, self.lengths = kernel, torch.tensor(grid.upper, dtype=torch.float64)

    def gap(self, difference: Tensor) -> Tensor:
        u = (difference / self.lengths).abs().clamp(max=1)
        window = (1 - u) * torch.cos(math.pi * u) + torch.sin(math.pi * u) / math.pi
        return 1 - self.kernel(difference) * window.prod(-1)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.sampled_from([0.01, 2.0]), st.floats(0.1, 2.0))
def test_it_is_the_inverse_of_the_mirrored_matrix(shape: list[int], ridge: float, length: float) -> None:
    """With the window where without it that matrix would have eigenvalues below zero."""
    sides = tuple(0.3 * n * (1 + 0.5 * a) for a, n in enumerate(shape))
    grid = Grid((0.0,) * len(shape), sides, tuple(shape))
    kernel = MaternKernel(1.5, length)
    matrix = mirrored_matrix(kernel, grid)
    if torch.linalg.eigvalsh(matrix).min() < -0.3 * ridge:
        matrix = mirrored_matrix(Windowed(kernel, grid), grid)
        assert torch.linalg.eigvalsh(matrix).min() > 0
    eigenvalues, vectors = torch.linalg.eigh(matrix)
    expected = (vectors / (eigenvalues.clamp(min=0) + ridge)) @ vectors.T
    torch.testing.assert_close(MirrorInverse(kernel, grid, ridge).to_dense(), expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("shape", [(40,), (9, 12), (4, 5, 6)])
def test_it_is_positive_definite_even_without_a_ridge(shape: tuple[int, ...]) -> None:
    """However smooth the kernel, and for frequencies that are not even along each axis by themselves."""
    grid, generator = Grid((0.0,) * len(shape), (1.0,) * len(shape), shape), torch.Generator().manual_seed(0)
    few = EncodingKernel(gaussian(len(shape), 2.0, 5, generator=generator))
    for kernel in (GaussianKernel(0.5), few):
        inverse = MirrorInverse(kernel, grid).to_dense()
        torch.testing.assert_close(inverse, inverse.T, rtol=1e-6, atol=1e-6 * float(inverse.abs().max()))
        assert torch.linalg.eigvalsh(inverse).min() > 0


@pytest.mark.parametrize("features", [None, 128])
@pytest.mark.parametrize("trained", ["all", "last"])
@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("shape", [(400,), (30, 34), (12, 10, 11)])
def test_it_saves_most_iterations(features: int | None, trained: str, low: bool, shape: tuple[int, ...]) -> None:
    """For kernels that end within the grid and for those that reach far beyond it; for drawn frequencies too."""
    d = len(shape)
    grid = Grid((0.0,) * d, tuple(n / max(shape) for n in shape), shape)
    bandwidth = 0.25 if low else max(shape) / 40
    kernel = KernelSpec(EncodingSpec("gaussian", bandwidth, features), trained=trained).kernel(d)  # type: ignore[arg-type]
    operator = gram(kernel, grid) + ScaledIdentity(grid.size, 1e-3)
    values = torch.randn(grid.size, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    plain = conjugate_gradients(operator, values, tolerance=1e-6)
    helped = conjugate_gradients(operator, values, tolerance=1e-6, preconditioner=MirrorInverse(kernel, grid, 1e-3))
    assert helped.ok
    assert helped.iterations < 0.6 * plain.iterations
