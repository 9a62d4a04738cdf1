"""Scans: fields seen through line integrals (CT) or Fourier samples (MRI), with where each was measured.

Readers of the usual files, and measurements simulated from a known image or volume. NumPy only.
"""

from .geometry import Geometry
from .kspace import KSpaceSignal
from .sinogram import SinogramSignal

__all__ = ["Geometry", "KSpaceSignal", "SinogramSignal"]
