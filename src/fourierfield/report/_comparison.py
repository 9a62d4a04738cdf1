"""Figures of images side by side, and of a signal's spectrum beside the kernels'."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..tasks._spectrum import LEARNED, EncodingSpectrum, SignalSpectrum
from ._style import new_figure, png_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Panel:
    """An image (H, W, C) in [0, 1] and its caption."""

    caption: str
    values: np.ndarray


_LEAST = 1e-16  # the rounding of float64, below which power is drawn as nothing
_MOST_STEPS = 1e15  # beyond what anyone trains; axes of more decades have labels that leave no room


def comparison_picture(panels: list[Panel], detail: tuple[slice, slice], title: str) -> bytes:
    """Draw each panel above its ``detail`` (a window of rows and columns) as a PNG, with pixels as squares."""
    from matplotlib.patches import Rectangle

    figure = new_figure(3.2 * len(panels), 7.0)
    axes = figure.subplots(2, len(panels), squeeze=False)
    rows, columns = detail
    for column, panel in enumerate(panels):
        image = np.clip(panel.values.squeeze(), 0, 1)
        for axis, part in ((axes[0, column], image), (axes[1, column], image[detail])):
            axis.imshow(part, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set_axis_off()
        corner = (columns.start - 0.5, rows.start - 0.5)
        size = (columns.stop - columns.start, rows.stop - rows.start)
        axes[0, column].add_patch(Rectangle(corner, *size, fill=False, edgecolor="yellow", linewidth=1.2))
        axes[0, column].set_title(panel.caption, fontsize=10)
    figure.suptitle(title, fontsize=12)
    return png_bytes(figure)


def spectrum_picture(analysis: SignalSpectrum) -> bytes:
    """Draw over frequency as a PNG: power and eigenvalues, steps until bands are learned, error left at the end."""
    figure = new_figure(15, 4.8)
    power, steps, left = figure.subplots(1, 3)
    _draw_power(power, analysis)
    _draw_steps(steps, analysis)
    _draw_left(left, analysis)
    scale, unit = float(analysis.signal.domain.scale), analysis.signal.domain.frequency_unit
    for axis in (power, steps, left):
        axis.set_xscale("log")
        axis.set_xlim(0.9 * float(analysis.bands.centres[0]), 1.1 * float(analysis.bands.centres[-1]))
        axis.set_xlabel("frequency, cycles per unit")
        axis.grid(alpha=0.25)
        top = axis.secondary_xaxis("top", functions=(lambda f: f / scale, lambda f: f * scale))
        top.set_xlabel(unit if unit == "Hz" else f"cycles {unit}")
    figure.suptitle(f"{Path(analysis.signal.name).name}: what can be learned in {analysis.steps:,} steps", fontsize=12)
    return png_bytes(figure)


def encoding_name(found: EncodingSpectrum) -> str:
    """Return the family and the bandwidth as a legend shows them."""
    bandwidth = found.encoding.bandwidth
    return found.encoding.family if bandwidth is None else f"{found.encoding.family} {bandwidth:.3g}"


def _draw_power(axis: Axes, analysis: SignalSpectrum) -> None:
    centres = analysis.bands.centres
    relative = analysis.power / analysis.power.max().clamp(min=1e-300)
    axis.plot(centres, relative.clamp(min=_LEAST), "k-", linewidth=2.2, label="the signal's power")
    for found in analysis.encodings:
        axis.plot(centres, found.eigenvalues.clamp(min=_LEAST), marker=".", label=f"kernel of {encoding_name(found)}")
    axis.set_yscale("log")
    axis.set_ylabel("relative to the largest")
    axis.set_title("power of the signal, eigenvalues of the kernels", fontsize=10)
    axis.legend(fontsize=8)


def _draw_steps(axis: Axes, analysis: SignalSpectrum) -> None:
    for found in analysis.encodings:
        inside = found.decay_steps < _MOST_STEPS
        axis.plot(analysis.bands.centres[inside], found.decay_steps[inside], marker="o", label=encoding_name(found))
    axis.axhline(analysis.steps, color="k", linestyle="--", linewidth=1)
    axis.text(float(analysis.bands.centres[0]), analysis.steps, " the budget", va="bottom", fontsize=8)
    axis.set_yscale("log")
    axis.set_ylabel("optimiser steps")
    axis.set_title("steps until a band's error is down by e", fontsize=10)
    axis.legend(fontsize=8)


def _draw_left(axis: Axes, analysis: SignalSpectrum) -> None:
    for found in analysis.encodings:
        axis.plot(analysis.bands.centres, found.left.clamp(min=1e-8), marker="o", label=encoding_name(found))
    axis.axhline(LEARNED, color="k", linestyle="--", linewidth=1)
    axis.set_yscale("log")
    axis.set_ylabel("share of the band's energy")
    axis.set_title("error left when the budget is spent", fontsize=10)
    axis.legend(fontsize=8)
