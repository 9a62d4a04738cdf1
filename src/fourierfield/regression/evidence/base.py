"""The likelihood of samples where the kernel's matrix is diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..spec import KernelSpec

__all__ = ["Evidence", "Found", "Scatter", "spectral_likelihood"]


@dataclass(frozen=True)
class Found:
    """A kernel with a ridge and the logarithm of the likelihood a value, but for a constant (``score``, nats).

    ``freedom`` is the share of the values that the kernel's fit follows rather than takes for noise, tr K(K + ρI)⁻¹/n.
    """

    spec: KernelSpec
    ridge: float
    score: float
    freedom: float


@dataclass(frozen=True)
class Scatter:
    """How values at equal places differ, by channel (C,): the sum of ``squares`` about their means, and the degrees of
    ``freedom`` in it. It tells the noise without any kernel."""

    squares: np.ndarray
    freedom: np.ndarray

    @classmethod
    def none(cls, channels: int) -> Scatter:
        """Of values at places of their own."""
        return cls(np.zeros(channels), np.zeros(channels))


class Evidence(Protocol):
    """What samples say of kernels. ``count`` of values it goes by."""

    @property
    def count(self) -> int: ...

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """A kernel with each of some ridges. Raises ``ValueError`` for bandwidths that its family does not take."""
        ...


def spectral_likelihood(
    spec: KernelSpec, ridges: Sequence[float], eigenvalues: Tensor, powers: Tensor, scatter: Scatter
) -> list[Found]:
    """The likelihood of values whose components along the kernel's eigenvectors have the squares ``powers`` (n, C).

    For y ~ N(0, s²(K + ρI)) and the s² of each channel that suits it best, the logarithm of its density is, but for
    constants, −½ n log Σ z²/(λ + ρ) − ½ Σ log(λ + ρ), with the ``eigenvalues`` λ (n,) and the powers z²: one
    decomposition serves all ridges (Rasmussen & Williams 2006, Eq. 5.8). Scatter adds to it as values of variance s²ρ.
    """
    squares, freedom = (torch.from_numpy(x) for x in (scatter.squares, scatter.freedom))
    count = len(eigenvalues) + freedom
    found = []
    for ridge in ridges:
        shifted = eigenvalues + ridge
        total = powers.T @ (1 / shifted) + squares / ridge
        nats = count * (total / count).clamp(min=1e-300).log() + shifted.log().sum() + freedom * float(np.log(ridge))
        share = float((eigenvalues / shifted).sum() / count.mean())
        found.append(Found(spec, ridge, float((-0.5 * nats / count).mean()), share))
    return found
