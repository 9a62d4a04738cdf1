"""A signal's spectrum beside the kernels', and which bands a budget of steps reaches."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..fitting.spectrum import LEARNED, EncodingSpectrum, SignalSpectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["encoding_name", "spectrum_picture"]


def spectrum_picture(analysis: SignalSpectrum) -> bytes:
    """A PNG of three panels over frequency: the signal's power beside the kernels' eigenvalues, the steps until each
    band is learned, and what of each band's error is left when the budget is spent."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.8), layout="constrained")
    power, steps, left = figure.subplots(1, 3)
    _draw_power(power, analysis)
    _draw_steps(steps, analysis)
    _draw_left(left, analysis)
    scale, unit = float(analysis.signal.domain.scale), analysis.signal.domain.frequency_unit
    for axis in (power, steps, left):
        axis.set_xscale("log")
        axis.set_xlabel("frequency, cycles per unit")
        axis.grid(alpha=0.25)
        top = axis.secondary_xaxis("top", functions=(lambda f: f / scale, lambda f: f * scale))
        top.set_xlabel(unit if unit == "Hz" else f"cycles {unit}")
    figure.suptitle(f"{Path(analysis.signal.name).name}: what can be learned in {analysis.steps:,} steps", fontsize=12)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def encoding_name(found: EncodingSpectrum) -> str:
    """Family and bandwidth, as a legend has them."""
    bandwidth = found.encoding.bandwidth
    return found.encoding.family if bandwidth is None else f"{found.encoding.family} {bandwidth:.3g}"


def _draw_power(axis: Axes, analysis: SignalSpectrum) -> None:
    centres = analysis.bands.centres
    relative = analysis.power / analysis.power.max().clamp(min=1e-300)
    axis.plot(centres, relative, "k-", linewidth=2.2, label="the signal's power")
    for found in analysis.encodings:
        axis.plot(centres, found.eigenvalues, marker=".", label=f"kernel of {encoding_name(found)}")
    axis.set_yscale("log")
    axis.set_ylabel("relative to the largest")
    axis.set_title("power of the signal, eigenvalues of the kernels", fontsize=10)
    axis.legend(fontsize=8)


def _draw_steps(axis: Axes, analysis: SignalSpectrum) -> None:
    for found in analysis.encodings:
        inside = torch.isfinite(found.decay_steps)
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
