"""Build multi-layer perceptrons and coordinate networks f = MLP∘γ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor, nn

from ..encodings._fourier import FourierEncoding
from ..errors import SettingsError
from ._activations import ACTIVATIONS, OUTPUTS, SIREN_OMEGA

Initialisation = Literal["he", "glorot"]


@dataclass(frozen=True)
class MLPSpec:
    """The sizes and choices of an MLP.

    Args:
        in_features: The number of input features, those of the encoding.
        out_features: The number of output channels.
        depth: The number of linear layers: 4 is three hidden layers and the output.
        width: The number of units in each hidden layer.
        activation: "relu", "gelu", "silu", "softplus", "tanh", "erf", "gaussian" or "sine".
        output: The function of the last layer's output: "none", "sigmoid", "softplus", "radiance" (three sigmoid
            colours and an exponential density) or "radiance-relu".
        initialisation: "he" draws weights from N(0, gain/fan_in) with the activation's gain (2 for ReLU: He et al.
            2015, Eq. 10), "glorot" from N(0, 2/(fan_in + fan_out)) (Glorot & Bengio 2010). Networks with "sine" follow
            SIREN regardless (Sitzmann et al. 2020, Section 3.2). Biases start at zero.
        skips: The layers (1 to depth − 1) that take the encoding again beside their input (NeRF, DeepSDF).

    Raises:
        SettingsError: A number is out of its range, or a name is not known.

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
            raise SettingsError(f"the depth of a network must be 1 or more linear layers, not {self.depth}")
        if self.width < 1:
            raise SettingsError(f"the width of a network must be 1 or more, not {self.width}")
        if self.activation not in ACTIVATIONS:
            raise SettingsError(f"no activation is called {self.activation}; use {', '.join(ACTIVATIONS)}")
        if self.output not in OUTPUTS:
            raise SettingsError(f"no output is called {self.output}; use {', '.join(OUTPUTS)}")
        if self.initialisation not in ("he", "glorot"):
            raise SettingsError(f"no initialisation is called {self.initialisation}; use he or glorot")
        if any(not 0 < layer < self.depth for layer in self.skips):
            raise SettingsError(f"skips must be layers from 1 to {self.depth - 1}, not {self.skips}")

    @property
    def layer_sizes(self) -> list[tuple[int, int]]:
        """The pairs (fan_in, fan_out) of the linear layers."""
        outs = [self.width] * (self.depth - 1) + [self.out_features]
        ins = [self.in_features, *outs[:-1]]
        joined = [n + (self.in_features if layer in self.skips else 0) for layer, n in enumerate(ins)]
        return list(zip(joined, outs, strict=True))

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum(fan_in * fan_out + fan_out for fan_in, fan_out in self.layer_sizes)


class MLP(nn.Module):
    """The multi-layer perceptron x ↦ output(W_L σ(… σ(W_1 x + b_1) …) + b_L), (…, in_features) → (…, out_features).

    Args:
        spec: Its sizes, activation, output and initialisation.
        generator: Draws the weights. None leaves them uninitialised, to be loaded.

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
        """Map ``features`` (…, in_features) to (…, out_features)."""
        return OUTPUTS[self.spec.output](self.before_output(features))

    def before_output(self, features: Tensor) -> Tensor:
        """Compute the last layer's output (…, out_features), in float32 or better: the logits of a sigmoid output."""
        activate = ACTIVATIONS[self.spec.activation].function
        hidden = features
        for index, layer in enumerate(self.layers):
            if index in self.spec.skips:
                hidden = torch.cat([hidden, features.to(hidden.dtype)], dim=-1)
            hidden = layer(hidden)
            if index < self.spec.depth - 1:
                hidden = hidden.relu_() if self.spec.activation == "relu" else activate(hidden)  # in place saves a copy
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


class CoordinateNetwork(nn.Module):
    """The coordinate network f(v) = MLP(γ(v)), (…, d) → (…, out_features).

    Args:
        encoding: γ, from coordinates (…, d) in coordinate units to features.
        mlp: The MLP, whose ``in_features`` must be the number of the encoding's features.

    Raises:
        ValueError: The numbers of features differ.

    >>> from fourierfield.encodings import gaussian
    >>> encoding = gaussian(2, bandwidth=10.0, features=64, generator=torch.Generator().manual_seed(0))
    >>> network = CoordinateNetwork(encoding, MLP(MLPSpec(128, 3), torch.Generator().manual_seed(1)))
    >>> network(torch.rand(5, 2)).shape
    torch.Size([5, 3])
    """

    def __init__(self, encoding: FourierEncoding, mlp: MLP) -> None:
        super().__init__()
        if mlp.spec.in_features != encoding.out_features:
            raise ValueError(
                f"the MLP takes {mlp.spec.in_features} features, the encoding gives {encoding.out_features}"
            )
        self.encoding = encoding
        self.mlp = mlp

    def forward(self, coordinates: Tensor) -> Tensor:
        """Map ``coordinates`` (…, d) to (…, out_features)."""
        return self.mlp(self.encoding(coordinates))
