"""The Gram seam: grids and points of the same places are the same map."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.grids._domain import Domain, Grid
from fourierfield.kernels._composed import ComposedNTK, PointNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel
from fourierfield.operators._base import DenseOperator
from fourierfield.operators._gram import gram
from fourierfield.operators._toeplitz import Toeplitz


def kernels(d: int) -> list[StationaryKernel]:
    encoding = EncodingKernel(gaussian(d, 3.0, 12, generator=torch.Generator().manual_seed(d)))
    return [encoding, GaussianKernel(2.0), MaternKernel(1.5, 0.2), ComposedNTK(encoding, InfiniteMLP.of_depth(3))]


def points_of(grid: Grid) -> Tensor:
    axes = [torch.from_numpy(grid.axis(a)) for a in range(len(grid.shape))]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, len(axes))


def grid_beside(grid: Grid, shape: tuple[int, ...], shift: float) -> Grid:
    """A grid of the same spacing whose origin is ``shift`` steps further."""
    origin = tuple(first + shift * step for first, step in zip(grid.origin, grid.spacing, strict=True))
    return Grid.from_origin(origin, grid.spacing, shape)


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=3), st.sampled_from([0, 0.5, 2, -1])
)
def test_a_map_between_grids_is_that_between_their_points(shapes: list[tuple[int, int]], shift: float) -> None:
    """Shifts by whole steps included, where differences that ought to be zero are so to rounding only."""
    grid = Domain.of_samples(tuple(r for r, _ in shapes)).grid(tuple(r for r, _ in shapes))
    other = grid_beside(grid, tuple(c for _, c in shapes), shift)
    for kernel in kernels(len(shapes)):
        fast = gram(kernel, grid, other)
        assert isinstance(fast, Toeplitz)
        slow = gram(kernel, points_of(grid), points_of(other))
        assert isinstance(slow, DenseOperator)
        torch.testing.assert_close(fast.to_dense(), slow.to_dense(), rtol=0, atol=1e-12 * kernel.at_zero)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_map_of_a_grid_to_itself_is_symmetric_with_an_exact_diagonal(d: int) -> None:
    grid = Domain.of_samples((6, 5, 4)[:d]).grid((6, 5, 4)[:d])
    for kernel in kernels(d):
        operator = gram(kernel, grid)
        assert isinstance(operator, Toeplitz)
        assert not operator._spectrum.is_complex()
        dense = gram(kernel, points_of(grid)).to_dense()
        assert (dense.diagonal() == kernel.at_zero).all()
        torch.testing.assert_close(operator.to_dense(), dense, rtol=0, atol=1e-12 * kernel.at_zero)
        assert torch.linalg.eigvalsh(operator.to_dense()).min() > -1e-11 * kernel.at_zero


def test_entries_are_the_kernel_of_differences(generator: torch.Generator) -> None:
    rows, columns = torch.rand(6, 2, generator=generator), torch.rand(9, 2, generator=generator)
    for kernel in kernels(2):
        expected = kernel(rows.double()[:, None] - columns.double()[None])
        torch.testing.assert_close(
            gram(kernel, rows, columns).to_dense(), expected, rtol=0, atol=1e-12 * kernel.at_zero
        )


def test_grids_of_other_spacing_and_points_give_a_dense_map(generator: torch.Generator) -> None:
    grid, finer = Domain.of_samples((3, 4)).grid((3, 4)), Domain.of_samples((3, 4)).grid((6, 8))
    kernel = GaussianKernel(2.0)
    for columns in (finer, torch.rand(5, 2, generator=generator)):
        operator = gram(kernel, grid, columns)
        assert isinstance(operator, DenseOperator)
        places = points_of(columns) if isinstance(columns, Grid) else columns
        expected = gram(kernel, points_of(grid), places).to_dense()
        torch.testing.assert_close(operator.to_dense(), expected)


def test_a_kernel_of_points_gives_a_dense_map() -> None:
    grid = Domain.of_samples((3, 4)).grid((3, 4))
    kernel = PointNTK(InfiniteMLP.of_depth(3))
    operator = gram(kernel, grid)
    torch.testing.assert_close(operator.to_dense(), kernel(points_of(grid), points_of(grid)))


def test_points_that_do_not_fit_the_kernel_are_refused() -> None:
    kernel = kernels(2)[0]
    with pytest.raises(ValueError, match="takes 2 coordinates"):
        gram(kernel, torch.zeros(4, 3))
    with pytest.raises(ValueError, match="takes 2 coordinates"):
        gram(kernel, Domain.of_samples((5,)).grid((5,)))
    with pytest.raises(ValueError, match=r"must be \(N, d\)"):
        gram(GaussianKernel(1.0), torch.zeros(4))
