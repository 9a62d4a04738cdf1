"""Picking entries."""

from __future__ import annotations

import pytest
import torch

from fourierfield.operators._base import Sampling


def test_picking_what_was_put_back_is_the_identity() -> None:
    sampling = Sampling(torch.tensor([5, 1, 3]), 7)
    torch.testing.assert_close((sampling @ sampling.H).to_dense(), torch.eye(3, dtype=torch.float64))
    kept = (sampling.H @ sampling).to_dense().diagonal()
    assert kept.nonzero().flatten().tolist() == [1, 3, 5]


@pytest.mark.parametrize(
    "indices",
    [
        torch.tensor([0, 7]),
        torch.tensor([-1]),
        torch.tensor([1, 2, 1]),
        torch.tensor([True, False]),
        torch.tensor([0.0]),
        torch.zeros(2, 2, dtype=torch.int64),
    ],
)
def test_indices_that_would_go_wrong_later_are_refused(indices: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="Sampling"):
        Sampling(indices, 7)
