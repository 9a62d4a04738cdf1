"""The panels and the table of Figure 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Panel", "Scores", "picture", "table"]

_DEGREE = 5  # of the polynomial that stands for the one curve


@dataclass(frozen=True)
class Scores:
    """Mappings by the root mean square ``spread`` of their frequencies, (n,): test errors ``trained`` (n,) and by
    ``theory`` over time, (n, T)."""

    spread: np.ndarray
    trained: np.ndarray
    theory: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """All mappings of several."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


@dataclass(frozen=True)
class Panel:
    """One α: ``scores`` of each law, and of the ``dense`` mapping with amplitudes b^−``dense_power``."""

    alpha: float
    dense_power: float
    scores: Mapping[str, Scores]
    dense: Scores

    @property
    def all(self) -> Scores:
        """Every law's mappings."""
        return Scores.joined(list(self.scores.values()))

    @property
    def best(self) -> tuple[float, float]:
        """Spread and error of the best trained mapping."""
        index = int(np.argmin(self.all.trained))
        return float(self.all.spread[index]), float(self.all.trained[index])

    @property
    def moment(self) -> int:
        """The time at which theory is nearest to the networks: one for all mappings, since Adam's steps have none."""
        distance = np.log(self.all.theory) - np.log(self.all.trained)[:, None]
        return int((distance**2).mean(0).argmin())

    def off_the_curve(self) -> tuple[dict[str, float], float]:
        """Mean distance of each law from one curve through all, and of single mappings from it, decades (rms)."""
        everything = self.all
        degree = min(_DEGREE, len(everything.spread) // 3)
        curve = np.polynomial.Polynomial.fit(np.log2(everything.spread), np.log10(everything.trained), degree)

        def distance(scores: Scores) -> np.ndarray:
            return np.log10(scores.trained) - curve(np.log2(scores.spread))

        means = {law: float(distance(scores).mean()) for law, scores in self.scores.items()}
        return means, float(np.sqrt((distance(everything) ** 2).mean()))


def table(panels: Sequence[Panel]) -> str:
    """Best mappings, the dense one, how far laws are apart beside what the spread does, and theory's distance."""
    lines = [
        f"{'':>5}{'best random mapping':^22}{'dense':>10}{'worst over':>12}{'laws apart':>12}{'single ones':>13}"
        f"{'theory off':>13}",
        f"{'α':>5}{'spread':>10}{'test MSE':>12}{'test MSE':>10}{'best':>12}{'by':>12}{'by (rms)':>13}{'by (rms)':>13}",
    ]
    for panel in panels:
        everything = panel.all
        means, scatter = panel.off_the_curve()
        apart = 10 ** (max(means.values()) - min(means.values()))
        off = np.log10(everything.theory[:, panel.moment] / everything.trained)
        factors = (apart, 10**scatter, 10 ** np.sqrt((off**2).mean()))
        lines.append(
            f"{panel.alpha:>5g}{panel.best[0]:>10.1f}{panel.best[1]:>12.2e}{panel.dense.trained.mean():>10.2e}"
            f"{everything.trained.max() / panel.best[1]:>11.1f}×" + "{:>11.2f}×{:>12.2f}×{:>12.2f}×".format(*factors)
        )
    return "\n".join(
        [
            *lines,
            "The paper: all laws trace one curve; the best sparse mappings match the dense one; a small spread "
            "underfits, a large one overfits.",
        ]
    )


def picture(panels: Sequence[Panel], reduced: str) -> bytes:
    """Test error against the spread of the frequencies."""
    figure = drawing.figure(max(8.6, 4.3 * len(panels)), 4.4)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, panel, name in zip(axes, panels, "abcdef", strict=False):
        _draw(axis, panel)
        drawing.letter(
            axis, f"({name}) 1/f$^α$, α = {panel.alpha:g}", "spread of frequencies (rms, cycles)", "test MSE"
        )
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    drawing.titled(figure, "Figure 4: test error by the spread of 16 random frequencies, whatever their law", reduced)
    return drawing.png(figure)


def _draw(axis: Axes, panel: Panel) -> None:
    for colour, (law, scores) in zip(drawing.SERIES, panel.scores.items(), strict=False):
        axis.loglog(scores.spread, scores.trained, "o", color=colour, ms=5, alpha=0.85, label=law)
        axis.loglog(scores.spread, scores.theory[:, panel.moment], "+", color=colour, ms=6, label=None)
    axis.plot([], [], "+", color="gray", label="theory at one time for all")
    axis.axhline(panel.dense.trained.mean(), color=drawing.INK, ls="--", lw=1.2, label="dense mapping, trained")
    axis.axhline(
        panel.dense.theory[:, panel.moment].mean(), color=drawing.INK, ls=":", lw=1.2, label="dense mapping, theory"
    )
    axis.set_xscale("log", base=2)
