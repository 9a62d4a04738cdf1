"""Where a volume lies in the scanner: the 4×4 matrix from indices to millimetres."""

from __future__ import annotations

import numpy as np

from ...errors import SignalError
from ..domain import Grid

__all__ = ["checked_affine", "resampled_affine", "voxel_sizes"]

_FLATTEST = 1e-6  # volume of the box of three unit steps: below, they lie in a plane


def voxel_sizes(affine: np.ndarray) -> tuple[float, ...]:
    """Lengths of a step along each of the three axes: the norms of the matrix's columns.

    >>> voxel_sizes(np.diag([2.0, 2.0, 3.0, 1.0]))
    (2.0, 2.0, 3.0)
    """
    return tuple(float(length) for length in np.linalg.norm(np.asarray(affine)[:3, :3], axis=0))


def checked_affine(affine: np.ndarray, name: str) -> np.ndarray:
    """The matrix, (4, 4) float64. Raises ``SignalError`` for one that is no number somewhere, or singular."""
    affine = np.asarray(affine, dtype=np.float64)
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise SignalError(f"{name} has an affine that is no 4×4 matrix of finite numbers; repair its header")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not (lengths > 0).all() or abs(np.linalg.det(affine[:3, :3] / lengths)) < _FLATTEST:
        raise SignalError(
            f"{name} has a singular affine: its voxels have no volume (steps of {_words(lengths)} mm); "
            "repair the qform or sform of its header"
        )
    return affine


def resampled_affine(affine: np.ndarray, own: Grid, grid: Grid) -> np.ndarray:
    """The matrix of ``grid`` in the coordinates of the signal whose own samples lie on ``own``.

    Sample j of the grid lies at index i = A·j + t of the signal, along each axis A = step/own step and
    t = (first − own first)/own step; the matrix is affine·[A t; 0 1].

    >>> own = Grid((0.0,) * 3, (1.0,) * 3, (4, 4, 4))
    >>> resampled_affine(np.eye(4), own, Grid(own.lower, own.upper, (8, 4, 4)))[0]
    array([ 0.5 ,  0.  ,  0.  , -0.25])
    """
    steps, own_steps = np.array(grid.spacing[:3]), np.array(own.spacing[:3])
    inside = np.eye(4)
    inside[:3, :3] = np.diag(steps / own_steps)
    inside[:3, 3] = (np.array(grid.origin[:3]) - np.array(own.origin[:3])) / own_steps
    return np.asarray(affine) @ inside


def _words(lengths: np.ndarray) -> str:
    return ", ".join(f"{length:g}" for length in lengths)
