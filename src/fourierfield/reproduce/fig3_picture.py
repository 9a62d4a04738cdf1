"""The panels and the table of Figure 3."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Curve", "Curves", "picture", "table"]

_BANDS = {"low": 1, "middle": 5, "high": 15}  # DFT bins of the residual, as in the paper's (c)


@dataclass(frozen=True)
class Curve:
    """One mapping: outputs of the trained network and of theory at all points, (T, N)."""

    name: str
    power: float | None
    trained: np.ndarray
    theory: np.ndarray

    @property
    def colour(self) -> str:
        """The same for a power in every figure."""
        return drawing.NONE_COLOUR if self.power is None else drawing.power_colour(self.power)


@dataclass(frozen=True)
class Curves:
    """The signal at ``points`` (N,), every ``finer``-th of them trained on, and what was learned at ``moments``."""

    points: np.ndarray
    signal: np.ndarray
    finer: int
    moments: np.ndarray
    curves: Sequence[Curve]

    def train_mse(self, outputs: np.ndarray) -> np.ndarray:
        """Mean square error on the training points, (T,)."""
        return ((outputs - self.signal)[:, :: self.finer] ** 2).mean(1)

    def test_mse(self, outputs: np.ndarray) -> np.ndarray:
        """Mean square error on all other points, (T,)."""
        other = np.arange(len(self.signal)) % self.finer != 0
        return ((outputs - self.signal)[:, other] ** 2).mean(1)

    def component(self, outputs: np.ndarray, frequency: int) -> np.ndarray:
        """|DFT| of the residual on the training points at one frequency, (T,)."""
        residual = (outputs - self.signal)[:, :: self.finer]
        return np.abs(np.fft.fft(residual, axis=1)[:, frequency % residual.shape[1]])

    def gap(self, curve: Curve) -> float:
        """Largest distance over time of theory from network on the training points, over the first residual's norm."""
        train = slice(None, None, self.finer)
        distance = np.linalg.norm((curve.theory - curve.trained)[:, train], axis=1)
        return float(distance.max() / np.linalg.norm((curve.trained[0] - self.signal)[train]))


def table(results: Curves) -> str:
    """Errors at the end, trained beside theory, and how far the two ever are apart."""
    lines = [
        f"{'':<12}{'training MSE':^24}{'test MSE':^24}{'largest distance':>18}",
        f"{'mapping':<12}{'trained':>12}{'theory':>12}{'trained':>12}{'theory':>12}{'over ‖y − f₀‖':>18}",
    ]
    for curve in results.curves:
        errors = [of(outputs)[-1] for of in (results.train_mse, results.test_mse) for outputs in _both(curve)]
        lines.append(f"{curve.name:<12}" + "".join(f"{e:>12.2e}" for e in errors) + f"{results.gap(curve):>18.1%}")
    best = min(results.curves, key=lambda curve: results.test_mse(curve.trained)[-1])
    return "\n".join(
        [
            *lines,
            f"Lowest test error: {best.name}. The paper, on its 1/f signal: p = 1; p = 0 overfits, p = ∞ and no "
            "mapping underfit, and theory follows training.",
        ]
    )


def picture(results: Curves, reduced: str) -> bytes:
    """Final functions; test and training error; the residual at a low, a middle and a high frequency."""
    figure = drawing.figure(13, 7)
    layout = figure.add_gridspec(2, 4, height_ratios=(1.15, 1))
    _draw_functions(figure.add_subplot(layout[0, :3]), results)
    test, train = figure.add_subplot(layout[0, 3]), figure.add_subplot(layout[1, 3])
    _draw_over_time(test, results, results.test_mse)
    drawing.letter(test, "(b) test error", "step", "mean square error")
    _draw_over_time(train, results, results.train_mse)
    drawing.letter(train, "(d) training error", "step", "mean square error")
    for column, (name, frequency) in enumerate(_BANDS.items()):
        axis = figure.add_subplot(layout[1, column])
        _draw_over_time(axis, results, partial(results.component, frequency=frequency))
        drawing.letter(axis, f"(c) training residual, {name} (bin {frequency})", "step", "|DFT|")
    drawing.titled(figure, "Figure 3: theory (dashed) over trained networks (solid) on a 1/f signal", reduced)
    return drawing.png(figure)


def _both(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    return curve.trained, curve.theory


def _draw_functions(axis: Axes, results: Curves) -> None:
    """A quarter of the signal, as in the paper."""
    count = len(results.points)
    part = slice(count // 2, count * 3 // 4 + 1)
    axis.plot(results.points[part], results.signal[part], color=drawing.INK, lw=2.5, alpha=0.8, label="signal")
    for curve in results.curves:
        axis.plot(results.points[part], curve.trained[-1, part], color=curve.colour, lw=1.5, label=curve.name)
    dots = slice(part.start, part.stop, results.finer)
    axis.plot(
        results.points[dots], results.signal[dots], "o", mfc="white", mec=drawing.INK, ms=7, label="training point"
    )
    drawing.letter(axis, "(a) the trained networks at the end", "v (periods)", "value")
    axis.legend(fontsize=8, ncols=3)
    axis.margins(x=0)


def _draw_over_time(axis: Axes, results: Curves, error: Callable[[np.ndarray], np.ndarray]) -> None:
    """Down to where the networks get: theory alone goes on to rounding."""
    trained = [error(curve.trained) for curve in results.curves]
    for curve, errors in zip(results.curves, trained, strict=True):
        axis.semilogy(results.moments, errors, color=curve.colour, lw=1.5, alpha=0.75)
        axis.semilogy(results.moments, error(curve.theory), "--", color=curve.colour, lw=1.2)
    axis.margins(x=0)
    axis.set_ylim(bottom=min(errors.min() for errors in trained) / 2)
