"""From densities and colours along rays to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["BACKGROUNDS", "Pixels", "composite", "ray_weights"]

BACKGROUNDS = {"black": 0.0, "white": 1.0}


@dataclass(frozen=True)
class Pixels:
    """What rays see: premultiplied ``colour`` (R, 3), ``opacity`` (R,) in [0, 1], and ``depth`` (R,), the mean length
    at which light comes from, infinite where less than half of the light is held up."""

    colour: Tensor
    opacity: Tensor
    depth: Tensor

    def on(self, background: str | Tensor) -> Tensor:
        """Colour (R, 3) in front of "black", "white", or colours (R, 3): C + (1 − opacity)·background."""
        backdrop = BACKGROUNDS[background] if isinstance(background, str) else background
        return self.colour + (1 - self.opacity)[:, None] * backdrop


def ray_weights(density: Tensor, step: Tensor | float) -> Tensor:
    """w_k = T_k·(1 − exp(−σ_k δ_k)), T_k = exp(−Σ_{j<k} σ_j δ_j) (Mildenhall et al. 2020, Eq. 3; Max 1995), (R, K).

    Densities (R, K) are per unit of length, and ``step`` the lengths δ. The weights and the light that passes, T after
    the last sample, add up to 1.

    >>> ray_weights(torch.tensor([[1.0, 1e9, 1.0]]), 0.5)
    tensor([[0.3935, 0.6065, 0.0000]])
    """
    thickness = density * step
    before = torch.nn.functional.pad(torch.cumsum(thickness, dim=1)[:, :-1], (1, 0))
    return torch.exp(-before) * -torch.expm1(-thickness)


def composite(density: Tensor, colour: Tensor, lengths: Tensor, step: Tensor | float) -> Pixels:
    """Σ w_k c_k, Σ w_k and Σ w_k t_k / Σ w_k over the samples of each ray: density (R, K) per unit of length, colour
    (R, K, 3), ``lengths`` t (R, K) from the ray's origin, ``step`` the length that each sample stands for.

    >>> seen = composite(torch.tensor([[0.0, 1e9]]), torch.ones(1, 2, 3), torch.tensor([[1.0, 2.0]]), 1.0)
    >>> seen.colour, seen.opacity, seen.depth
    (tensor([[1., 1., 1.]]), tensor([1.]), tensor([2.]))
    """
    weights = ray_weights(density, step)
    opacity = weights.sum(dim=1)
    mean = (weights * lengths).sum(dim=1) / opacity.clamp_min(1e-6)
    depth = torch.where(opacity >= 0.5, mean, torch.inf)
    return Pixels((weights[..., None] * colour).sum(dim=1), opacity, depth)
