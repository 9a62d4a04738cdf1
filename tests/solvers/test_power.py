"""The largest singular value by the power method."""

from __future__ import annotations

import pytest
import torch

from fourierfield.operators._base import DenseOperator
from fourierfield.solvers._power import largest_singular_value


@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_it_is_a_little_above_or_below(size: tuple[int, int]) -> None:
    matrix = torch.randn(*size, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    assert largest_singular_value(DenseOperator(matrix)) == pytest.approx(
        float(torch.linalg.matrix_norm(matrix, 2)), rel=0.08
    )


def test_a_map_to_nothing_has_that_of_the_identity() -> None:
    """So that it may be divided by."""
    assert largest_singular_value(DenseOperator(torch.zeros(3, 4, dtype=torch.float64))) == 1.0
