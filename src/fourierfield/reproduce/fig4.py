"""The paper's Figure 4: of a random mapping the spread of its frequencies matters, not the law they are drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ..encodings import FourierEncoding, FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, UniformLaw, power_law
from ..forecast import GradientFlow, predict
from ..operators import gram
from ..signals import Grid, power_law_signals, spanning_one
from .experiment import Lab, Outcome
from .fig4_picture import Panel, Scores, picture, table
from .networks import Descent, PlainNetwork, Stack, always, half_sum
from .store import Arrays

__all__ = ["Fig4"]

_TIMES = torch.logspace(-5, 4, 73, dtype=torch.float64)

LAWS: dict[str, Callable[[float], FrequencyLaw]] = {
    "Gaussian": lambda scale: GaussianLaw((32 * scale,)),
    "uniform": lambda scale: UniformLaw((64 * scale,)),
    "log-uniform": lambda scale: LogUniformLaw((80 * scale,)),
    "Laplace": lambda scale: LaplaceLaw((20 * math.sqrt(2) * scale,)),  # the paper's 20 is the law's scale, not its sd
}


@dataclass(frozen=True)
class Fig4:
    """1/f^α signals on twice ``samples`` points of [0, 1), every second trained on, behind ``features`` frequencies.

    ``trained_signals`` of ``signals`` are trained on, Adam on ½·Σ at ``rate`` for ``steps``. ``dense_powers`` are those
    of the dense mapping b = 1..samples/2 that each α is compared with, the paper's.
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

    def scaled(self, share: float) -> Fig4:
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
        """The signals to train on, (S, 2·samples), scaled to [−½, ½] with those that are not."""
        raw = power_law_signals(self.signals, 2 * self.samples, alpha, lab.numpy_generator("fig4", alpha))
        return torch.from_numpy(spanning_one(raw)[: self.trained_signals])

    def _sweep(self, alpha: float, law: str, signals: Tensor, lab: Lab) -> Scores:
        """One law at every scale, a mapping of its own for each signal."""
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
        """Trained networks and theory behind one mapping per signal."""
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
        lab.say(f"training for α = {alpha:g} with {law} frequencies at {scale:.3g}, {len(signals)} signals")
        trained = self._train(encodings, signals, lab, lab.generator("fig4 weights", *case))
        theory = [self.forecast(e, s) for e, s in zip(encodings, signals, strict=True)]
        return {"trained": trained, "theory": np.stack(theory)}

    def _train(
        self, encodings: list[FourierEncoding], signals: Tensor, lab: Lab, generator: torch.Generator
    ) -> np.ndarray:
        """Mean square errors between the training points, (S,)."""
        points = torch.arange(2 * self.samples, dtype=torch.float64)[:, None] / (2 * self.samples)
        features = torch.stack([encoding(points) for encoding in encodings]).float()
        network = Stack([self.network.draw(features.shape[2], generator) for _ in encodings])
        descent = Descent(lambda weights: torch.optim.Adam(weights, lr=self.rate), self.steps, half_sum)
        give = always(features[:, ::2], signals[:, ::2].float())
        (outputs,) = descent.train(network, give, lab, moments=[self.steps], look=lambda: network(features[:, 1::2]))
        return (outputs - signals[:, 1::2]).square().mean(1).numpy()

    def forecast(self, encoding: FourierEncoding, signal: Tensor) -> np.ndarray:
        """Theory's mean square error between the training points over time, from f₀ = 0, (T,)."""
        step = 1 / self.samples
        train = Grid.from_origin((0.0,), (step,), (self.samples,))
        between = Grid.from_origin((step / 2,), (step,), (self.samples,))
        kernel = self.network.kernel(encoding)
        cross = gram(kernel, between, train)
        found = predict(gram(kernel, train), signal[::2, None], GradientFlow(_TIMES), cross=cross, tolerance=1e-6).value
        assert found.elsewhere is not None
        return (found.elsewhere[..., 0] - signal[1::2]).square().mean(1).numpy()
