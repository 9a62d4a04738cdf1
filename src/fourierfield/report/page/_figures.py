"""Figures: learning curves, the error by frequency band, the candidates, and what one training sample contributes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...tasks._spectrum import LEARNED
from .._candidates import draw_candidates
from .._diagnosis import RELIABLE
from .._evidence import Curve
from .._style import ERROR_MAP, HELD_OUT, INK, MUTED, TRAINING, label, new_figure, picture_style, svg_text, whole_number
from ._content import BandErrors, BandHistory, Choice, Forecast, ImpulseResponse, Learning, Missing, SignalFacts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh


_MOST_POINTS = 160  # points of a drawn curve: bounds the size of the page
_COLUMNS = 96  # columns of the maps of the error by band; any value near it would do
_SHORT = 30.0  # the ratio of an axis's ends below which ticks at powers of ten alone would be too few
_ABOVE = 10.0  # dB of room above the highest measured score
_OTHER_FRONT = "#3ad1e6"  # the forecast's line on the map of measured errors, on light and dark pages


def learning_figure(learning: Learning, forecast: Forecast | Missing) -> str:
    """Draw PSNR over steps: lines are forecast, dots measured; the bar at the end is the 90 % interval."""
    with picture_style("learning"):
        figure = new_figure(5.4, 4.6)
        axis = figure.subplots()
        measured, expected = learning.measured, learning.forecast
        if expected is not None:
            _draw_curve(axis, _thinned(expected), "forecast", linestyle="-", linewidth=1.8)
        _draw_curve(
            axis,
            measured,
            "measured",
            marker="o",
            markersize=3.6,
            linestyle="none" if expected else "-",
            markeredgewidth=0,
        )
        _plain_ticks(axis, "x", measured.steps[0] * 0.94, max(measured.steps[-1] * 1.06, 2))
        _cut_above(axis, learning)
        if isinstance(forecast, Forecast) and forecast.low is not None and forecast.high is not None:
            _draw_interval(axis, measured.steps[-1], forecast.low, forecast.high)
        label(axis, "optimiser steps", "PSNR, dB")
        axis.legend(loc="upper left")
        return svg_text(figure, "Learning curves: PSNR in dB over optimiser steps, forecast and measured")


def _plain_ticks(axis: Axes, which: str, low: float, high: float) -> None:
    """Make an axis logarithmic with plain numbers: 1, 10, 100, and also 2 and 5 over short ranges."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set(**{f"{which}scale": "log", f"{which}lim": (low, high)})
    ticks = axis.xaxis if which == "x" else axis.yaxis
    short = high / low < _SHORT
    ticks.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0) if short else (1.0,)))
    ticks.set_major_formatter(whole_number)
    ticks.set_minor_formatter(NullFormatter())


def _cut_above(axis: Axes, learning: Learning) -> None:
    """Limit the axis to the PSNR that matters: forecasts for training samples may rise far above it."""
    curves = [learning.measured.train_psnr_db, learning.measured.held_out_psnr_db]
    if learning.forecast is not None:
        curves.append(learning.forecast.held_out_psnr_db)
    top = max(max(curve) for curve in curves if curve) + _ABOVE
    if axis.get_ylim()[1] > max(top, RELIABLE + _ABOVE):
        axis.set_ylim(top=max(top, RELIABLE + _ABOVE))


def _draw_interval(axis: Axes, last: int, low: float, high: float) -> None:
    """Draw the interval as a bar just beyond the last step, since it applies to the final score only."""
    left, _ = axis.get_xlim()
    width = (last / left) ** 0.035
    axis.set_xlim(left, last * width**3)
    axis.fill_between([last * width, last * width**2], low, high, color=HELD_OUT, alpha=0.35, linewidth=0)
    axis.annotate("90 %", (last * width**1.5, low), (0, -3), textcoords="offset points", ha="center", va="top", size=8)


def _draw_curve(axis: Axes, curve: Curve, source: str, **style: Any) -> None:
    axis.plot(curve.steps, curve.train_psnr_db, color=TRAINING, label=f"training, {source}", **style)
    if curve.held_out_psnr_db is not None:
        axis.plot(curve.steps, curve.held_out_psnr_db, color=HELD_OUT, label=f"held out, {source}", **style)


