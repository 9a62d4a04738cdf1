"""scikit-learn's view of the package: regressors on tables, ``fit(X, y)`` and ``predict(X)``.

One solves for an infinitely wide network, one trains a network of finite width; both choose their own bandwidth.
Importing them takes scikit-learn and NumPy, PyTorch waits for ``fit``.
May import everything down to tuning.
"""

from .kernel import NeuralTangentRegressor
from .network import FourierFeatureRegressor

__all__ = ["FourierFeatureRegressor", "NeuralTangentRegressor"]
