"""Linear maps with adjoints: dense, block-Toeplitz by FFT, sampling, sums and products, the Jacobian's Gram.

``gram`` is the one place where a kernel and points become a map. Operators take tensors (n,) or (n, k), columns apart.
May import signals, encodings, networks and kernels.
"""

from .base import LinearOperator, ScaledIdentity
from .dense import DenseOperator
from .empirical import EmpiricalNTKOperator
from .gram import gram
from .sampling import Sampling
from .toeplitz import Toeplitz

__all__ = [
    "DenseOperator",
    "EmpiricalNTKOperator",
    "LinearOperator",
    "Sampling",
    "ScaledIdentity",
    "Toeplitz",
    "gram",
]
