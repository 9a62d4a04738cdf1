"""Choosing an encoding before training, with the reasons for the choice.

For now a documented rule of thumb from the density of the training samples; it reads no values.
May import everything down to problems.
"""

from .rule import Choice, choose_by_rule

__all__ = ["Choice", "choose_by_rule"]
