"""Apply linear maps and their adjoints: dense, sparse, block-Toeplitz by FFT, sums of waves by NUFFT, projections.

``gram`` is the one place where a kernel on points becomes a map. Operators take tensors (n,), or (n, k) column by
column.
May import grids, encodings, networks and kernels.
"""

from ._gram import gram

__all__ = ["gram"]
