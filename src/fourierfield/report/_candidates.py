"""Figures of the forecasts for many encodings: PSNR against bandwidth, by family."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._style import INK, MARKERS, SERIES, label, new_figure, picture_style, png_bytes, three_digits, whole_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..tuning._tuner import Candidate as Tuned


DEPTH = 12.0  # dB below the best at which the axis ends: the forecasts of worse encodings are not worth the room


@dataclass(frozen=True)
class Candidate:
    """An encoding and the forecast of its scores at the end of training, dB.

    ``low`` to ``high`` is the 90 % interval of the held-out score. ``bandwidth`` is in cycles per unit, one number or
    one per axis, or None if the family has none.

    >>> Candidate("gaussian", (2.0, 8.0), 256, 30.1).scale
    4.0
    """

    family: str
    bandwidth: float | tuple[float, ...] | None
    features: int
    held_out_psnr_db: float
    train_psnr_db: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, tuned: Tuned, dimensions: int) -> Candidate:
        """Return a candidate of the tuner, for a signal of so many dimensions."""
        encoding, scores = tuned.encoding, tuned.scores
        features, psnr = encoding.count_features(dimensions), tuned.held_out_psnr_db
        forecast = psnr, scores.train_psnr_db, scores.low_db, scores.high_db
        return cls(encoding.family, encoding.bandwidth, features, *forecast)

    @property
    def scale(self) -> float | None:
        """The place on an axis of bandwidths: the geometric mean over the signal's axes."""
        if isinstance(self.bandwidth, tuple):
            return math.exp(sum(math.log(b) for b in self.bandwidth) / len(self.bandwidth))
        return self.bandwidth

    @property
    def name(self) -> str:
        """The family and the bandwidth, in a word or two."""
        if self.bandwidth is None:
            return self.family
        values = self.bandwidth if isinstance(self.bandwidth, tuple) else (self.bandwidth,)
        return f"{self.family} {'×'.join(map(three_digits, values))}"


def candidates_picture(candidates: Sequence[Candidate], chosen: int | None = 0, *, title: str = "") -> bytes:
    """Draw forecast held-out PSNR against bandwidth as a PNG, a line per family, with ``candidates[chosen]`` marked."""
    with picture_style():
        figure = new_figure(7.2, 4.4)
        draw_candidates(figure.subplots(), candidates, chosen)
        if title:
            figure.suptitle(title, fontsize=12)
        return png_bytes(figure)


def draw_candidates(axis: Axes, candidates: Sequence[Candidate], chosen: int | None = 0) -> None:
    """Draw forecast held-out PSNR against bandwidth on an axis; families without a bandwidth are horizontal lines."""
    if not candidates:
        raise ValueError("no candidates to draw")
    best = max(found.held_out_psnr_db for found in candidates)
    floor = max(best - DEPTH, min(found.held_out_psnr_db for found in candidates))
    for number, (family, members) in enumerate(by_family(candidates).items()):
        style: dict[str, Any] = {"color": SERIES[number % len(SERIES)], "label": family}
        placed = [(c.scale, c.held_out_psnr_db) for c in members if c.scale is not None]
        if placed:
            scales, psnrs = zip(*placed, strict=True)
            axis.plot(scales, psnrs, marker=MARKERS[number % len(MARKERS)], markersize=4, linewidth=1.4, **style)
        else:
            axis.axhline(members[0].held_out_psnr_db, linestyle="--", linewidth=1.2, **style)
    axis.set_ylim(floor - 0.06 * (best - floor + 0.1), best + 0.16 * (best - floor + 0.1))
    label(axis, "bandwidth, cycles per unit", "held-out PSNR forecast, dB")
    if any(found.scale is not None for found in candidates):
        axis.set_xscale("log")
        _few_ticks(axis)
    if chosen is not None:
        _mark(axis, candidates[chosen])
    axis.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, columnspacing=1.2, handlelength=1.6)


def by_family(candidates: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Group candidates by family, in order of bandwidth; families are in order of first appearance."""
    families: dict[str, list[Candidate]] = {}
    for found in candidates:
        families.setdefault(found.family, []).append(found)
    return {family: sorted(members, key=lambda c: c.scale or 0.0) for family, members in families.items()}


def _few_ticks(axis: Axes) -> None:
    """Put ticks at 1, 2, 5, 10, … in plain numbers."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(whole_number)


def _mark(axis: Axes, chosen: Candidate) -> None:
    if chosen.scale is None:
        return
    place = (chosen.scale, chosen.held_out_psnr_db)
    if chosen.low is not None and chosen.high is not None:
        axis.vlines(chosen.scale, chosen.low, chosen.high, color=INK, linewidth=1.2)
    axis.plot(*place, marker="o", markersize=11, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.4)
    axis.annotate("chosen", place, (-7, 6), textcoords="offset points", ha="right", fontsize=9)
