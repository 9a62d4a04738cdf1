"""What the parameters of the regressors may be, and what they mean for a problem."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..encodings import FAMILIES, EncodingSpec
from ..errors import SettingsError
from .samples import Tabular

__all__ = ["bandwidth_in_units", "encoding_for", "is_auto", "require", "require_counts", "require_word"]

_OWN_FEATURES = ("none", "basic", "nerf")
_MOST_ON_LATTICE = 3  # inputs: the frequencies of a power law fill a lattice


def require_word(name: str, value: Any, words: Sequence[str]) -> None:
    """Raise ``SettingsError`` unless a parameter is one of some words."""
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"{name}={value!r}: use {', '.join(words)}")


def require_counts(**counts: Any) -> None:
    """Raise ``SettingsError`` unless parameters are whole numbers from 1 on."""
    for name, value in counts.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
            raise SettingsError(f"{name}={value!r}: has to be a whole number, 1 or more")


def is_auto(name: str, value: Any) -> bool:
    """Whether a parameter is left open; ``SettingsError`` for another word than "auto"."""
    if not isinstance(value, str):
        return False
    require_word(name, value, ["auto"])
    return True


def require(name: str, value: Any) -> float:
    """A parameter as a positive number; ``SettingsError`` for any other."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name}={value!r}: has to be a positive number")
    return float(value)


def bandwidth_in_units(bandwidth: Any, table: Tabular, inputs: int) -> float | tuple[float, ...] | None:
    """Cycles per coordinate unit of ``bandwidth``, cycles per standard deviation of a feature: one number, or one for
    each of the ``inputs``. None for "auto"."""
    if is_auto("bandwidth", bandwidth):
        return None
    if isinstance(bandwidth, Real):
        return require("bandwidth", bandwidth) * table.unit
    numbers = np.asarray(bandwidth, dtype=object)
    if numbers.shape != (inputs,):
        raise SettingsError(f"bandwidth: {inputs} inputs take one number or {inputs}, not the shape {numbers.shape}")
    return tuple(require("bandwidth", numbers[i]) * table.unit for i in table.features)


def encoding_for(
    family: str, bandwidth: float | tuple[float, ...] | None, features: int | None, dimensions: int
) -> EncodingSpec:
    """An encoding of ``features`` frequencies, None for the family's own or infinitely many, as the family takes them;
    without a bandwidth one with a bandwidth of 1, to be replaced."""
    require_word("encoding", family, FAMILIES)
    if family == "power-law" and dimensions > _MOST_ON_LATTICE:
        raise SettingsError(f"encoding='power-law' takes up to {_MOST_ON_LATTICE} inputs, not {dimensions}")
    if family in _OWN_FEATURES:
        features = None
    if family == "positional" and features is not None:
        features = dimensions * max(1, round(features / dimensions))
    if family in ("none", "basic"):
        return EncodingSpec(family)
    return EncodingSpec(family, 1.0 if bandwidth is None else bandwidth, features)
