"""The paper's Figure 3 (and 12): a 1-D signal learned with power-law mappings, theory beside trained networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ..encodings._families import power_law
from ..forecast._dynamics import GradientDescent
from ..forecast._flow import predict
from ..grids._synthetic import power_law_signals, spanning_one
from ..kernels._composed import PointNTK
from ..operators._base import LinearOperator
from ..operators._gram import gram
from . import _drawing as drawing
from ._experiment import Arrays, Experiment, Lab, Outcome
from ._networks import Descent, PlainNetwork, Stack, always, half_sum


@dataclass(frozen=True)
class Case:
    """A mapping in front of the network: its features (N, in) at points (N, 1), and the kernel between points."""

    name: str
    features: Callable[[Tensor], Tensor]
    operator: Callable[[Tensor, Tensor], LinearOperator]


@dataclass(frozen=True)
class Fig3(Experiment):
    """``samples`` training points among ``finer`` times as many points, and mappings b = 1..samples/2, a = b^−p/‖a‖.

    Networks train by gradient descent on ½·Σ at ``rate`` for ``steps``. Only rate·steps matters as long as rate·λ_max
    stays far below 2.
    """

    network: PlainNetwork = field(default_factory=PlainNetwork)
    samples: int = 32
    finer: int = 8
    powers: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, math.inf)
    rate: float = 1e-5
    steps: int = 50_000
    looks: int = 100

    def scaled(self, share: float) -> Self:
        steps = max(1000, round(share * self.steps))  # fewer would need a rate too near 2/λ_max
        return replace(self, steps=steps, rate=self.rate * self.steps / steps)

    @property
    def reduced(self) -> str:
        paper = Fig3()
        if self.steps == paper.steps:
            return ""
        return f"{self.steps:,} steps at rate {self.rate:.3g} for the paper's {paper.steps:,} at {paper.rate:g}"

    @property
    def moments(self) -> list[int]:
        """The numbers of steps after which the networks are evaluated."""
        return sorted({round(i * self.steps / self.looks) for i in range(self.looks + 1)})

    def run(self, lab: Lab) -> Outcome:
        points = torch.arange(self.samples * self.finer, dtype=torch.float64)[:, None] / (self.samples * self.finer)
        signal = self.signal(lab)
        curves = []
        for power in (*self.powers, None):
            case = mapped(self.network, self.samples // 2, power) if power is not None else bare(self.network)
            trained = self._trained(case, points, signal, lab)["outputs"].astype(np.float64)
            curves.append(Curve(case.name, power, trained, self._theory(case, points, signal, trained[0])))
        results = Curves(points[:, 0].numpy(), signal, self.finer, np.array(self.moments), curves)
        return Outcome(picture(results, self.reduced), table(results))

    def signal(self, lab: Lab) -> np.ndarray:
        """Draw a 1/f signal (N,) without energy above its bin N/4, scaled to [−½, ½]."""
        count = self.samples * self.finer
        raw = power_law_signals(1, count, 1.0, lab.numpy_generator("fig3 signal"), below=count // 4)
        return spanning_one(raw[0])

    def _trained(self, case: Case, points: Tensor, signal: np.ndarray, lab: Lab) -> Arrays:
        """Return the outputs of the trained network at all points and moments, (T, N), from the store if there."""
        settings = {"figure": 3, "seed": lab.seed, "mapping": case.name, **asdict(replace(self, powers=()))}
        return lab.store.get(settings, lambda: self._train(case, points, signal, lab))

    def _train(self, case: Case, points: Tensor, signal: np.ndarray, lab: Lab) -> Arrays:
        lab.report(f"training with {case.name}, {self.steps:,} steps")
        features = case.features(points).float()
        network = Stack([self.network.draw(features.shape[1], lab.generator("fig3", case.name))])
        targets = torch.from_numpy(signal[None, :: self.finer]).float()
        descent = Descent(lambda weights: torch.optim.SGD(weights, lr=self.rate), self.steps, half_sum)
        next_batch = always(features[:: self.finer], targets)
        outputs = descent.train(network, next_batch, lab, moments=self.moments, look=lambda: network(features)[0])
        return {"outputs": torch.stack(outputs).numpy()}

    def _theory(self, case: Case, points: Tensor, signal: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Predict f_t at all points, (T, N), from the network's own f₀; the loss is a sum, so time has no divisor."""
        train = points[:: self.finer]
        f0 = torch.from_numpy(start)[:, None]
        found = predict(
            case.operator(train, train),
            torch.from_numpy(signal[:: self.finer, None]),
            GradientDescent(self.rate, torch.tensor(self.moments)),
            cross=case.operator(points, train),
            initial=(f0[:: self.finer], f0),
        ).value
        assert found.elsewhere is not None
        return found.elsewhere[..., 0].numpy()


def mapped(network: PlainNetwork, features: int, power: float) -> Case:
    """Return the case of the mapping b = 1..features with a = b^−p/‖a‖, for p = ``power``."""
    encoding = power_law(1, features, power)
    kernel = network.kernel(encoding)
    return Case(drawing.name_of_power(power), encoding, lambda rows, columns: gram(kernel, rows, columns))


def bare(network: PlainNetwork) -> Case:
    """Return the case without a mapping: the network takes v − ½, on training and test points."""
    kernel = PointNTK(network.limit(1), _centred)
    return Case("no mapping", _centred, lambda rows, columns: gram(kernel, rows, columns))


