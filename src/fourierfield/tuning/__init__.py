"""Choosing an encoding before training, with the reasons for the choice.

``tune`` forecasts candidates on training samples that it leaves out, ``choose`` picks one; ``choose_by_rule`` is a rule
of thumb that reads no values; ``translate`` says the same encoding in other packages' words.
May import everything down to forecast.
"""

from .choice import Choice, choose, choose_to_reproduce, encoding_words
from .forecasts import Trainee, forecast_network, inner_problem, reference_network, smoothness_of
from .inner import InnerProblem, divide, divide_smooth
from .rule import choose_by_rule
from .translation import Translation, translate
from .tuner import Budget, Candidate, tune

__all__ = [
    "Budget",
    "Candidate",
    "Choice",
    "InnerProblem",
    "Trainee",
    "Translation",
    "choose",
    "choose_by_rule",
    "choose_to_reproduce",
    "divide",
    "divide_smooth",
    "encoding_words",
    "forecast_network",
    "inner_problem",
    "reference_network",
    "smoothness_of",
    "translate",
    "tune",
]
