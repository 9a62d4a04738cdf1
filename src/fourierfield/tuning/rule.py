"""A rule of thumb for the encoding, from the density of the training samples alone."""

from __future__ import annotations

from ..encodings import EncodingSpec
from ..problems import Problem
from .choice import Choice

__all__ = ["choose_by_rule"]

SHARE_OF_SAMPLING = 1 / 50


def choose_by_rule(problem: Problem, features: int | None = None) -> Choice:
    """Gaussian frequencies with standard deviation (training samples per unit)/50.

    That is a twenty-fifth of the Nyquist frequency of the training grid. The less a photograph holds beyond that
    frequency, the more it would like, up to 1/36 (docs/training.md). It is a rule for photographs, and knows nothing
    of this one; signals too small to be divided take it.
    """
    bandwidth = problem.samples_per_unit * SHARE_OF_SAMPLING
    reason = f"rule of thumb: 1/50 of the {problem.samples_per_unit:.0f} training samples per unit"
    return Choice(EncodingSpec("gaussian", bandwidth, features), reason)
