"""A rule of thumb for the encoding, from the density of the training samples alone."""

from __future__ import annotations

from dataclasses import dataclass

from ..encodings import EncodingSpec
from ..problems import GridProblem

__all__ = ["Choice", "choose_by_rule"]

SHARE_OF_SAMPLING = 1 / 36


@dataclass(frozen=True)
class Choice:
    """A chosen encoding and, in words, why."""

    encoding: EncodingSpec
    reason: str


def choose_by_rule(problem: GridProblem, features: int | None = None) -> Choice:
    """Gaussian frequencies with standard deviation (training samples per unit)/36.

    That is an eighteenth of the Nyquist frequency of the training grid. Half or twice of it cost a photograph 0.4 and
    0.6 dB (``benchmarks/results/settings_256.csv``). It is a rule for photographs, and knows nothing of this one.
    """
    bandwidth = problem.samples_per_unit * SHARE_OF_SAMPLING
    reason = f"rule of thumb: 1/36 of the {problem.samples_per_unit:.0f} training samples per unit"
    return Choice(EncodingSpec("gaussian", bandwidth, features), reason)
