"""Operators between samples of a grid: of a lattice's own size where there is one, else picked out of the whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._families import gaussian
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Grid
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.operators._toeplitz import Toeplitz
from fourierfield.problems._grams import SampleGrams, lattice_of
from fourierfield.problems._grid import GridSamples, grid_problem

GRID = Grid((0.0, 0.1), (0.6, 1.1), (6, 10))


def kernel() -> ComposedNTK:
    encoding = gaussian(2, 2.0, 32, generator=torch.Generator().manual_seed(0))
    return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(3))


def samples(flat: list[int] | torch.Tensor) -> GridSamples:
    return GridSamples(GRID, torch.as_tensor(flat), torch.zeros(len(flat), 1))


def places(of: GridSamples) -> torch.Tensor:
    return torch.from_numpy(of.grid.coordinates(of.flat.numpy()))


def test_the_papers_hold_out_gives_toeplitz_maps_of_its_own_size() -> None:
    values = np.random.default_rng(0).random((14, 18, 3), dtype=np.float32)
    problem = grid_problem(as_signal(values), GridHoldOut())
    assert problem.held_out is not None
    cross = SampleGrams(kernel()).between(problem.held_out, problem.training)
    assert isinstance(cross, Toeplitz)
    assert cross.rows == cross.columns == (7, 9)


@pytest.mark.parametrize("flat", [[0, 1, 3], [3, 0, 1], [0, 1, 2, 4, 5]])
def test_samples_that_are_no_lattice_are_told(flat: list[int]) -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (3, 3))
    assert lattice_of(GridSamples(grid, torch.tensor(flat), torch.zeros(len(flat), 1))) is None


@given(st.data())
def test_a_lattice_is_where_its_samples_are(data: st.DataObject) -> None:
    """Every n-th row and column from some one on, a single one of either included."""
    axes = []
    for count in GRID.shape:
        start, stride = data.draw(st.integers(0, count - 1)), data.draw(st.integers(1, 4))
        axes.append(torch.arange(start, count, stride))
    flat = (axes[0][:, None] * GRID.shape[1] + axes[1]).flatten()
    lattice = lattice_of(samples(flat))
    assert lattice is not None
    assert lattice.shape == tuple(len(axis) for axis in axes)
    np.testing.assert_allclose(lattice.coordinates(np.arange(lattice.size)), places(samples(flat)), atol=1e-14)


@given(st.data())
def test_maps_between_samples_are_their_kernel(data: st.DataObject) -> None:
    """Lattices, gaps and both; with others below, as one map."""
    kinds = st.sampled_from([list(range(60)), list(range(0, 60, 2)), list(range(1, 60, 2)), [3, 4, 17, 40, 58], [7, 9]])
    rows, columns = samples(data.draw(kinds)), samples(data.draw(kinds))
    grams = SampleGrams(kernel())
    expected = kernel().between(places(rows), places(columns))
    torch.testing.assert_close(grams.between(rows, columns).to_dense(), expected, rtol=0, atol=1e-11)
    if not set(rows.flat.tolist()) & set(columns.flat.tolist()):
        both = grams.with_elsewhere(columns, rows)
        square = kernel().between(places(columns), places(columns))
        found = both.to_dense() if both is not None else torch.cat([square, expected])
        torch.testing.assert_close(found, torch.cat([square, expected]), rtol=0, atol=1e-11)


def test_a_random_hold_out_takes_one_map_for_both_sides() -> None:
    problem = grid_problem(as_signal(np.random.default_rng(0).random((9, 8, 1))), RandomHoldOut(0.3))
    assert problem.held_out is not None
    grams = SampleGrams(kernel())
    assert grams.with_elsewhere(problem.training, problem.held_out) is not None
    assert grams.with_elsewhere(problem.held_out, problem.training) is None  # more of them than of the others
