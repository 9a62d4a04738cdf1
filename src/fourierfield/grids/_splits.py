"""Split samples into those to train on and those kept back to score the result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..errors import SettingsError


@dataclass(frozen=True)
class Split:
    """The flat (C-order) indices of the ``training`` and the ``held_out`` samples, int64."""

    training: np.ndarray
    held_out: np.ndarray


class HoldOut(Protocol):
    """A rule that splits the measured samples of a grid."""

    def split(self, present: np.ndarray) -> Split:
        """Split the samples that ``present`` (n₁, …, n_d) marks."""
        ...


@dataclass(frozen=True)
class NoHoldOut:
    """The rule that trains on every measured sample."""

    def split(self, present: np.ndarray) -> Split:
        """Split the samples that ``present`` (n₁, …, n_d) marks: all are training samples."""
        return Split(np.flatnonzero(present), np.empty(0, dtype=np.int64))

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True)
class GridHoldOut:
    """The paper's hold-out: train on ``[::2, ::2, …]``, score on ``[1::2, 1::2, …]``, leave the rest unused.

    >>> GridHoldOut().split(np.ones((2, 2), dtype=bool))
    Split(training=array([0]), held_out=array([3]))
    """

    def split(self, present: np.ndarray) -> Split:
        """Split the samples that ``present`` (n₁, …, n_d) marks. Raises ``SettingsError`` if either part is empty."""
        if min(present.shape) < 2:
            raise SettingsError(
                f"a grid hold-out needs two samples along each axis, not {present.shape}; use random:0.1"
            )
        parts = []
        for start in (0, 1):
            chosen = np.zeros_like(present)
            lattice = (slice(start, None, 2),) * present.ndim
            chosen[lattice] = present[lattice]
            parts.append(np.flatnonzero(chosen))
        return _checked(Split(*parts))

    def __str__(self) -> str:
        return "grid"


@dataclass(frozen=True)
class RandomHoldOut:
    """The rule that keeps back a random ``fraction`` of the measured samples, drawn with ``seed``."""

    fraction: float
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise SettingsError(f"the fraction held out must be between 0 and 1, not {self.fraction:g}")

    def split(self, present: np.ndarray) -> Split:
        """Split the samples that ``present`` (n₁, …, n_d) marks. Raises ``SettingsError`` if either part is empty."""
        measured = np.flatnonzero(present)
        kept_back = round(self.fraction * measured.size)
        order = np.random.default_rng(self.seed).permutation(measured)
        return _checked(Split(np.sort(order[kept_back:]), np.sort(order[:kept_back])))

    def __str__(self) -> str:
        return f"random:{self.fraction:g}"


def _checked(split: Split) -> Split:
    if not split.training.size or not split.held_out.size:
        raise SettingsError("the hold-out leaves no samples to train on, or none to score; use another hold-out")
    return split


def parse_hold_out(text: str, seed: int = 0) -> HoldOut:
    """Return the rule that ``none``, ``grid`` or ``random:FRACTION`` names; raise ``SettingsError`` for other texts.

    A number alone is a fraction too.

    >>> parse_hold_out("random:0.25")
    RandomHoldOut(fraction=0.25, seed=0)
    """
    if text == "none":
        return NoHoldOut()
    if text == "grid":
        return GridHoldOut()
    unknown = SettingsError(
        f"--hold-out {text} is not known; use none, grid or random:FRACTION, for example random:0.1"
    )
    match = re.fullmatch(r"(?:random:)?([0-9.eE+-]+)", text)
    if match is None:
        raise unknown
    try:
        fraction = float(match[1])
    except ValueError:
        raise unknown from None
    return RandomHoldOut(fraction, seed)
