"""Linear maps with adjoints: dense, sparse, block-Toeplitz by FFT, sums of waves by NUFFT, sampling, Jacobians; line
integrals and Fourier samples of images.

``gram`` is the one place where a kernel and points become a map; for many scattered points it goes by waves and near
pairs (``split_kernel``). Operators take tensors (n,) or (n, k), columns apart.
May import signals, encodings, networks and kernels.
"""

from .base import Diagonal, LinearOperator, ScaledIdentity
from .blocks import ComplexAsReal, OfReal, Repeated
from .cells import ValuesAndDetails
from .circulant import Circulant
from .dense import DenseOperator
from .differences import Differences
from .empirical import EmpiricalNTKOperator
from .fourier import CartesianFourier, Coils, nonuniform_fourier
from .gram import gram
from .low_waves import LowWaveInverse, low_wave_inverse
from .mirror import MirrorInverse, mirror_eigenvalues
from .neighbours import earlier_neighbours, nearest_neighbours
from .nufft import FourierSum
from .projection import ParallelProjection, projection, ray_sums
from .sampling import Sampling
from .scattered import KernelSum, ScatteredGram, cell_by_cell, smooth_split_for, split_for
from .sparse import SparseOperator
from .split import KernelSplit, split_kernel
from .toeplitz import Toeplitz

__all__ = [
    "CartesianFourier",
    "Circulant",
    "Coils",
    "ComplexAsReal",
    "DenseOperator",
    "Diagonal",
    "Differences",
    "EmpiricalNTKOperator",
    "FourierSum",
    "KernelSplit",
    "KernelSum",
    "LinearOperator",
    "LowWaveInverse",
    "MirrorInverse",
    "OfReal",
    "ParallelProjection",
    "Repeated",
    "Sampling",
    "ScaledIdentity",
    "ScatteredGram",
    "SparseOperator",
    "Toeplitz",
    "ValuesAndDetails",
    "cell_by_cell",
    "earlier_neighbours",
    "gram",
    "low_wave_inverse",
    "mirror_eigenvalues",
    "nearest_neighbours",
    "nonuniform_fourier",
    "projection",
    "ray_sums",
    "smooth_split_for",
    "split_for",
    "split_kernel",
]
