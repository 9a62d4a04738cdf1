"""The whole likelihood of some hundred samples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...problems import PointSamples
from ..spec import KernelSpec
from .base import Found, Scatter, spectral_likelihood

__all__ = ["WholeEvidence"]


class WholeEvidence:
    """The likelihood of samples with values (N, C) around zero, by the eigenvalues of √W K √W.

    The noise of a sample has the variance ridge/weight; ``scatter`` is that of values at equal places.
    """

    def __init__(self, samples: PointSamples, values: Tensor, scatter: Scatter) -> None:
        weights = torch.ones(len(samples), dtype=torch.float64) if samples.weights is None else samples.weights
        self._points, self._roots = samples.points, weights.sqrt()[:, None]
        self._values, self._scatter = self._roots * values, scatter

    @property
    def count(self) -> int:
        """Samples, repeated ones counted one by one."""
        return len(self._points) + int(self._scatter.freedom.mean())

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """See ``Evidence``."""
        matrix = spec.kernel(self._points.shape[1]).between(self._points, self._points)
        eigenvalues, vectors = torch.linalg.eigh(matrix * self._roots * self._roots.T)
        powers = (vectors.T @ self._values).square()
        return spectral_likelihood(spec, ridges, eigenvalues.clamp(min=0), powers, self._scatter)
