"""The paper's Figure 4: the spread of a random mapping's frequencies matters, not the law that they are drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ..encodings._families import power_law
from ..encodings._fourier import FourierEncoding
from ..encodings._laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, UniformLaw
from ..forecast._dynamics import GradientFlow
from ..forecast._flow import predict
from ..grids._domain import Grid
from ..grids._synthetic import power_law_signals, spanning_one
from ..operators._gram import gram
from . import _drawing as drawing
from ._experiment import Arrays, Experiment, Lab, Outcome
from ._networks import Descent, PlainNetwork, Stack, always, half_sum

_TIMES = torch.logspace(-5, 4, 73, dtype=torch.float64)  # moments τ of theory, 8 to a decade

LAWS: dict[str, Callable[[float], FrequencyLaw]] = {
    "Gaussian": lambda scale: GaussianLaw((32 * scale,)),
    "uniform": lambda scale: UniformLaw((64 * scale,)),
    "log-uniform": lambda scale: LogUniformLaw((80 * scale,)),
    "Laplace": lambda scale: LaplaceLaw((20 * math.sqrt(2) * scale,)),  # the paper's 20 is the law's scale, ours its sd
}


@dataclass(frozen=True)
class Fig4(Experiment):
    """1/f^α signals on 2·``samples`` points of [0, 1), of which every second is a training point.

    Mappings have ``features`` random frequencies. Networks are trained on ``trained_signals`` of the ``signals`` by
    Adam on ½·Σ at ``rate`` for ``steps``. ``dense_powers`` are the paper's powers, one for each α, of the dense mapping
    b = 1..samples/2 with which they are compared.
    """

    network: PlainNetwork = field(default_factory=lambda: PlainNetwork(width=256))
    samples: int = 1024
    alphas: tuple[float, ...] = (0.5, 1.0, 1.5)
    dense_powers: tuple[float, ...] = (0.4, 0.75, 1.5)
    scales: tuple[float, ...] = tuple(2.0 ** (-5 + 9 * i / 8) for i in range(9))
    features: int = 16
    signals: int = 4
    trained_signals: int = 4
    rate: float = 2e-3
    steps: int = 1000

    def scaled(self, share: float) -> Self:
        return replace(self, trained_signals=max(1, round(share * self.signals)))

    @property
    def reduced(self) -> str:
        return "" if self.trained_signals == self.signals else f"{self.trained_signals} of {self.signals} signals"

    def run(self, lab: Lab) -> Outcome:
        panels = []
        for alpha, power in zip(self.alphas, self.dense_powers, strict=True):
            signals = self.draw_signals(alpha, lab)
            scores = {law: self._sweep(alpha, law, signals, lab) for law in LAWS}
            dense = [power_law(1, self.samples // 2, power)] * len(signals)
            panels.append(Panel(alpha, power, scores, self._scores((alpha, "dense", power), dense, signals, lab)))
        return Outcome(picture(panels, self.reduced), table(panels))

    def draw_signals(self, alpha: float, lab: Lab) -> Tensor:
        """Draw the signals to train on, (S, 2·samples), scaled to [−½, ½] together with those left out."""
        raw = power_law_signals(self.signals, 2 * self.samples, alpha, lab.numpy_generator("fig4", alpha))
        return torch.from_numpy(spanning_one(raw)[: self.trained_signals])

    def _sweep(self, alpha: float, law: str, signals: Tensor, lab: Lab) -> Scores:
        """Score one law at every scale, with a mapping of its own for each signal."""
        parts = []
        for scale in self.scales:
            generator = lab.generator("fig4 frequencies", alpha, law, scale)
            drawn = [LAWS[law](scale).draw(self.features, generator) for _ in signals]
            amplitudes = torch.full((self.features,), self.features**-0.5)
            encodings = [FourierEncoding(frequencies, amplitudes) for frequencies in drawn]
            parts.append(self._scores((alpha, law, scale), encodings, signals, lab))
        return Scores.joined(parts)

    def _scores(
        self, case: tuple[float, str, float], encodings: list[FourierEncoding], signals: Tensor, lab: Lab
    ) -> Scores:
        """Score trained networks and theory behind one mapping per signal."""
        settings = {"figure": 4, "seed": lab.seed, "case": case, **self._settings()}
        run = lab.store.get(settings, lambda: self._train_and_forecast(case, encodings, signals, lab))
        spread = np.array([float(e.rms_frequency[0]) for e in encodings])
        return Scores(spread, run["trained"], run["theory"])

    def _settings(self) -> dict[str, object]:
        swept = ("alphas", "dense_powers", "scales")
        return {name: value for name, value in asdict(self).items() if name not in swept}

    def _train_and_forecast(
        self, case: tuple[float, str, float], encodings: list[FourierEncoding], signals: Tensor, lab: Lab
    ) -> Arrays:
        alpha, law, scale = case
        lab.report(f"training for α = {alpha:g} with {law} frequencies at {scale:.3g}, {len(signals)} signals")
        trained = self._train(encodings, signals, lab, lab.generator("fig4 weights", *case))
        theory = [self.forecast(e, s) for e, s in zip(encodings, signals, strict=True)]
        return {"trained": trained, "theory": np.stack(theory)}

    def _train(
        self, encodings: list[FourierEncoding], signals: Tensor, lab: Lab, generator: torch.Generator
    ) -> np.ndarray:
        """Train one network per signal and return mean square errors between the training points, (S,)."""
        points = torch.arange(2 * self.samples, dtype=torch.float64)[:, None] / (2 * self.samples)
        features = torch.stack([encoding(points) for encoding in encodings]).float()
        network = Stack([self.network.draw(features.shape[2], generator) for _ in encodings])
        descent = Descent(lambda weights: torch.optim.Adam(weights, lr=self.rate), self.steps, half_sum)
        next_batch = always(features[:, ::2], signals[:, ::2].float())
        (outputs,) = descent.train(
            network, next_batch, lab, moments=[self.steps], look=lambda: network(features[:, 1::2])
        )
        return (outputs - signals[:, 1::2]).square().mean(1).numpy()

    def forecast(self, encoding: FourierEncoding, signal: Tensor) -> np.ndarray:
        """Forecast the mean square error between the training points over time, (T,), from f₀ = 0."""
        step = 1 / self.samples
        train = Grid.from_origin((0.0,), (step,), (self.samples,))
        between = Grid.from_origin((step / 2,), (step,), (self.samples,))
        kernel = self.network.kernel(encoding)
        cross = gram(kernel, between, train)
        found = predict(gram(kernel, train), signal[::2, None], GradientFlow(_TIMES), cross=cross, tolerance=1e-6).value
        assert found.elsewhere is not None
        return (found.elsewhere[..., 0] - signal[1::2]).square().mean(1).numpy()


_DEGREE = 5  # of the polynomial that models the curve common to all laws


@dataclass(frozen=True)
class Scores:
    """Test errors of mappings by the root mean square ``spread`` of their frequencies (n,).

    ``trained`` (n,) are those of networks, ``theory`` (n, T) those of theory over time.
    """

    spread: np.ndarray
    trained: np.ndarray
    theory: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """Concatenate the mappings of several scores."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


