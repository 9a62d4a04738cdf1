"""How strongly a scan sees each wave of its field."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ...signals.scans import KSpaceSignal
from .problem import Scan

__all__ = ["gram_bound"]


def gram_bound(scan: Scan) -> Tensor | None:
    """Eigenvalues (n₁, …), in the order of the discrete Fourier transform, of the circulant matrix AᵀA, where the scan
    is Fourier samples on the grid by one coil; None for others.

    Of a complex field each place in k-space has its own. Of a real one each pair of opposite places counts half for
    either.
    """
    if not isinstance(scan, KSpaceSignal) or not scan.cartesian or scan.maps is not None:
        return None
    places = np.rint(scan.places).astype(np.int64)
    here = _counts(places, scan.image_shape)
    return torch.from_numpy((here + _counts(-places, scan.image_shape)) / 2 if scan.real else here)


def _counts(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    index = np.ravel_multi_index(tuple((places % np.array(shape)).T), shape)
    return np.bincount(index, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
