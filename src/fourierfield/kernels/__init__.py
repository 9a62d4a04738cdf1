"""Evaluate kernels k(x, x'): functions of points or, for stationary kernels, of differences; never matrices.

There are stationary kernels (encodings, Gaussian, Matérn), the dual activations of infinitely wide layers, the NNGP and
NTK of an infinitely wide MLP, their composition with an encoding, and the empirical NTK of a finite network. All but
the empirical NTK are evaluated in float64.
May import encodings and networks.
"""

from ._composed import composed_ntk
from ._empirical import empirical_ntk

__all__ = ["composed_ntk", "empirical_ntk"]
