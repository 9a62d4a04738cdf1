"""Algorithms on operators: Lanczos for functions of an operator, conjugate gradients, Cholesky, a sparse inverse,
fields of few details, total variation.

A solver knows only the operator, never what it means; what it returns says whether it worked and what to do if not.
May import operators.
"""

from .cg import Watch, conjugate_gradients
from .cholesky import cholesky_solve
from .lanczos import Lanczos, lanczos, lanczos_each
from .power import largest_singular_value
from .solution import Solution, Status
from .sparse import Penalty, PrimalDual, Sparse
from .sparse_inverse import sparse_inverse
from .total_variation import slopes_of

__all__ = [
    "Lanczos",
    "Penalty",
    "PrimalDual",
    "Solution",
    "Sparse",
    "Status",
    "Watch",
    "cholesky_solve",
    "conjugate_gradients",
    "lanczos",
    "lanczos_each",
    "largest_singular_value",
    "slopes_of",
    "sparse_inverse",
]
