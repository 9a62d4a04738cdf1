"""Define the activations of coordinate networks, each with its weight variance, and the functions of their output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

SIREN_OMEGA = 30.0  # ω₀ of every layer (Sitzmann et al. 2020, Section 3.2)


@dataclass(frozen=True)
class Activation:
    """An activation σ with the ``gain`` of its weights, Var W = gain/fan_in.

    gain = 1/E σ(z)² for z ~ N(0, 1), which keeps the variance of every layer's outputs at 1.
    """

    function: Callable[[Tensor], Tensor]
    gain: float


def sine(x: Tensor) -> Tensor:
    """Compute SIREN's activation sin(ω₀·x) with ω₀ = 30 (Sitzmann et al. 2020, Section 3.2)."""
    return torch.sin(SIREN_OMEGA * x)


def gaussian_bump(x: Tensor) -> Tensor:
    """Compute exp(−x²/2) (Ramasinghe & Lucey 2022)."""
    return torch.exp(-0.5 * x * x)


def truncated_exp(x: Tensor) -> Tensor:
    """Compute exp(x) up to x = 15, constant beyond (after Müller et al. 2022, who limit its gradient there)."""
    return torch.exp(x.clamp(max=15.0))


def radiance(x: Tensor, density: Callable[[Tensor], Tensor] = truncated_exp) -> Tensor:
    """Compute three colours by the sigmoid, and a density that is never negative, (…, 4) → (…, 4)."""
    return torch.cat([torch.sigmoid(x[..., :3]), density(x[..., 3:])], dim=-1)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(torch.relu, 2.0),
    "gelu": Activation(F.gelu, 2.3517),
    "silu": Activation(F.silu, 2.8108),
    "softplus": Activation(F.softplus, 1.0855),
    "tanh": Activation(torch.tanh, 2.5362),
    "erf": Activation(torch.erf, 2.1526),
    "gaussian": Activation(gaussian_bump, 1.7321),
    "sine": Activation(sine, 6.0),  # from SIREN's bound √(6/fan_in)/ω₀, by which ``MLP`` draws these weights
}

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda x: x,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "radiance": radiance,
    "radiance-relu": lambda x: radiance(x, torch.relu),
}
