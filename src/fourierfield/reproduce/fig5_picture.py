"""The panels and the table of Figure 5."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Family", "picture", "table"]

_PAPER_BEST = {1.0: 0.75, 1.5: 1.0, 2.0: 1.25}
_INFINITY = 2.5  # where p = ∞ stands on the axis


@dataclass(frozen=True)
class Family:
    """Signals 1/f^α: theory's error by power, ``chosen_by`` on the signals to choose by and ``errors`` (S,) on others.

    ``trained`` are networks' errors on those others; None stands for the free ``amplitudes``, whose kernel has the
    eigenvalues ``spectrum``.
    """

    alpha: float
    chosen_by: Mapping[float, float]
    errors: Mapping[float | None, np.ndarray]
    trained: Mapping[float | None, np.ndarray]
    amplitudes: np.ndarray
    spectrum: np.ndarray

    @property
    def best(self) -> float:
        """The power with the lowest mean error on the signals to choose by."""
        return min(self.chosen_by, key=lambda power: self.chosen_by[power])

    def of_the_trained(self, power: float | None) -> np.ndarray:
        """Theory's errors on the signals that networks were trained on."""
        return self.errors[power][: len(self.trained[power])]


def table(families: Sequence[Family]) -> str:
    """Best powers beside the paper's; test errors by theory, and trained beside theory on the same signals."""
    lines = [
        f"{'':>5}{'best power':^20}{'theory, test MSE with':^33}{'test MSE, best p tried':>25}{'test MSE, free a':>21}",
        f"{'α':>5}{'here':>8}{'the paper':>12}{'best p':>12}{'free a':>10}{'p = ∞':>11}"
        f"{'trained':>12}{'theory':>10}{'trained':>14}{'theory':>10}",
    ]
    for family in families:
        tried = min((p for p in family.trained if p is not None), key=lambda power: family.trained[power].mean())
        theory = [family.errors[p].mean() for p in (family.best, None, math.inf)]
        beside = [of.mean() for p in (tried, None) for of in (family.trained[p], family.of_the_trained(p))]
        lines.append(
            f"{family.alpha:>5g}{family.best:>8g}{_PAPER_BEST.get(family.alpha, math.nan):>12g}"
            + "{:>12.2e}{:>10.2e}{:>11.2e}".format(*theory)
            + "{:>12.2e}{:>10.2e}{:>14.2e}{:>10.2e}".format(*beside)
        )
    return "\n".join([*lines, "The paper: best p ≈ 0.75, 1 and 1.25; its plot marks free a beside each."])


def picture(families: Sequence[Family], reduced: str) -> bytes:
    """Amplitudes; spectra; errors by power."""
    figure = drawing.figure(13, 4.4)
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 1.35))
    for colour, family in zip(drawing.SERIES[::2], families, strict=False):
        _draw_amplitudes(axes[0], family, colour)
        axes[1].semilogy(family.spectrum, color=colour, lw=1.5, label=f"for α = {family.alpha:g}")
        _draw_errors(axes[2], family, colour)
    drawing.letter(axes[0], "(a) optimised amplitudes", "frequency b (cycles per period)", "|a|/‖a‖")
    drawing.letter(axes[1], "(b) eigenvalues of their kernels", "frequency (cycles per period)", "λ")
    drawing.letter(axes[2], "(c) test error", "power p of a = b$^{-p}$", "mean square error")
    axes[2].set_xticks([0, 0.5, 1, 1.5, 2, _INFINITY], ["0", "0.5", "1", "1.5", "2", "∞"])
    axes[1].legend(fontsize=8)
    _explain(axes[0], axes[2])
    drawing.titled(figure, "Figure 5: the best Fourier features for 1/f$^α$ signals, by the closed form", reduced)
    return drawing.png(figure)


def _draw_amplitudes(axis: Axes, family: Family, colour: str) -> None:
    frequency = np.arange(1, len(family.amplitudes) + 1)
    law = frequency ** -min(family.best, 99.0)
    axis.loglog(
        frequency, family.amplitudes / np.linalg.norm(family.amplitudes), color=colour, label=f"α = {family.alpha:g}"
    )
    axis.loglog(frequency, law / np.linalg.norm(law), "--", color=colour, label=f"best power, p = {family.best:g}")
    axis.set_ylim(bottom=1e-4)


def _draw_errors(axis: Axes, family: Family, colour: str) -> None:
    powers = [p for p in family.errors if p is not None]
    places = [min(p, _INFINITY) for p in powers]
    mean, spread = (np.array([of(family.errors[p]) for p in powers]) for of in (np.mean, np.std))
    finite = [p < math.inf for p in powers]
    axis.semilogy(np.array(places)[finite], mean[finite], color=colour, lw=1.5)
    axis.fill_between(
        np.array(places)[finite], (mean - spread)[finite], (mean + spread)[finite], color=colour, alpha=0.12, lw=0
    )
    axis.semilogy([_INFINITY], [mean[-1]], "_", color=colour, ms=12, mew=2)
    best = min(family.best, _INFINITY)
    axis.plot([best], [family.errors[family.best].mean()], "x", color=colour, ms=9, mew=2)
    axis.hlines(family.errors[None].mean(), best - 0.2, best + 0.2, color=colour, ls=":", lw=2)
    tried = [p for p in family.trained if p is not None]
    at = [min(p, _INFINITY) for p in tried]
    axis.plot(at, [family.trained[p].mean() for p in tried], "o", mfc="white", mec=colour, ms=6)
    axis.plot(at, [family.of_the_trained(p).mean() for p in tried], "+", color=colour, ms=7)
    axis.annotate(f"α = {family.alpha:g}", (places[-2] + 0.05, mean[-2]), fontsize=9, color=colour, va="center")


def _explain(amplitudes: Axes, errors: Axes) -> None:
    from matplotlib.lines import Line2D

    amplitudes.legend(fontsize=7)
    marks = [
        Line2D([], [], color="gray", label="theory, mean ± sd of test signals"),
        Line2D([], [], color="gray", marker="x", ls="", ms=8, mew=2, label="best power on other signals"),
        Line2D([], [], color="gray", ls=":", lw=2, label="optimised amplitudes"),
        Line2D([], [], color="gray", marker="o", mfc="white", ls="", label="trained networks"),
        Line2D([], [], color="gray", marker="+", ls="", label="theory on their signals"),
    ]
    errors.legend(handles=marks, fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.14), ncols=2, frameon=False)
