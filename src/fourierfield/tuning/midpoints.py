"""Points between the samples of a smooth signal, where its value is as good as known."""

from __future__ import annotations

import numpy as np
import torch

from ..networks import ValueRange
from ..problems import GridProblem, GridSamples
from ..signals import Domain, Grid, SampleFormat, SignalDescription

__all__ = ["midpoint_problem"]

_ORDER = 7  # of the spline: near the band-limited interpolant, and local
_SHARE = 0.5  # points between, for each sample


def midpoint_problem(grid: Grid, values: np.ndarray, seed: int) -> GridProblem:
    """All samples (n₁, …, n_d, C) to train on, and half as many points halfway between them held out, with the values
    of a spline of seventh order.

    A smooth signal judges a candidate at these: a sample left out of a grid is twice as far from the others, and an
    error that falls with a high power of distance says little there. Nothing may be missing (NaN).
    """
    fine = values.astype(np.float64)
    for axis in range(len(grid.shape)):
        fine = _refined(fine, axis)
    shape = fine.shape[:-1]
    spacing = tuple(h / (2 if n > 1 else 1) for n, h in zip(grid.shape, grid.spacing, strict=True))
    place = Grid.from_origin(tuple(float(grid.axis(a)[0]) for a in range(len(shape))), spacing, shape)
    given = np.zeros(shape, dtype=bool)
    given[(slice(None, None, 2),) * len(shape)] = True
    training, between = (np.flatnonzero(part.ravel()) for part in (given, ~given))
    most = max(1, round(_SHARE * len(training)))
    if len(between) > most:
        between = np.sort(np.random.default_rng(seed).choice(between, most, replace=False))
    rows = torch.from_numpy(fine.reshape(-1, fine.shape[-1]).astype(np.float32))
    samples = [GridSamples(place, torch.from_numpy(flat), rows[flat]) for flat in (training, between)]
    description = SignalDescription("window", shape, rows.shape[1], SampleFormat("float32"))
    domain = Domain(tuple(n * h for n, h in zip(shape, spacing, strict=True)), ("",) * len(shape))
    return GridProblem(domain, samples[0], samples[1], ValueRange(), description)


def _refined(values: np.ndarray, axis: int) -> np.ndarray:
    """Twice as many points along an axis, less one."""
    from scipy.interpolate import make_interp_spline

    n = values.shape[axis]
    if n < 2:
        return values
    order = min(_ORDER, n - 1 - n % 2)  # odd
    return np.asarray(make_interp_spline(np.arange(n), values, k=order, axis=axis)(np.arange(2 * n - 1) / 2))