def _thinned(curve: Curve) -> Curve:
    """Return at most 160 points of a curve, spread evenly over the logarithm of the step."""
    count = len(curve.steps)
    if count <= _MOST_POINTS:
        return curve
    kept = np.unique(np.geomspace(1, count, _MOST_POINTS).round().astype(int)) - 1
    held_out = curve.held_out_psnr_db
    return replace(
        curve,
        steps=[int(curve.steps[i]) for i in kept],
        train_psnr_db=[float(curve.train_psnr_db[i]) for i in kept],
        held_out_psnr_db=None if held_out is None else [float(held_out[i]) for i in kept],
    )


def bands_figure(bands: BandErrors, signal: SignalFacts) -> str:
    """Draw maps of the energy left by band and step; lines, dashed for forecasts, mark where errors fell by e."""
    shown = [(name, h) for name, h in (("forecast", bands.forecast), ("measured", bands.measured)) if h is not None]
    if not shown:
        raise ValueError("neither a forecast nor a measured history of the bands")
    edges = _positive(bands.edges) / signal.unit_length
    with picture_style("bands"):
        figure = new_figure(5.4, 1.1 + 1.9 * len(shown))
        axes = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axis, (name, history) in zip(axes, shown, strict=True):
            image = _draw_bands(axis, edges, history)
            axis.set_title(name)
            _draw_front(axis, edges, history, color="white", linewidth=1.8)
            axis.set_ylabel(signal.frequency_unit)
        if bands.forecast is not None and bands.measured is not None:
            _draw_front(axes[-1], edges, bands.forecast, color=_OTHER_FRONT, linewidth=1.6, linestyle="--")
        axes[-1].set_xlabel("optimiser steps")
        bar = figure.colorbar(image, ax=list(axes), pad=0.02, aspect=30)
        bar.set_label("share of the band's energy left")
        bar.outline.set_visible(False)
        return svg_text(figure, "Error by frequency band over optimiser steps, forecast and measured")


def _draw_bands(axis: Axes, edges: np.ndarray, history: BandHistory) -> QuadMesh:
    steps = np.geomspace(max(history.steps[0], 1), max(history.steps[-1], 2), _COLUMNS)
    columns = _at_steps(history, steps)
    ratio = np.sqrt(steps[1] / steps[0])
    sides = np.concatenate([[steps[0] / ratio], steps * ratio])
    mesh = axis.pcolormesh(sides, edges, np.clip(columns, 0, 1).T, cmap=ERROR_MAP, vmin=0, vmax=1, rasterized=True)
    _plain_ticks(axis, "x", steps[0], steps[-1])
    _plain_ticks(axis, "y", edges[0], edges[-1])
    return mesh


def _draw_front(axis: Axes, edges: np.ndarray, history: BandHistory, **style: Any) -> None:
    """Draw the frequency up to which bands are learned, over the steps."""
    steps = np.geomspace(max(history.steps[0], 1), max(history.steps[-1], 2), _COLUMNS)
    places = np.log(edges[:-1] * edges[1:]) / 2
    reached = [_front(places, column) for column in _at_steps(history, steps)]
    axis.plot(steps, np.exp(reached), **style)


def _front(places: np.ndarray, left: np.ndarray) -> float:
    """Return the place that separates learned bands (at most e⁻² left) from the rest with the fewest exceptions.

    There are exceptions, because the shares of bands with hardly any energy mean nothing. The result is NaN before the
    lowest band is learned.
    """
    learned = left <= LEARNED
    wrong = [int((~learned[:k]).sum() + learned[k:].sum()) for k in range(len(left) + 1)]
    count = int(np.argmin(wrong))
    if count in (0, len(left)):
        return float("nan") if count == 0 else float(places[-1])
    low, high = np.log(np.maximum(left[count - 1 : count + 1], 1e-9))
    share = (np.log(LEARNED) - low) / (high - low) if low <= np.log(LEARNED) < high else 0.5
    return float(places[count - 1] + share * (places[count] - places[count - 1]))


