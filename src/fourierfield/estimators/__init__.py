"""Fit tables with scikit-learn's interface: ``fit(X, y)`` and ``predict(X)``.

One estimator solves for an infinitely wide network, one trains a network of finite width; both choose their own
bandwidth. Importing them takes scikit-learn and NumPy; PyTorch waits for ``fit``.
May import everything down to tuning.
"""

from ._kernel import NeuralTangentRegressor
from ._network import FourierFeatureRegressor

__all__ = ["FourierFeatureRegressor", "NeuralTangentRegressor"]
