"""Values and details of cells, against products of small matrices."""

from __future__ import annotations

import itertools
import math
from functools import reduce

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.operators._cells import ValuesAndDetails
from fourierfield.operators._toeplitz import Circulant

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


def half_sums_and_differences(n: int, *, wrapped: bool = False) -> tuple[Tensor, Tensor]:
    """Of neighbours along an axis, (n, n); the last row is zero, or reaches around. A place alone is its own
    neighbour."""
    one = torch.eye(n, dtype=torch.float64)
    following = one.roll(1, 1)
    low, high = (following + one) / 2, (following - one) / 2
    if n > 1 and not wrapped:
        low[-1] = high[-1] = 0
    return low, high


def by_products(shape: tuple[int, ...], *, wrapped: bool = False) -> Tensor:
    along = [half_sums_and_differences(n, wrapped=wrapped) for n in shape]
    bands = [reduce(torch.kron, factors) for factors in itertools.product(*along)]
    return torch.cat([torch.eye(math.prod(shape), dtype=torch.float64), *bands[1:]])


@settings(max_examples=40)
@given(shapes)
def test_it_is_the_product_of_half_sums_and_half_differences(shape: tuple[int, ...]) -> None:
    operator = ValuesAndDetails(shape)
    assert operator.bands == 2 ** len(shape)
    assert torch.allclose(operator.to_dense(), by_products(shape))


@settings(max_examples=40)
@given(shapes)
def test_its_spectrum_is_that_of_a_grid_that_wraps_around_and_no_wave_has_more(shape: tuple[int, ...]) -> None:
    around, here = by_products(shape, wrapped=True), ValuesAndDetails(shape).to_dense()
    bound = Circulant(ValuesAndDetails(shape).spectrum()).to_dense()
    assert torch.allclose(around.T @ around, bound)
    assert float(torch.linalg.eigvalsh(bound - here.T @ here).min()) > -1e-12


@settings(max_examples=40)
@given(shapes, st.integers(0, 2**31))
def test_the_diagonal_of_its_gram_matrix(shape: tuple[int, ...], seed: int) -> None:
    operator = ValuesAndDetails(shape)
    weights = torch.rand(operator.shape[0], dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    matrix = by_products(shape)
    assert torch.allclose(operator.gram_diagonal(weights), (matrix.T @ (weights[:, None] * matrix)).diagonal())


@pytest.mark.parametrize("shape", [(6,), (1, 4), (3, 1, 5)])
def test_constants_have_no_details(shape: tuple[int, ...]) -> None:
    n = math.prod(shape)
    found = ValuesAndDetails(shape) @ torch.full((n,), 2.5, dtype=torch.float64)
    assert torch.equal(found[:n], torch.full((n,), 2.5, dtype=torch.float64))
    assert not found[n:].any()


def test_bands_of_a_plane_are_those_along_each_axis_and_crosswise() -> None:
    rows, columns = torch.meshgrid(torch.arange(4.0), torch.arange(5.0), indexing="ij")
    operator, inner = ValuesAndDetails((4, 5)), (slice(None), slice(0, 3), slice(0, 4))
    for image, sizes in ((columns, (0.5, 0, 0)), (rows, (0, 0.5, 0)), (rows * columns, (None, None, 0.25))):
        bands = (operator @ image.double().reshape(-1)).reshape(4, 4, 5)
        for found, size in zip(bands[1:][inner], sizes, strict=True):
            assert size is None or torch.equal(found, torch.full_like(found, size))
        assert not bands[1:, -1].any()
        assert not bands[1:, :, -1].any()
