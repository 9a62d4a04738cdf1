"""Coarse-to-fine windows: let low frequencies in first, high ones later."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["coarse_to_fine_weights", "levels_of"]


def coarse_to_fine_weights(levels: Tensor, alpha: float) -> Tensor:
    """w_k(α) = ½(1 − cos(π·clip(α − k, 0, 1))) (Nerfies, Eq. 8; BARF, Eq. 14) for levels k (m,).

    >>> coarse_to_fine_weights(torch.tensor([0.0, 1.0, 2.0]), 1.5)
    tensor([1.0000, 0.5000, 0.0000])
    """
    return 0.5 * (1 - torch.cos(math.pi * torch.clamp(alpha - levels, 0, 1)))


def levels_of(frequencies: Tensor) -> Tensor:
    """Octave of each frequency above the shortest non-zero one, (m,) float64; −∞ for the zero frequency.

    >>> levels_of(torch.tensor([[1.0], [4.0]]))
    tensor([0., 2.], dtype=torch.float64)
    """
    lengths = frequencies.double().norm(dim=1)
    shortest = lengths[lengths > 0].min() if (lengths > 0).any() else lengths.new_ones(())
    return torch.log2(lengths / shortest)
