"""Differences of neighbours."""

from __future__ import annotations

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.operators._cells import Differences
from fourierfield.operators._toeplitz import Circulant

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


def around(shape: tuple[int, ...]) -> Tensor:
    """The matrix on a grid that wraps around."""
    images = torch.eye(math.prod(shape), dtype=torch.float64).reshape(*shape, -1)
    return torch.cat([(images.roll(-1, axis) - images).flatten(0, -2) for axis in range(len(shape))])


@settings(max_examples=40)
@given(shapes)
def test_the_spectrum_is_that_of_a_grid_that_wraps_around_and_no_wave_has_more(shape: tuple[int, ...]) -> None:
    wrapped, here = around(shape), Differences(shape).to_dense()
    bound = Circulant(Differences(shape).spectrum()).to_dense()
    assert torch.allclose(wrapped.T @ wrapped, bound, atol=1e-12)
    assert float(torch.linalg.eigvalsh(bound - here.T @ here).min()) > -1e-12
