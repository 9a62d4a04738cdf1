"""The multi-layer perceptron."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor, nn

from ..errors import SettingsError
from .activations import ACTIVATIONS, OUTPUTS, SIREN_OMEGA

__all__ = ["MLP", "MLPSpec"]

Initialisation = Literal["he", "glorot"]


@dataclass(frozen=True)
class MLPSpec:
    """Sizes and choices of an MLP. ``depth`` counts linear layers: 4 is three hidden layers and the output.

    ``skips`` are the layers (1 to depth − 1) whose input is joined by the encoding again (NeRF, DeepSDF).
    ``initialisation`` "he" draws weights from N(0, gain/fan_in) with the activation's gain (2 for ReLU), "glorot"
    from N(0, 2/(fan_in + fan_out)); "sine" networks follow SIREN whatever it says. Biases start at zero.

    >>> MLPSpec(512, 3).parameters
    263683
    """

    in_features: int
    out_features: int
    depth: int = 4
    width: int = 256
    activation: str = "relu"
    output: str = "sigmoid"
    initialisation: Initialisation = "he"
    skips: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise SettingsError(f"a network has a depth of 1 or more linear layers, not {self.depth}")
        if self.width < 1:
            raise SettingsError(f"a network has a width of 1 or more, not {self.width}")
        if self.activation not in ACTIVATIONS:
            raise SettingsError(f"no activation is called {self.activation}; use {', '.join(ACTIVATIONS)}")
        if self.output not in OUTPUTS:
            raise SettingsError(f"no output is called {self.output}; use {', '.join(OUTPUTS)}")
        if self.initialisation not in ("he", "glorot"):
            raise SettingsError(f"no initialisation is called {self.initialisation}; use he or glorot")
        if any(not 0 < layer < self.depth for layer in self.skips):
            raise SettingsError(f"skips join layers 1 to {self.depth - 1}, not {self.skips}")

    @property
    def layer_sizes(self) -> list[tuple[int, int]]:
        """(fan_in, fan_out) of each linear layer."""
        outs = [self.width] * (self.depth - 1) + [self.out_features]
        ins = [self.in_features, *outs[:-1]]
        joined = [n + (self.in_features if layer in self.skips else 0) for layer, n in enumerate(ins)]
        return list(zip(joined, outs, strict=True))

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(fan_in * fan_out + fan_out for fan_in, fan_out in self.layer_sizes)


class MLP(nn.Module):
    """x ↦ output(W_L σ(… σ(W_1 x + b_1) …) + b_L), weights drawn from ``generator``.

    >>> MLP(MLPSpec(2, 1, depth=2, width=8), torch.Generator().manual_seed(0))(torch.zeros(5, 2)).shape
    torch.Size([5, 1])
    """

    def __init__(self, spec: MLPSpec, generator: Generator | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.layers: Sequence[nn.Linear] = nn.ModuleList(  # type: ignore[assignment]
            nn.utils.skip_init(nn.Linear, fan_in, fan_out) for fan_in, fan_out in spec.layer_sizes
        )
        if generator is not None:
            self._initialise(generator)

    def forward(self, features: Tensor) -> Tensor:
        """``features`` (…, in_features) → (…, out_features)."""
        return OUTPUTS[self.spec.output](self.before_output(features))

    def before_output(self, features: Tensor) -> Tensor:
        """What the output function is applied to, (…, out_features), in float32 or better: logits under a sigmoid."""
        activate = ACTIVATIONS[self.spec.activation].function
        hidden = features
        for index, layer in enumerate(self.layers):
            if index in self.spec.skips:
                hidden = torch.cat([hidden, features.to(hidden.dtype)], dim=-1)
            hidden = layer(hidden)
            if index < self.spec.depth - 1:
                hidden = hidden.relu_() if self.spec.activation == "relu" else activate(hidden)  # in place: no copy
        return hidden.float() if hidden.dtype == torch.bfloat16 else hidden

    @torch.no_grad()
    def _initialise(self, generator: Generator) -> None:
        for index, layer in enumerate(self.layers):
            fan_out, fan_in = layer.weight.shape
            if self.spec.activation == "sine":
                bound = 1 / fan_in if index == 0 else math.sqrt(6 / fan_in) / SIREN_OMEGA
                layer.weight.uniform_(-bound, bound, generator=generator)
            else:
                layer.weight.normal_(0, math.sqrt(self._variance(fan_in, fan_out)), generator=generator)
            layer.bias.zero_()

    def _variance(self, fan_in: int, fan_out: int) -> float:
        if self.spec.initialisation == "glorot":
            return 2 / (fan_in + fan_out)
        return ACTIVATIONS[self.spec.activation].gain / fan_in
