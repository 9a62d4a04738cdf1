"""Scans: fields seen through line integrals (CT) or Fourier samples (MRI), with where each was measured.

Readers of the usual files, and measurements simulated from a known image or volume. NumPy only.
"""

from .centre import centre_of_rotation
from .geometry import Geometry
from .kspace import KSpaceSignal
from .options import ScanOptions, Simulation
from .projections import as_sinogram
from .reading import holds_complex, read_ct, read_mri
from .samples import as_kspace
from .simulate import simulate
from .sinogram import SinogramSignal

__all__ = [
    "Geometry",
    "KSpaceSignal",
    "ScanOptions",
    "Simulation",
    "SinogramSignal",
    "as_kspace",
    "as_sinogram",
    "centre_of_rotation",
    "holds_complex",
    "read_ct",
    "read_mri",
    "simulate",
]
