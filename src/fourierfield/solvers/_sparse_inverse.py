"""A sparse approximate inverse of a kernel matrix: the preconditioner for points without structure."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ..operators._sparse import SparseOperator

_AT_ONCE = 1 << 23  # numbers of the small matrices, 64 MiB, held together: bounds memory


def sparse_inverse(blocks: Callable[[Tensor], Tensor], patterns: Tensor) -> LinearOperator:
    """Build GᵀG ≈ K⁻¹ for a positive definite K, with G sparse and triangular in some order of the points.

    This is Kaporin's factor (1994), the same as in Vecchia's likelihood (1988). ``patterns`` (N, k) hold, for each
    point i, some points before it in that order, −1 where there are fewer. With A the matrix of K on these and i
    (last), row i of G is L⁻ᵀe for A = L Lᵀ: of all rows with that pattern, the one that makes GKGᵀ nearest to the
    identity. ``blocks`` returns such matrices (n, k + 1, k + 1) for rows of numbers (n, k + 1). Raises ``ValueError``
    if one of them is not positive definite.

    >>> K = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    >>> inverse = sparse_inverse(lambda rows: K[rows[:, :, None], rows[:, None]], torch.tensor([[-1], [0]]))
    >>> 3 * inverse.to_dense()
    tensor([[ 2.0000, -1.0000],
            [-1.0000,  2.0000]], dtype=torch.float64)
    """
    from scipy.sparse import csr_matrix

    count, size = len(patterns), patterns.shape[1] + 1
    rows = torch.cat([patterns, torch.arange(count)[:, None]], dim=1)
    entries = torch.cat([_rows(blocks, part) for part in rows.split(max(1, _AT_ONCE // size**2))])
    kept = rows >= 0
    ends = torch.cat([torch.zeros(1, dtype=torch.int64), kept.sum(1).cumsum(0)])
    factor = SparseOperator(csr_matrix((entries[kept].numpy(), rows[kept].numpy(), ends.numpy()), shape=(count, count)))
    return factor.H @ factor


def _rows(blocks: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """Return the entries of rows of G at the numbers of the pattern, (n, k + 1)."""
    absent = rows < 0
    matrices = blocks(rows.clamp(min=0)).masked_fill(absent[:, :, None] | absent[:, None], 0.0)
    matrices.diagonal(dim1=1, dim2=2).masked_fill_(absent, 1.0)
    factors, failed = torch.linalg.cholesky_ex(matrices)
    if bool(failed.any()):
        raise ValueError("a block of the matrix is not positive definite; add a ridge or merge equal points")
    last = torch.zeros(len(rows), rows.shape[1], 1, dtype=matrices.dtype)
    last[:, -1] = 1.0
    return torch.linalg.solve_triangular(factors.mT, last, upper=True)[:, :, 0]
