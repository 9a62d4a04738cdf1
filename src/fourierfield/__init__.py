"""Fit coordinate networks to measured signals.

>>> import fourierfield, numpy
>>> field = fourierfield.fit(numpy.eye(16, dtype=numpy.float32), steps=10)
>>> field.domain.units
('px', 'px')
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .estimators import FourierFeatureRegressor, NeuralTangentRegressor
    from .regression import load_field as load
    from .report import fit

__all__ = ["FourierFeatureRegressor", "NeuralTangentRegressor", "__version__", "fit", "load"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command line's help does not wait for PyTorch."""
    if name == "fit":
        from .report import fit

        return fit
    if name == "load":
        from .regression import load_field

        return load_field
    if name in ("FourierFeatureRegressor", "NeuralTangentRegressor"):
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
