"""The paper's Figure 5: power laws and free amplitudes, found through the closed form of training.

On a circle this closed form is differentiable with respect to the amplitudes of the mapping.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ..forecast._dynamics import GradientFlow
from ..grids._synthetic import power_law_signals, spanning_one
from ..kernels._duals import PairMoments
from ..kernels._infinite import InfiniteMLP
from . import _drawing as drawing
from ._experiment import Arrays, Experiment, Lab, Outcome
from ._networks import Descent, PlainNetwork, Stack, always, half_sum


def offset_kernels(amplitudes: Tensor, samples: int, network: InfiniteMLP) -> tuple[Tensor, Tensor]:
    """Compute K at the offsets i/samples and at (i + ½)/samples, i = 0..samples − 1.

    The mapping is b = 1..m with these ``amplitudes``. The NTK of ReLU networks has a kink at δ = 0, but K(0) does not
    depend on the amplitudes, so it is computed apart and gets no gradient.
    """
    offsets = torch.arange(1, 2 * samples, dtype=torch.float64) / (2 * samples)
    frequencies = torch.arange(1, len(amplitudes) + 1, dtype=torch.float64)
    shares = amplitudes.square() / amplitudes.square().sum()
    gap = 2 * torch.sin(math.pi * offsets[:, None] * frequencies).square() @ shares
    variance = 1 / (2 * len(amplitudes))  # ‖γ‖²/fan_in of unit-norm features
    values = network(PairMoments.stationary(variance, variance * gap)).ntk
    peak = network(PairMoments.stationary(variance, torch.zeros(1, dtype=torch.float64))).ntk
    kernel = torch.cat([peak, values])
    return kernel[::2], kernel[1::2]


def held_out_error(on: Tensor, between: Tensor, signals: Tensor, time: float) -> Tensor:
    """Compute the mean square error at the odd points of ``signals`` (S, 2N), trained on the even ones, (S,).

    Training starts from f₀ = 0 and ends at ``time``, with the loss ½·Σ. On a circle K is circulant, so
    f = ifft(k̂_* φ(λ) ŷ) with λ = k̂ (the paper, Eq. 3 and its supplement). ``on`` and ``between`` are those of
    ``offset_kernels``.
    """
    eigenvalues = torch.fft.fft(on).real
    response = GradientFlow(torch.tensor([time], dtype=torch.float64)).response(eigenvalues)[0]
    spectrum = torch.fft.fft(signals[:, ::2]) * torch.fft.fft(between) * response
    return (torch.fft.ifft(spectrum).real - signals[:, 1::2]).square().mean(1)


@dataclass(frozen=True)
class Fig5(Experiment):
    """1/f^α signals on 2·``samples`` points of the circle, of which every second is a training point; b = 1..samples/2.

    Training is gradient descent on ½·Σ for ``steps`` at ``rate``. Powers and amplitudes are chosen on
    ``training_signals`` by the error between the training points, which the closed form gives at time rate·steps. They
    are scored on ``test_signals``; real networks behind ``trained_powers`` are trained on ``trained_signals`` of these.
    """

    network: PlainNetwork = field(default_factory=PlainNetwork)
    samples: int = 128
    alphas: tuple[float, ...] = (1.0, 1.5, 2.0)
    powers: tuple[float, ...] = (*(i / 8 for i in range(17)), math.inf)
    training_signals: int = 1024
    test_signals: int = 8
    amplitude_steps: int = 800
    amplitude_rate: float = 0.01
    rate: float = 5e-3
    steps: int = 1000
    trained_signals: int = 8
    trained_powers: tuple[float, ...] = (*(i / 8 for i in range(17)), math.inf)

    def scaled(self, share: float) -> Self:
        if share >= 1:
            return self
        signals = max(1, round(share * self.trained_signals))
        return replace(self, trained_signals=signals, trained_powers=(0.0, 0.5, 1.0, 1.5, 2.0, math.inf))

    @property
    def reduced(self) -> str:
        paper = Fig5()
        if self.trained_signals == paper.trained_signals:
            return ""
        return (
            f"networks trained on {self.trained_signals} of {paper.trained_signals} test signals, "
            f"{len(self.trained_powers)} of {len(paper.trained_powers)} powers"
        )

    def run(self, lab: Lab) -> Outcome:
        families = [self._family(alpha, lab) for alpha in self.alphas]
        return Outcome(picture(families, self.reduced), table(families))

    def _family(self, alpha: float, lab: Lab) -> Family:
        training, test = self.signals(alpha, lab)
        settings = {"figure": 5, "seed": lab.seed, "alpha": alpha, **self._settings()}
        free = torch.from_numpy(lab.store.get(settings, lambda: self._optimise(alpha, training, lab))["amplitudes"])
        laws: dict[float | None, Tensor] = {p: power_amplitudes(self.samples // 2, p) for p in self.powers}
        tried: dict[float | None, Tensor] = {p: power_amplitudes(self.samples // 2, p) for p in self.trained_powers}
        return Family(
            alpha,
            chosen_by={p: float(self.errors(laws[p], training).mean()) for p in self.powers},
            errors={p: self.errors(a, test).numpy() for p, a in [*laws.items(), (None, free)]},
            trained={p: self._trained(alpha, p, a, test, lab) for p, a in [*tried.items(), (None, free)]},
            amplitudes=free.numpy(),
            spectrum=self.spectrum(free),
        )

    def signals(self, alpha: float, lab: Lab) -> tuple[Tensor, Tensor]:
        """Draw the signals to choose by and those to score on, (S, 2·samples), each set scaled to [−½, ½]."""
        sets = [
            power_law_signals(count, 2 * self.samples, alpha, lab.numpy_generator("fig5", alpha, name))
            for name, count in (("training", self.training_signals), ("test", self.test_signals))
        ]
        return torch.from_numpy(spanning_one(sets[0])), torch.from_numpy(spanning_one(sets[1]))

    def errors(self, amplitudes: Tensor, signals: Tensor) -> Tensor:
        """Compute the mean square error of each signal between the training points after training, (S,)."""
        on, between = offset_kernels(amplitudes, self.samples, self.network.limit(2 * len(amplitudes)))
        return held_out_error(on, between, signals, self.rate * self.steps)

    def spectrum(self, amplitudes: Tensor) -> np.ndarray:
        """Compute the eigenvalues of the kernel on the training points, for frequencies 0..samples/2."""
        on, _ = offset_kernels(amplitudes, self.samples, self.network.limit(2 * len(amplitudes)))
        return torch.fft.rfft(on).real.numpy()

    def _settings(self) -> dict[str, object]:
        """Return the settings on which every run depends; the powers that are tried do not count."""
        names = ("alphas", "powers", "trained_powers", "trained_signals")
        return {name: value for name, value in asdict(self).items() if name not in names}

    def _optimise(self, alpha: float, signals: Tensor, lab: Lab) -> Arrays:
        """Optimise the amplitudes by Adam, from p = ∞ with a little noise, where the paper's notebook starts."""
        lab.report(
            f"optimising amplitudes for α = {alpha:g}: {self.amplitude_steps} steps of Adam through the closed form"
        )
        start = power_amplitudes(self.samples // 2, math.inf)
        noise = torch.randn(len(start), generator=lab.generator("fig5 start", alpha), dtype=torch.float64)
        amplitudes = (start + 1e-3 * noise.abs()).requires_grad_()
        adam = torch.optim.Adam([amplitudes], lr=self.amplitude_rate)
        losses = []
        for step in range(self.amplitude_steps):
            lab.check_stop(step)
            adam.zero_grad()
            loss = 0.5 * self.errors(amplitudes, signals).mean()
            loss.backward()
            adam.step()
            losses.append(float(loss.detach()))
        return {"amplitudes": amplitudes.detach().abs().numpy(), "losses": np.array(losses)}

    def _trained(self, alpha: float, power: float | None, amplitudes: Tensor, test: Tensor, lab: Lab) -> np.ndarray:
        """Train networks on the first test signals and return mean square errors between the training points, (S,)."""
        settings = {"figure": 5, "seed": lab.seed, "alpha": alpha, "power": power, "signals": self.trained_signals}
        run = lab.store.get(
            {**settings, **self._settings()}, lambda: self._train((alpha, power), amplitudes, test, lab)
        )
        return run["errors"]

    def _train(self, case: tuple[float, float | None], amplitudes: Tensor, test: Tensor, lab: Lab) -> Arrays:
        alpha, power = case
        named = "free amplitudes" if power is None else drawing.name_of_power(power)
        lab.report(f"training for α = {alpha:g} with {named}: {self.steps:,} steps, {self.trained_signals} signals")
        points = torch.arange(2 * self.samples, dtype=torch.float64)[:, None] / (2 * self.samples)
        features = features_of(amplitudes, points)
        signals = test[: self.trained_signals].float()
        generator = lab.generator("fig5 weights", alpha, power)
        network = Stack([self.network.draw(features.shape[1], generator) for _ in signals])
        descent = Descent(lambda weights: torch.optim.SGD(weights, lr=self.rate), self.steps, half_sum)
        next_batch = always(features[::2], signals[:, ::2])
        (outputs,) = descent.train(network, next_batch, lab, moments=[self.steps], look=lambda: network(features))
        return {"errors": (outputs - signals)[:, 1::2].square().mean(1).numpy()}


def power_amplitudes(count: int, power: float) -> Tensor:
    """Return a_b = b^−p for b = 1..count; p = ∞ leaves only b = 1."""
    frequencies = torch.arange(1, count + 1, dtype=torch.float64)
    return frequencies**-power if power < math.inf else (frequencies == 1).double()


def features_of(amplitudes: Tensor, points: Tensor) -> Tensor:
    """Compute γ of unit norm with b = 1..m at points (N, 1), float32."""
    frequencies = torch.arange(1, len(amplitudes) + 1, dtype=torch.float64)[:, None]
    return FourierEncoding(frequencies, amplitudes / amplitudes.norm())(points).float()


_PAPER_BEST = {1.0: 0.75, 1.5: 1.0, 2.0: 1.25}  # the paper's best power p for each α, approximate
_INFINITY = 2.5  # position of p = ∞ on the axis of powers


@dataclass(frozen=True)
class Family:
    """Results for signals 1/f^α, by power.

    ``chosen_by`` is theory's mean error on the signals to choose by, ``errors`` (S,) are theory's errors on the test
    signals, and ``trained`` are those of networks on the first of these. The power None stands for the free
    ``amplitudes``, whose kernel has the eigenvalues ``spectrum``.
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
        """Return theory's errors on those signals on which networks were trained."""
        return self.errors[power][: len(self.trained[power])]


def table(families: Sequence[Family]) -> str:
    """Tabulate best powers beside the paper's, test errors by theory, and trained beside theory on equal signals."""
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
    """Draw the amplitudes, the spectra, and the errors by power."""
    figure = drawing.figure(13, 4.4)
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 1.35))
    for colour, family in zip(drawing.SERIES[::2], families, strict=False):
        _draw_amplitudes(axes[0], family, colour)
        axes[1].semilogy(family.spectrum, color=colour, lw=1.5, label=f"for α = {family.alpha:g}")
        _draw_errors(axes[2], family, colour)
    drawing.label_panel(axes[0], "(a) optimised amplitudes", "frequency b (cycles per period)", "|a|/‖a‖")
    drawing.label_panel(axes[1], "(b) eigenvalues of their kernels", "frequency (cycles per period)", "λ")
    drawing.label_panel(axes[2], "(c) test error", "power p of a = b$^{-p}$", "mean square error")
    axes[2].set_xticks([0, 0.5, 1, 1.5, 2, _INFINITY], ["0", "0.5", "1", "1.5", "2", "∞"])
    axes[1].legend(fontsize=8)
    _explain(axes[0], axes[2])
    drawing.titled(figure, "Figure 5: the best Fourier features for 1/f$^α$ signals, by the closed form", reduced)
    return drawing.png(figure)


def _draw_amplitudes(axis: drawing.Axes, family: Family, colour: str) -> None:
    frequency = np.arange(1, len(family.amplitudes) + 1)
    law = frequency ** -min(family.best, 99.0)
    axis.loglog(
        frequency, family.amplitudes / np.linalg.norm(family.amplitudes), color=colour, label=f"α = {family.alpha:g}"
    )
    axis.loglog(frequency, law / np.linalg.norm(law), "--", color=colour, label=f"best power, p = {family.best:g}")
    axis.set_ylim(bottom=1e-4)


def _draw_errors(axis: drawing.Axes, family: Family, colour: str) -> None:
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


def _explain(amplitudes: drawing.Axes, errors: drawing.Axes) -> None:
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
