"""Some of the samples left out at random."""

from __future__ import annotations

import numpy as np
import torch

from ..networks import ValueRange
from ..problems import GridProblem, GridSamples
from ..signals import Domain, Grid, SampleFormat, SignalDescription

__all__ = ["left_out_problem"]

SHARE = 0.1


def left_out_problem(grid: Grid, values: np.ndarray, seed: int) -> GridProblem:
    """The problem of values on a grid (n₁, …, n_d, C), a random tenth of the samples held out."""
    rows = torch.from_numpy(np.ascontiguousarray(values.reshape(grid.size, -1)))
    known = np.flatnonzero(~np.isnan(values).reshape(grid.size, -1).all(1))
    first = max(1, round(SHARE * len(known)))
    out = np.zeros(len(known), dtype=bool)
    out[np.random.default_rng(seed).choice(len(known), first, replace=False, shuffle=False)] = True
    parts = (known[~out], known[out]) if len(known) > 1 else (known, known)
    training, held_out = (GridSamples(grid, torch.from_numpy(part), rows[part]) for part in parts)
    description = SignalDescription("window", grid.shape, rows.shape[1], SampleFormat("float32"))
    domain = Domain(tuple(n * h for n, h in zip(grid.shape, grid.spacing, strict=True)), ("",) * len(grid.shape))
    return GridProblem(domain, training, held_out, ValueRange(), description)
