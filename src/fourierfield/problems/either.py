"""Samples and problems of either kind, for what treats grids and points alike."""

from __future__ import annotations

from .grid import GridProblem, GridSamples
from .points import PointProblem, PointSamples

__all__ = ["Problem", "Samples"]

Samples = GridSamples | PointSamples
Problem = GridProblem | PointProblem
