"""The coordinate network f = MLP∘γ."""

from __future__ import annotations

from torch import Tensor, nn

from ..encodings import FourierEncoding
from .mlp import MLP

__all__ = ["CoordinateNetwork"]


class CoordinateNetwork(nn.Module):
    """f(v) = MLP(γ(v)) for coordinates v (…, d); the MLP's first layer takes the encoding's features."""

    def __init__(self, encoding: FourierEncoding, mlp: MLP) -> None:
        super().__init__()
        if mlp.spec.in_features != encoding.out_features:
            raise ValueError(
                f"the MLP takes {mlp.spec.in_features} features, the encoding gives {encoding.out_features}"
            )
        self.encoding = encoding
        self.mlp = mlp

    def forward(self, coordinates: Tensor) -> Tensor:
        """``coordinates`` (…, d) → (…, out_features)."""
        return self.mlp(self.encoding(coordinates))
