"""Choose an encoding before training, with the reasons for the choice.

``tune`` in ``_tuner`` forecasts candidates on training samples that it leaves out, ``choose`` in ``_choice`` takes one
of them, and ``translate`` writes an encoding as other packages do. Which families are tried, and over which
bandwidths, is written in ``encodings._registry``.
May import everything down to forecast.
"""

from ._translation import translate

__all__ = ["translate"]
