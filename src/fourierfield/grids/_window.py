"""Parse parts of a domain: boxes and planes, in coordinates, physical units or samples."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..errors import SettingsError
from ._domain import Domain

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PART = re.compile(rf"(?P<start>{_NUMBER})?\s*(?P<colon>:)?\s*(?P<end>{_NUMBER})?\s*(?P<unit>[A-Za-zµ]*)")
_IN_SPACE, _IN_TIME = ("px", "voxel"), ("frame", "sample")
_PREFIXES = {"ms": ("s", 1e-3)}
_ROUNDING = 1e-9  # samples: a window that ends on a sample's centre up to rounding ends there


@dataclass(frozen=True)
class Window:
    """A box from ``lower`` to ``upper``, in coordinates; along ``single`` axes it is one sample thick."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    single: tuple[bool, ...]

    def slices(self, domain: Domain, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """Return the slices of the samples, of a grid of ``shape`` on the domain, whose centres lie in the window.

        >>> domain = Domain.of_samples((8,), units=("px",))
        >>> parse_window("2:5px", domain, (8,)).slices(domain, (8,))
        (slice(2, 5, None),)
        """
        found = []
        for low, high, n, side in zip(self.lower, self.upper, shape, domain.sides, strict=True):
            first, last = (math.ceil(end * n / side - 0.5 - _ROUNDING) for end in (low, high))
            found.append(slice(max(0, first), max(0, min(n, last))))
        return tuple(found)


def parse_window(text: str, domain: Domain, shape: tuple[int, ...], option: str = "--window") -> Window:
    """Parse a window: ``START:END`` for each axis, joined by commas; one number is a plane, ``:`` the whole axis.

    Numbers are coordinates. With the unit of the axis (or ms for s) they are lengths; with px, voxel, frame or sample
    they are indices into the ``shape`` of the signal's own samples. A unit at the very end holds for all axes without
    one. Raises ``SettingsError`` with the name of the ``option``.

    >>> parse_window(":,3px", Domain.of_samples((2, 4)), (2, 4))
    Window(lower=(0.0, 0.75), upper=(0.5, 1.0), single=(False, True))
    """
    words = f"{option} {text}"
    parts = [_PART.fullmatch(part.strip()) for part in text.split(",")]
    if len(parts) != domain.dimensions or None in parts:
        raise _misunderstood(words, domain)
    shared = parts[-1]["unit"] if parts[-1] else ""
    ranges = [_range(part, shared, (domain, shape, axis), words) for axis, part in enumerate(parts) if part]
    if not all(low < high for low, high, _ in ranges):
        raise SettingsError(f"{words}: each START must be below its END")
    lower, upper, single = zip(*ranges, strict=True)
    return Window(lower, upper, single)


def _range(
    part: re.Match[str], shared: str, place: tuple[Domain, tuple[int, ...], int], words: str
) -> tuple[float, float, bool]:
    """Return the lower and upper end along an axis, in coordinates, and whether it is a plane."""
    domain, shape, axis = place
    side, step = domain.sides[axis], domain.sides[axis] / shape[axis]
    scale, in_samples = _scale(part["unit"] or (shared if part["start"] or part["end"] else ""), place, words)
    if part["colon"]:
        start, end = part["start"], part["end"]
        return 0.0 if start is None else float(start) * scale, side if end is None else float(end) * scale, False
    if part["start"] is None:
        raise _misunderstood(words, domain)
    middle = float(part["start"]) * scale + (0.5 * step if in_samples else 0.0)
    return middle - 0.5 * step, middle + 0.5 * step, True


def _scale(unit: str, place: tuple[Domain, tuple[int, ...], int], words: str) -> tuple[float, bool]:
    """Return the length of one ``unit`` along an axis, in coordinates, and whether the unit counts samples."""
    domain, shape, axis = place
    own = domain.units[axis]
    samples = _IN_TIME if own in ("s", *_IN_TIME) else _IN_SPACE
    if unit in samples:
        return domain.sides[axis] / shape[axis], True
    base, factor = _PREFIXES.get(unit, (unit, 1.0))
    if base not in ("", own):
        raise SettingsError(f"{words}: axis {axis + 1} is measured in {own}, not {unit}; use {own} or {samples[0]}")
    return factor / domain.scales[axis] if unit else 1.0, False


def _misunderstood(words: str, domain: Domain) -> SettingsError:
    unit = domain.units[-1]
    examples = {1: f"0.2:0.4 or 1:2{unit}", 2: f"0.2:0.4,0.1:0.3 or 100:200,50:150{unit}"}
    several = ",".join([":"] * (domain.dimensions - 1))
    example = examples.get(domain.dimensions, f"{several},0.5 or {several},20:40voxel")
    return SettingsError(f"{words}: give one START:END per axis, for example {example}")