def _at_steps(history: BandHistory, steps: np.ndarray) -> np.ndarray:
    """Interpolate the shares left, (len(steps), B), over the logarithm of the step."""
    known = np.log(np.maximum(history.steps, 1))
    return np.stack([np.interp(np.log(steps), known, band) for band in history.left.T], axis=1)


def _positive(edges: np.ndarray) -> np.ndarray:
    """Return edges for a logarithmic axis, where a band that begins at 0 is drawn as wide as the next one."""
    if edges[0] > 0:
        return edges
    return np.concatenate([[edges[1] ** 2 / edges[2]], edges[1:]])


_NEIGHBOURS = 5.0  # training samples that are shown on either side; a matter of taste


def choice_figure(choice: Choice) -> str:
    """Draw forecast held-out PSNR against bandwidth, a line per family."""
    with picture_style("choice"):
        figure = new_figure(5.4, 3.7)
        draw_candidates(figure.subplots(), choice.candidates, choice.chosen)
        return svg_text(figure, "Forecast held-out PSNR in dB against bandwidth, by family of encoding")


def response_figure(impulse: ImpulseResponse) -> str:
    """Draw the response along the last axis, and in two or more dimensions the plane of the last two axes beside it."""
    with picture_style("response"):
        line, plane = _cut(impulse)
        figure = new_figure(5.4, 3.2)
        if plane is None:
            _draw_line(figure.subplots(), *line)
        else:
            left, right = figure.subplots(1, 2, width_ratios=(1, 1.45))
            _draw_plane(left, *plane)
            _draw_line(right, *line)
        return svg_text(figure, "What one training sample contributes to the reconstruction around it")


Line = tuple[np.ndarray, np.ndarray]  # offsets in training samples, response
Plane = tuple[np.ndarray, np.ndarray, np.ndarray]  # offsets along both axes, response


def _cut(impulse: ImpulseResponse) -> tuple[Line, Plane | None]:
    """Return the middle of the response, up to five training samples from its own sample."""
    offsets = [np.asarray(o) / step for o, step in zip(impulse.offsets, impulse.spacing, strict=True)]
    middle = [int(np.abs(o).argmin()) for o in offsets]
    kept = [np.flatnonzero(np.abs(o) <= _NEIGHBOURS + 1e-9) for o in offsets]
    line = impulse.response[(*middle[:-1], kept[-1])]
    if impulse.response.ndim == 1:
        return (offsets[-1][kept[-1]], line), None
    plane = impulse.response[tuple(middle[:-2])][np.ix_(kept[-2], kept[-1])]
    return (offsets[-1][kept[-1]], line), (offsets[-2][kept[-2]], offsets[-1][kept[-1]], plane)


def _draw_line(axis: Axes, offsets: np.ndarray, response: np.ndarray) -> None:
    axis.axhline(0, color=MUTED, linewidth=0.8)
    axis.plot(offsets, response, color=HELD_OUT, linewidth=1.8)
    at_samples = np.abs(offsets - offsets.round()) < 1e-6
    axis.plot(offsets[at_samples], response[at_samples], "o", color=INK, markersize=3.6, label="at training samples")
    label(axis, "distance, training samples", "response")
    axis.legend(loc="upper right", handletextpad=0.2, borderaxespad=0.0)
    axis.set_ylim(top=1.25 * max(float(response.max()), 1e-12))


def _draw_plane(axis: Axes, rows: np.ndarray, columns: np.ndarray, response: np.ndarray) -> None:
    from matplotlib.ticker import MultipleLocator

    most = max(float(np.abs(response).max()), 1e-12)
    extent = (columns[0], columns[-1], rows[-1], rows[0])
    axis.imshow(response / most, cmap="RdBu_r", vmin=-1, vmax=1, extent=extent, interpolation="nearest")
    axis.set_xlabel("training samples")
    for ticks in (axis.xaxis, axis.yaxis):
        ticks.set_major_locator(MultipleLocator(2))
    axis.set_title("blue is below 0", fontsize=9)
