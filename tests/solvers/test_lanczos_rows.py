"""Rows of several runs, against plain lists, and what is left of vectors orthogonal to them."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.solvers._lanczos import Rows, orthogonalise

seeds = st.integers(0, 2**31)


@given(st.integers(1, 80), st.integers(1, 3), seeds)
def test_rows_come_back_as_they_were_appended(count: int, runs: int, seed: int) -> None:
    """Over more than one block, and with a run left out."""
    vectors = torch.randn(count, runs, 5, generator=torch.Generator().manual_seed(seed))
    rows = Rows(vectors[0], 100)
    for vector in vectors[1:]:
        rows.append(vector)
    assert len(rows) == count
    torch.testing.assert_close(rows[-1], vectors[-1], rtol=0, atol=0)
    for run in range(runs):
        torch.testing.assert_close(torch.cat(rows.of(run)), vectors[:, run], rtol=0, atol=0)
    stay = torch.arange(runs) != 0
    rows.keep(stay)
    for run in range(runs - 1):
        torch.testing.assert_close(torch.cat(rows.of(run)), vectors[:, run + 1], rtol=0, atol=0)


@given(st.integers(1, 9), st.floats(-14, 0), seeds)
def test_nothing_is_left_along_the_rows(count: int, exponent: float, seed: int) -> None:
    """However small the part that is orthogonal, unless it is rounding itself."""
    generator = torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(2, 30, 10, dtype=torch.float64, generator=generator))[0].transpose(1, 2)
    rows = Rows(basis[:, 0], 10)
    for k in range(1, count):
        rows.append(basis[:, k])
    vectors = basis[:, :count].sum(1) + 10**exponent * basis[:, 9]
    norms = orthogonalise(rows, vectors)
    torch.testing.assert_close(norms, vectors.norm(dim=1))
    assert float((basis[:, :count] @ vectors[:, :, None]).abs().max()) < 1e-15