def _centred(points: Tensor) -> Tensor:
    return points - 0.5


_BANDS = {"low": 1, "middle": 5, "high": 15}  # DFT bins of the residual, as in panel (c) of the paper


@dataclass(frozen=True)
class Curve:
    """One mapping: outputs of the trained network and of theory at all points and moments, (T, N)."""

    name: str
    power: float | None
    trained: np.ndarray
    theory: np.ndarray

    @property
    def colour(self) -> str:
        """The colour of the mapping, the same in every figure."""
        return drawing.NONE_COLOUR if self.power is None else drawing.power_colour(self.power)


@dataclass(frozen=True)
class Curves:
    """The signal at ``points`` (N,), of which every ``finer``-th is a training point, and what was learned of it."""

    points: np.ndarray
    signal: np.ndarray
    finer: int
    moments: np.ndarray
    curves: Sequence[Curve]

    def train_mse(self, outputs: np.ndarray) -> np.ndarray:
        """Compute the mean square error on the training points, (T,)."""
        return ((outputs - self.signal)[:, :: self.finer] ** 2).mean(1)

    def test_mse(self, outputs: np.ndarray) -> np.ndarray:
        """Compute the mean square error on all other points, (T,)."""
        other = np.arange(len(self.signal)) % self.finer != 0
        return ((outputs - self.signal)[:, other] ** 2).mean(1)

    def component(self, outputs: np.ndarray, frequency: int) -> np.ndarray:
        """Compute |DFT| of the residual on the training points at one frequency, (T,)."""
        residual = (outputs - self.signal)[:, :: self.finer]
        return np.abs(np.fft.fft(residual, axis=1)[:, frequency % residual.shape[1]])

    def gap(self, curve: Curve) -> float:
        """Compute the largest distance of theory from the network over time, on the training points.

        It is in units of the first residual's norm.
        """
        train = slice(None, None, self.finer)
        distance = np.linalg.norm((curve.theory - curve.trained)[:, train], axis=1)
        return float(distance.max() / np.linalg.norm((curve.trained[0] - self.signal)[train]))


def table(results: Curves) -> str:
    """Tabulate the final errors, trained beside theory, and the largest distance between the two over time."""
    lines = [
        f"{'':<12}{'training MSE':^24}{'test MSE':^24}{'largest distance':>18}",
        f"{'mapping':<12}{'trained':>12}{'theory':>12}{'trained':>12}{'theory':>12}{'over ‖y − f₀‖':>18}",
    ]
    for curve in results.curves:
        both = curve.trained, curve.theory
        errors = [of(outputs)[-1] for of in (results.train_mse, results.test_mse) for outputs in both]
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
    """Draw the final functions, test and training errors, and the residual at a low, middle and high frequency."""
    figure = drawing.figure(13, 7)
    layout = figure.add_gridspec(2, 4, height_ratios=(1.15, 1))
    _draw_functions(figure.add_subplot(layout[0, :3]), results)
    test, train = figure.add_subplot(layout[0, 3]), figure.add_subplot(layout[1, 3])
    _draw_over_time(test, results, results.test_mse)
    drawing.label_panel(test, "(b) test error", "step", "mean square error")
    _draw_over_time(train, results, results.train_mse)
    drawing.label_panel(train, "(d) training error", "step", "mean square error")
    for column, (name, frequency) in enumerate(_BANDS.items()):
        axis = figure.add_subplot(layout[1, column])
        _draw_over_time(axis, results, partial(results.component, frequency=frequency))
        drawing.label_panel(axis, f"(c) training residual, {name} (bin {frequency})", "step", "|DFT|")
    drawing.titled(figure, "Figure 3: theory (dashed) over trained networks (solid) on a 1/f signal", reduced)
    return drawing.png(figure)


def _draw_functions(axis: drawing.Axes, results: Curves) -> None:
    """Draw a quarter of the signal, as in the paper."""
    count = len(results.points)
    part = slice(count // 2, count * 3 // 4 + 1)
    axis.plot(results.points[part], results.signal[part], color=drawing.INK, lw=2.5, alpha=0.8, label="signal")
    for curve in results.curves:
        axis.plot(results.points[part], curve.trained[-1, part], color=curve.colour, lw=1.5, label=curve.name)
    dots = slice(part.start, part.stop, results.finer)
    axis.plot(
        results.points[dots], results.signal[dots], "o", mfc="white", mec=drawing.INK, ms=7, label="training point"
    )
    drawing.label_panel(axis, "(a) the trained networks at the end", "v (periods)", "value")
    axis.legend(fontsize=8, ncols=3)
    axis.margins(x=0)


def _draw_over_time(axis: drawing.Axes, results: Curves, error: Callable[[np.ndarray], np.ndarray]) -> None:
    """Draw errors over time, down to those of the networks: theory alone would go on to rounding errors."""
    trained = [error(curve.trained) for curve in results.curves]
    for curve, errors in zip(results.curves, trained, strict=True):
        axis.semilogy(results.moments, errors, color=curve.colour, lw=1.5, alpha=0.75)
        axis.semilogy(results.moments, error(curve.theory), "--", color=curve.colour, lw=1.2)
    axis.margins(x=0)
    axis.set_ylim(bottom=min(errors.min() for errors in trained) / 2)
