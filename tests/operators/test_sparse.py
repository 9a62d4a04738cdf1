"""A sparse matrix as a map."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.operators._sparse import SparseOperator


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.integers(0, 2**31))
def test_it_is_its_matrix(rows: int, columns: int, density: float, seed: int) -> None:
    matrix = scipy.sparse.random(rows, columns, density, random_state=np.random.default_rng(seed))
    operator = SparseOperator(matrix)
    np.testing.assert_array_equal(operator.to_dense(), matrix.toarray())
    np.testing.assert_array_equal(operator.H.to_dense(), matrix.toarray().T)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dia"])
def test_any_form_of_matrix_will_do(form: str) -> None:
    matrix = scipy.sparse.random(6, 6, 0.4, random_state=0)
    operator = SparseOperator(matrix.asformat(form))
    np.testing.assert_array_equal(operator.H.to_dense(), matrix.toarray().T)
