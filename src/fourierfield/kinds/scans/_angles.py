"""The angles of projections: as the user states them, as the file does, or assumed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...tasks._scan_options import ScanOptions
from ._side_files import read_numbers

Notes = tuple[str, ...]


def scan_angles(
    options: ScanOptions, projections: np.ndarray, held: np.ndarray | None = None, name: str = "array"
) -> tuple[np.ndarray, Notes]:
    """Return the angles of projections (A, …) in radians, with notes.

    They are those in ``options``, otherwise those that the file ``held`` in radians; otherwise half a turn is assumed
    (a whole one for a fan beam), and a note says so. Raises ``SignalError`` if there are not A of them.

    >>> np.degrees(scan_angles(ScanOptions(angles="0:90"), np.zeros((3, 8)))[0]).round()
    array([ 0., 30., 60.])
    """
    count = len(projections)
    notes: Notes = ()
    if options.angle_range is not None:
        held, notes = _evenly(options.angle_range, projections)
    elif options.angles is not None:
        held, notes = in_radians(read_numbers(Path(options.angles), "--angles"), f"--angles {options.angles}")
    elif held is None:
        turn = 360.0 if options.fan else 180.0
        held = np.radians(turn * np.arange(count) / count)
        notes = (f"no angles are given: {count} are assumed, evenly from 0° to below {turn:g}° (--angles says others)",)
    if len(held) != count:
        source = f"--angles {options.angles}" if options.angles else name
        raise SignalError(
            f"{source} has {len(held)} angles, but {name} has {count} projections; give one angle for each projection"
        )
    return held, notes


def _evenly(given: tuple[float, float, float | None], projections: np.ndarray) -> tuple[np.ndarray, Notes]:
    """Return the angles from START to STOP, with STEP or without STOP, in radians; and how they were understood."""
    start, stop, step = given
    count = len(projections)
    if step is not None:
        length = 1 + math.floor(abs(stop - start) / abs(step) + 1e-6)
        return np.radians(start + math.copysign(step, stop - start) * np.arange(length)), ()
    if count > 1 and abs(stop - start) == 360 and _ends_where_it_begins(projections):
        angles = start + (stop - start) * np.arange(count) / (count - 1)
        return np.radians(angles), (f"the last projection repeats the first: {stop:g}° is counted as the last angle",)
    step = (stop - start) / count
    reading = f"{count} angles from {start:g}° to below {stop:g}°, {abs(step):.4g}° apart"
    ended = abs(stop - start) / max(1, count - 1)
    if _is_round(ended) and not _is_round(step):
        reading += f"; if {stop:g}° is the last of them, write --angles {start:g}:{stop:g}:{ended:g}"
    return np.radians(start + step * np.arange(count)), (reading,)


_FEWEST = 16  # projections from which differences of neighbours are told from noise


def _ends_where_it_begins(projections: np.ndarray) -> bool:
    """Return whether the last projection of a whole turn is the first one again, but for noise.

    The mean square difference of projections k steps apart is about n + s·k², with noise n. If the last is the first,
    it is n between these two and n + s between the first and the last but one; otherwise n + s and n + 4s.
    """
    count = len(projections)
    if count < _FEWEST:
        return False

    def apart(first: int, second: int) -> float:
        return float(np.nanmean((projections[first] - projections[second]) ** 2))

    near = (*range(count // 8), *range(count - count // 8 - 2, count - 2))  # steps at both ends
    one, two = (float(np.median([apart(k, k + steps) for k in near])) for steps in (1, 2))
    change = (two - one) / 3
    noise = one - change
    if not change > 4 * noise * math.sqrt(2 / projections[0].size):
        return False
    closing = (apart(0, -1) + apart(0, -2)) / 2
    return closing < noise + 1.25 * change  # halfway between 0.5 and 2.5, on a logarithmic scale


def _is_round(step: float) -> bool:
    """Return whether a step is a multiple of a twentieth of a degree, as people choose them."""
    return abs(step * 20 - round(step * 20)) < 1e-6


_SPANNED = 8  # angles: fewer may have any span
_NEAR = 0.05  # of half a turn that a span may differ from it


def in_radians(numbers: np.ndarray, source: str) -> tuple[np.ndarray, Notes]:
    """Return angles in radians from numbers in degrees, or in radians if only these make half a turn or a whole one.

    >>> in_radians(np.linspace(0, 3.14, 60), "a.txt")[1]
    ('a.txt goes from 0 to 3.14: its angles are taken for radians, not degrees',)
    """
    span = float(np.ptp(numbers)) if len(numbers) >= _SPANNED else 0.0
    spans = (span, span * len(numbers) / max(1, len(numbers) - 1))
    if any(abs(one - turn) < _NEAR * turn for one in spans for turn in (math.pi, 2 * math.pi)):
        reach = f"from {numbers.min():.3g} to {numbers.max():.3g}"
        return numbers, (f"{source} goes {reach}: its angles are taken for radians, not degrees",)
    return np.radians(numbers), ()
