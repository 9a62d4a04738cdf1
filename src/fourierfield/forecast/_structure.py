"""Direction: how much a signal's detail has a direction, and how much a kernel depends on one.

The first is what a network that learns features can gain over any fixed kernel; the second is what an encoding loses on
a grating that is turned.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch import Tensor

from ..kernels._stationary import StationaryKernel

_RADIUS = {1: 24, 2: 3}  # of the window by dimension, in samples, for windows of 49; 2 in three dimensions and more
_CAUTION = 0.5  # ridge of the local weights over √n times a term's mean power, n the samples in the window
_MOST_DB = 3.0  # bounds ``directed_detail``; photographs have about 2 dB


def directed_detail(values: np.ndarray) -> float:
    """Compute how much better local weights on its neighbours predict a sample than global ones do, 0 to 3 dB.

    Global weights are one set for all samples of ``values`` (n₁, …, n_d), NaN where missing; local ones are least
    squares over about fifty samples around, shrunk towards the global ones. Neighbours count in pairs on opposite
    sides. Random fields have no directed detail, photographs about 2 dB.

    >>> rng = np.random.default_rng(0)
    >>> directed_detail(rng.standard_normal((40, 40))) < 0.3
    True
    """
    values = np.asarray(values, dtype=np.float64)
    reach = 3 if values.ndim == 1 else 1
    radius = _RADIUS.get(values.ndim, 2)
    if min(values.shape) < 2 * (reach + radius) + 1:
        return 0.0
    pairs, middle = _pairs(values, reach)
    known = ~np.isnan(middle) & ~np.isnan(pairs).any(0)
    if known.sum() < 10 * len(pairs):
        return 0.0
    mean = pairs.mean(0)
    terms = np.where(known, pairs - mean, 0.0)[:-1]
    target = np.where(known, middle - mean, 0.0)
    flat = terms.reshape(len(terms), -1)
    information = flat @ flat.T
    weights = np.linalg.lstsq(information, flat @ target.reshape(-1), rcond=None)[0]
    globally = target - np.tensordot(weights, terms, 1)
    locally = globally - _local_part(terms, globally, radius, np.trace(information) / len(terms) / known.sum())
    before, after = (float(np.square(error).sum()) for error in (globally, locally))
    if not 0 < after < before:
        return 0.0
    return float(min(_MOST_DB, 10 * np.log10(before / after)))


def _pairs(values: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of opposite neighbours (k, …) and the samples between them, away from the border."""
    steps = range(-reach, reach + 1)
    offsets = [o for o in itertools.product(steps, repeat=values.ndim) if o > (0,) * values.ndim]

    def moved(offset: tuple[int, ...]) -> np.ndarray:
        return values[tuple(slice(reach + o, n - reach + o) for o, n in zip(offset, values.shape, strict=True))]

    opposite = [0.5 * (moved(o) + moved(tuple(-step for step in o))) for o in offsets]
    return np.stack(opposite), moved((0,) * values.ndim)


def _local_part(terms: np.ndarray, target: np.ndarray, radius: int, power: float) -> np.ndarray:
    """Predict ``target`` by weights that are fitted in a window around each sample, without the sample itself."""
    from scipy.ndimage import uniform_filter

    side = 2 * radius + 1
    count = side**target.ndim

    def others(product: np.ndarray) -> np.ndarray:
        return uniform_filter(product, side, mode="reflect") * count - product

    normal = np.stack([np.stack([others(a * b) for b in terms], -1) for a in terms], -2)
    right = np.stack([others(a * target) for a in terms], -1)
    ridge = _CAUTION * count**0.5 * power + np.finfo(float).tiny
    weights = np.linalg.solve(normal + ridge * np.eye(len(terms)), right[..., None])[..., 0]
    return np.einsum("...i,i...->...", weights, terms)


def anisotropy(kernel: StationaryKernel, reach: float, *, angles: int = 180, distances: int = 64) -> float:
    """Compute the share, 0 to 1, of a kernel's energy within distance ``reach`` that depends on direction alone.

    It is ∫ Var_u k(ru) dr / ∫ E_u k(ru)² dr over 0 < r < reach, with u uniform on the circle or sphere: 0 for an
    isotropic kernel, about what noise of power 1/(2m) gives for m frequencies drawn from an isotropic law, and large
    for an encoding whose frequencies lie on the axes. Raises ``ValueError`` unless the kernel has 2 or 3 dimensions.

    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> round(anisotropy(GaussianKernel(4.0), 0.5), 12)
    0.0
    """
    d = kernel.dimensions or 2
    if d not in (2, 3):
        raise ValueError(f"the dependence on direction is defined in 2 and 3 dimensions, not in {d}")
    radius = reach * (torch.arange(distances, dtype=torch.float64) + 0.5) / distances
    values = kernel(radius[:, None, None] * directions(d, angles))  # (distances, angles)
    return float(values.var(dim=1, unbiased=False).sum() / values.square().mean(dim=1).sum())


def directions(dimensions: int, count: int) -> Tensor:
    """Return ``count`` unit vectors (count, d), spread evenly over half the circle or sphere (Fibonacci spiral)."""
    steps = torch.arange(count, dtype=torch.float64) + 0.5
    if dimensions == 2:
        angle = math.pi * steps / count
        return torch.stack([angle.sin(), angle.cos()], dim=1)
    height = steps / count
    turn = steps * math.pi * (3 - math.sqrt(5))
    ring = (1 - height**2).sqrt()
    return torch.stack([height, ring * turn.sin(), ring * turn.cos()], dim=1)
