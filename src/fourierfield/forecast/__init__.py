"""Forecast the learning curve: gradient flow under a kernel, its spectrum, and optimiser steps as time.

The package can be called: ``fourierfield.forecast("photo.jpg")`` is the forecast of a fit, whether or not the package
of that name has been imported. May import everything down to training.

>>> import fourierfield, numpy as np
>>> y, x = np.mgrid[:16, :16] / 16
>>> found = fourierfield.forecast(np.sin(6 * x + 3 * y), encoding="gaussian", bandwidth=2.0, steps=20)
>>> found.scores.train_psnr_db > 20
True
"""

import sys
from types import ModuleType
from typing import Any

from ._steps import forecast_steps

__all__ = ["forecast_steps"]


class _Forecast(ModuleType):
    """This package as the public function of the same name, which Python would otherwise hide behind it."""

    def __call__(self, *arguments: Any, **choices: Any) -> Any:
        """Call ``fourierfield.forecast``."""
        from importlib import import_module

        return import_module("fourierfield._api").forecast(*arguments, **choices)


sys.modules[__name__].__class__ = _Forecast
