"""Build coordinate networks MLP∘γ and the fields that they become.

A field is a function of coordinates that can be saved, loaded and evaluated anywhere.
May import grids and encodings.
"""

from ._field import Field, NetworkField
from ._mlp import MLP, CoordinateNetwork, MLPSpec

__all__ = ["MLP", "CoordinateNetwork", "Field", "MLPSpec", "NetworkField"]