@dataclass(frozen=True)
class Panel:
    """One α: the ``scores`` of each law and those of the ``dense`` mapping with amplitudes b^−``dense_power``."""

    alpha: float
    dense_power: float
    scores: Mapping[str, Scores]
    dense: Scores

    @property
    def all(self) -> Scores:
        """The mappings of all laws."""
        return Scores.joined(list(self.scores.values()))

    @property
    def best(self) -> tuple[float, float]:
        """The spread and the error of the best trained mapping."""
        index = int(np.argmin(self.all.trained))
        return float(self.all.spread[index]), float(self.all.trained[index])

    @property
    def moment(self) -> int:
        """The index of the time at which theory is nearest to the networks.

        One time serves all mappings, since Adam's steps have no time of their own.
        """
        distance = np.log(self.all.theory) - np.log(self.all.trained)[:, None]
        return int((distance**2).mean(0).argmin())

    def off_the_curve(self) -> tuple[dict[str, float], float]:
        """Compute the mean distance of each law and the rms distance of single mappings from one curve, in decades."""
        everything = self.all
        degree = min(_DEGREE, len(everything.spread) // 3)
        curve = np.polynomial.Polynomial.fit(np.log2(everything.spread), np.log10(everything.trained), degree)

        def distance(scores: Scores) -> np.ndarray:
            return np.log10(scores.trained) - curve(np.log2(scores.spread))

        means = {law: float(distance(scores).mean()) for law, scores in self.scores.items()}
        return means, float(np.sqrt((distance(everything) ** 2).mean()))


def table(panels: Sequence[Panel]) -> str:
    """Tabulate the best mapping, the dense one, the effects of spread and of law, and theory's distance."""
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
    """Draw the test error against the spread of the frequencies."""
    figure = drawing.figure(max(8.6, 4.3 * len(panels)), 4.4)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, panel, name in zip(axes, panels, "abcdef", strict=False):
        _draw(axis, panel)
        drawing.label_panel(
            axis, f"({name}) 1/f$^α$, α = {panel.alpha:g}", "spread of frequencies (rms, cycles)", "test MSE"
        )
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    drawing.titled(figure, "Figure 4: test error by the spread of 16 random frequencies, whatever their law", reduced)
    return drawing.png(figure)


def _draw(axis: drawing.Axes, panel: Panel) -> None:
    for colour, (law, scores) in zip(drawing.SERIES, panel.scores.items(), strict=False):
        axis.loglog(scores.spread, scores.trained, "o", color=colour, ms=5, alpha=0.85, label=law)
        axis.loglog(scores.spread, scores.theory[:, panel.moment], "+", color=colour, ms=6, label=None)
    axis.plot([], [], "+", color="gray", label="theory at one time for all")
    axis.axhline(panel.dense.trained.mean(), color=drawing.INK, ls="--", lw=1.2, label="dense mapping, trained")
    axis.axhline(
        panel.dense.theory[:, panel.moment].mean(), color=drawing.INK, ls=":", lw=1.2, label="dense mapping, theory"
    )
    axis.set_xscale("log", base=2)
