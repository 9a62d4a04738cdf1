"""Bandwidths with units: ``12``, ``0.02/px``, ``440Hz``, ``0.5/mm``."""

from __future__ import annotations

import math
import re

from ..errors import SettingsError
from ..signals import Domain

__all__ = ["bandwidth_in_cycles_per_unit"]

_PREFIXES = {"Hz": 1.0, "kHz": 1e3}


def bandwidth_in_cycles_per_unit(text: float | str, domain: Domain) -> float:
    """Cycles per coordinate unit of a bandwidth that may carry a unit of the domain's axes.

    A plain number is in cycles per unit already; ``x/unit`` is x cycles per that physical unit, and ``xHz`` (kHz) is
    x/s. Raises ``SettingsError`` for a number that is not positive or a unit that the signal has not.

    >>> bandwidth_in_cycles_per_unit("0.02/px", Domain.of_samples((256, 512)))
    10.24
    """
    match = re.fullmatch(r"\s*([0-9.eE+-]+?)\s*(?:/\s*([A-Za-z]+)|(k?Hz))?\s*", str(text))
    try:
        value = float(match[1]) if match else math.nan
    except ValueError:
        value = math.nan
    if match is None or not 0 < value < math.inf:
        raise SettingsError(
            f"--bandwidth {text}: give a positive number of cycles per unit, or with a unit, as in 0.02/px"
        )
    if match[2] is None and match[3] is None:
        return value
    unit = match[2] or "s"
    if unit not in domain.units:
        raise SettingsError(
            f"--bandwidth {text}: this signal is measured in {'/'.join(sorted(set(domain.units)))}, not {unit}"
        )
    return value * _PREFIXES.get(match[3], 1.0) * domain.scale
