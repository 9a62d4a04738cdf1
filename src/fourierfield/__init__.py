"""Fit coordinate networks to measured signals, and say before training how the training will go.

The names below are the public interface; each is imported when it is first used. Everything else is private by name.

>>> import fourierfield, numpy
>>> field = fourierfield.fit(numpy.eye(16, dtype=numpy.float32), steps=10)
>>> field.domain.units
('px', 'px')
"""

from typing import TYPE_CHECKING

from ._lazy import lazy
from ._version import __version__

if TYPE_CHECKING:
    from ._api import fit, forecast, read, render, tune
    from .encodings import EncodingSpec, FourierEncoding
    from .errors import FieldFileError, FourierFieldError, Interrupted, SettingsError, SignalError, TooLargeError
    from .estimators import FourierFeatureRegressor, NeuralTangentRegressor
    from .grids import Domain, Grid, GridSignal
    from .kinds._load import load
    from .networks import MLP, CoordinateNetwork, Field, MLPSpec, NetworkField
    from .regression import KernelField
    from .tasks._settings import FitSettings
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            **dict.fromkeys(("fit", "forecast", "read", "render", "tune"), "_api"),
            **dict.fromkeys(("EncodingSpec", "FourierEncoding"), "encodings"),
            **dict.fromkeys(("FieldFileError", "FourierFieldError", "Interrupted"), "errors"),
            **dict.fromkeys(("SettingsError", "SignalError", "TooLargeError"), "errors"),
            **dict.fromkeys(("FourierFeatureRegressor", "NeuralTangentRegressor"), "estimators"),
            **dict.fromkeys(("Domain", "Grid", "GridSignal"), "grids"),
            "load": "kinds._load",
            **dict.fromkeys(("MLP", "CoordinateNetwork", "Field", "MLPSpec", "NetworkField"), "networks"),
            "KernelField": "regression",
            "FitSettings": "tasks._settings",
        },
    )

__all__ = [
    "MLP",
    "CoordinateNetwork",
    "Domain",
    "EncodingSpec",
    "Field",
    "FieldFileError",
    "FitSettings",
    "FourierEncoding",
    "FourierFeatureRegressor",
    "FourierFieldError",
    "Grid",
    "GridSignal",
    "Interrupted",
    "KernelField",
    "MLPSpec",
    "NetworkField",
    "NeuralTangentRegressor",
    "SettingsError",
    "SignalError",
    "TooLargeError",
    "__version__",
    "fit",
    "forecast",
    "load",
    "read",
    "render",
    "tune",
]
