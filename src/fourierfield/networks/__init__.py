"""Networks on coordinates: the MLP, the coordinate network MLP∘γ, and the fields that they become.

A field is a function of coordinates that can be saved, loaded and evaluated anywhere.
May import signals and encodings.
"""

from .activations import ACTIVATIONS, OUTPUTS, SIREN_OMEGA
from .cells import occupied_at, pack_cells, unpack_cells
from .coordinate import CoordinateNetwork
from .field import Field, NetworkField
from .field_file import FORMAT_VERSION, save_field
from .magnitude import MagnitudeField
from .mlp import MLP, MLPSpec
from .values import ValueRange
from .views_field import ViewsField

__all__ = [
    "ACTIVATIONS",
    "FORMAT_VERSION",
    "MLP",
    "OUTPUTS",
    "SIREN_OMEGA",
    "CoordinateNetwork",
    "Field",
    "MLPSpec",
    "MagnitudeField",
    "NetworkField",
    "ValueRange",
    "ViewsField",
    "occupied_at",
    "pack_cells",
    "save_field",
    "unpack_cells",
]
