"""Sums on grids by FFT are those that are taken one by one."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Grid
from fourierfield.problems._grid import GridSamples
from fourierfield.regression._on_grid import sums_on_grid
from fourierfield.regression._spec import KernelSpec

RANDOM = torch.Generator().manual_seed(0)
OWN = Grid((0.0, 0.0), (1.0, 0.75), (12, 9))
KERNEL = KernelSpec(EncodingSpec("gaussian", 3.0), 4).kernel(2)


def every_second() -> GridSamples:
    flat = torch.arange(OWN.size).reshape(OWN.shape)[::2, ::2].reshape(-1)
    return GridSamples(OWN, flat, torch.zeros(len(flat), 2))


def scattered() -> GridSamples:
    flat = torch.randperm(OWN.size, generator=RANDOM)[:50].sort().values
    return GridSamples(OWN, flat, torch.zeros(50, 2))


def one_by_one(samples: GridSamples, weights: torch.Tensor, grid: Grid) -> torch.Tensor:
    axes = [torch.from_numpy(grid.axis(a)) for a in range(len(grid.shape))]
    points = torch.cartesian_prod(*axes).reshape(-1, len(axes))
    places = [torch.from_numpy(samples.grid.coordinates(samples.flat.numpy()))][0]
    return KERNEL.between(points, places) @ weights


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([every_second, scattered]),
    st.tuples(st.integers(1, 30), st.integers(1, 20)),
    st.tuples(st.sampled_from([1 / 3, 0.5, 2 / 3, 1.0, 1.5, 2.0]), st.sampled_from([0.25, 0.5, 1.0, 4 / 3])),
    st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)),
)
def test_any_grid_whose_steps_go_into_the_samples(make, shape: tuple, ratios: tuple, origin: tuple) -> None:
    samples = make()
    weights = torch.randn(len(samples), 2, generator=RANDOM, dtype=torch.float64)
    spacing = tuple(ratio * step for ratio, step in zip(ratios, OWN.spacing, strict=True))
    grid = Grid.from_origin(origin, spacing, shape)
    found = sums_on_grid(KERNEL, samples, weights, grid)
    assert found is not None
    torch.testing.assert_close(found, one_by_one(samples, weights, grid), atol=1e-9, rtol=0)


def test_other_steps_are_left_to_others() -> None:
    samples = every_second()
    weights = torch.ones(len(samples), 1, dtype=torch.float64)
    for step in (0.0777, 0.0833 * 2**-7):
        grid = Grid.from_origin((0.0, 0.0), (step, step), (40, 40))
        assert sums_on_grid(KERNEL, samples, weights, grid) is None


@pytest.mark.parametrize("shape", [(1, 40), (1, 1)])
def test_a_line_or_a_point_of_any_step(shape: tuple[int, int]) -> None:
    samples = every_second()
    weights = torch.randn(len(samples), 1, generator=RANDOM, dtype=torch.float64)
    grid = Grid.from_origin((0.311, 0.1), (0.0777, OWN.spacing[1]), shape)
    found = sums_on_grid(KERNEL, samples, weights, grid)
    assert found is not None
    torch.testing.assert_close(found, one_by_one(samples, weights, grid), atol=1e-9, rtol=0)
