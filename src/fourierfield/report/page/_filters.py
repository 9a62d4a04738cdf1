"""Figures of the kernel: the contribution of one training sample, and the candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._candidates import draw_candidates
from .._style import HELD_OUT, INK, MUTED, label, new_figure, picture_style, svg_text
from ._content import Choice, ImpulseResponse

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
