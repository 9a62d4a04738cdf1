"""Kernels k(x, x'): functions of points, or of differences for stationary ones, in float64; never matrices.

Stationary kernels (encodings, Gaussian, Matérn), dual activations of infinitely wide layers, the NNGP and NTK of an
infinitely wide MLP, their composition with an encoding, and the empirical NTK of a finite network.
May import encodings and networks.
"""

from .composed import ComposedNNGP, ComposedNTK, composed_ntk
from .duals import DUALS, Dual, PairMoments
from .empirical import empirical_ntk
from .encoding import EncodingKernel, LimitKernel
from .hermite import HermiteDual
from .infinite import InfiniteMLP, LayerKernel
from .matern import MaternKernel
from .points import PointNNGP, PointNTK
from .radial import RadialKernel
from .stationary import GaussianKernel, StationaryKernel

__all__ = [
    "DUALS",
    "ComposedNNGP",
    "ComposedNTK",
    "Dual",
    "EncodingKernel",
    "GaussianKernel",
    "HermiteDual",
    "InfiniteMLP",
    "LayerKernel",
    "LimitKernel",
    "MaternKernel",
    "PairMoments",
    "PointNNGP",
    "PointNTK",
    "RadialKernel",
    "StationaryKernel",
    "composed_ntk",
    "empirical_ntk",
]
