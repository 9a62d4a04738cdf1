"""The ensemble of all infinitely wide networks, trained: its mean and its covariance, by the dense route."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .dynamics import Dynamics

__all__ = ["Ensemble", "KernelBlocks", "trained_ensemble"]


@dataclass(frozen=True)
class KernelBlocks:
    """A kernel between training points (N) and others (M): ``train`` (N, N), ``cross`` (M, N), ``other`` (M, M)."""

    train: Tensor
    cross: Tensor
    other: Tensor


@dataclass(frozen=True)
class Ensemble:
    """The Gaussian process of trained networks at M points: ``mean`` (T, M, C), ``covariance`` (T, M, M)."""

    mean: Tensor
    covariance: Tensor


def trained_ensemble(ntk: KernelBlocks, nngp: KernelBlocks, targets: Tensor, dynamics: Dynamics) -> Ensemble:
    """Mean and covariance over random initialisations, at each moment of training (Lee et al. 2019, Eqs 14 and 15).

    With A_t = Θ_* φ_t(Θ): mean A_t y, covariance 𝒦_** + A_t 𝒦 A_tᵀ − A_t 𝒦_*ᵀ − 𝒦_* A_tᵀ, Θ the NTK and 𝒦 the
    NNGP. ``targets`` is y (N, C). By an eigendecomposition: for at most some thousand training points.

    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> blocks = KernelBlocks(2 * one, one, 2 * one)
    >>> from fourierfield.forecast import GradientFlow
    >>> end = trained_ensemble(blocks, blocks, one, GradientFlow(torch.tensor([torch.inf])))
    >>> end.mean, end.covariance
    (tensor([[[0.5000]]], dtype=torch.float64), tensor([[[1.5000]]], dtype=torch.float64))
    """
    values, vectors = torch.linalg.eigh(ntk.train.double())
    response = dynamics.response(values)  # (T, N)
    gain = (ntk.cross.double() @ vectors * response[:, None]) @ vectors.T  # (T, M, N)
    joint = gain @ nngp.cross.double().T  # (T, M, M)
    covariance = nngp.other.double() + gain @ nngp.train.double() @ gain.mT - joint - joint.mT
    return Ensemble(gain @ targets.double(), covariance)
