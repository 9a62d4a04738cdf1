"""Plots for a terminal in plain text; marks differ by shape, not by colour."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence

from ._style import three_digits

Point = tuple[str, float, float]  # family, bandwidth in cycles per unit, PSNR in dB

_MARKS = "●□▲◇▼○■△"
_DEPTH = 12.0  # dB below the best: worse points lie on the lowest line
_MARGIN = 7  # columns of the dB labels and the axis
_LEAST_WIDTH, _MOST_WIDTH = 40, 100  # columns between which the width of a plot stays; a matter of legibility


def terminal_plot(points: Sequence[Point], *, width: int | None = None, height: int = 12) -> str:
    """Plot forecast held-out PSNR, dB, against bandwidth, cycles per unit, with a mark per family, as plain text.

    ``width`` is in columns, by default the terminal's (between 40 and 100). Points more than 12 dB below the best lie
    on the lowest line, whose label then begins with ≤. Raises ``ValueError`` if there are no points or a bandwidth is
    not positive.

    >>> print(terminal_plot([("gaussian", 1, 20.0), ("gaussian", 4, 26.0), ("laplace", 2, 23.0)], width=40, height=4))
      26.0 ┤                               ●
      24.0 ┤               □
      22.0 ┤
      20.0 ┤●
           └────────────────────────────────
            1              2               4
      held-out PSNR, dB, by bandwidth
      ● gaussian  □ laplace
    """
    if not points:
        raise ValueError("no points to plot")
    if any(not bandwidth > 0 for _, bandwidth, _ in points):
        raise ValueError("bandwidths must be positive")
    columns = _columns(width)
    marks = _marks(points)
    top = max(psnr for *_, psnr in points)
    lowest = min(psnr for *_, psnr in points)
    bottom = max(lowest, top - _DEPTH)
    rows = [[" "] * columns for _ in range(height)]
    low, high = (math.log(f(bandwidth for _, bandwidth, _ in points)) for f in (min, max))
    for family, bandwidth, psnr in sorted(points, key=lambda point: point[2]):  # better points hide worse ones
        column = _place(math.log(bandwidth), low, high, columns)
        rows[height - 1 - _place(psnr, bottom, top, height)][column] = marks[family]
    labels = [top - (top - bottom) * i / max(1, height - 1) for i in range(height)]
    texts = [f"{value:6.1f}" for value in labels]
    if lowest < bottom:
        texts[-1] = f"≤{labels[-1]:.1f}".rjust(6)
    lines = [f"{text} ┤{''.join(row)}" for text, row in zip(texts, rows, strict=True)]
    lines += [" " * _MARGIN + "└" + "─" * columns, " " * (_MARGIN + 1) + _ticks(low, high, columns)]
    lines += ["  held-out PSNR, dB, by bandwidth" + (", cycles per unit" if columns > 40 else "")]
    return "\n".join(line.rstrip() for line in [*lines, *_legend(marks, columns + _MARGIN)])


def _columns(width: int | None) -> int:
    wanted = shutil.get_terminal_size((80, 24)).columns if width is None else width
    return max(_LEAST_WIDTH, min(wanted, _MOST_WIDTH)) - _MARGIN - 1


def _marks(points: Sequence[Point]) -> dict[str, str]:
    families = dict.fromkeys(family for family, *_ in points)
    return {family: _MARKS[i % len(_MARKS)] for i, family in enumerate(families)}


def _place(value: float, low: float, high: float, count: int) -> int:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(min(max(share, 0.0), 1.0) * (count - 1))


def _ticks(low: float, high: float, columns: int) -> str:
    """Return a line with the smallest, the middle and the largest bandwidth beneath their columns."""
    if not high > low:
        return three_digits(math.exp(low)).center(columns)
    line = [" "] * columns
    for share in (0.0, 0.5, 1.0):
        text = three_digits(math.exp(low + share * (high - low)))
        middle = round(share * (columns - 1)) - len(text) // 2
        first = min(max(middle, 0), columns - len(text))
        line[first : first + len(text)] = text
    return "".join(line)


def _legend(marks: dict[str, str], width: int) -> list[str]:
    lines = [" "]
    for family, mark in marks.items():
        entry = f" {mark} {family} "
        if len(lines[-1]) + len(entry) > width and lines[-1].strip():
            lines.append(" ")
        lines[-1] += entry
    return lines
