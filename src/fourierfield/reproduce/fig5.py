"""The paper's Figure 5: power laws and free amplitudes, found through the closed form of training."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ..encodings import FourierEncoding
from ..signals import power_law_signals, spanning_one
from . import drawing
from .circle import held_out_error, offset_kernels
from .experiment import Lab, Outcome
from .fig5_picture import Family, picture, table
from .networks import Descent, PlainNetwork, Stack, always, half_sum
from .store import Arrays

__all__ = ["Fig5"]


@dataclass(frozen=True)
class Fig5:
    """1/f^α signals on twice ``samples`` points of the circle, every second one trained on; b = 1..samples/2.

    Training is gradient descent on ½·Σ for ``steps`` at ``rate``. Powers and amplitudes are chosen on
    ``training_signals`` by the error between the training points that the closed form gives at time rate·steps, and
    scored on ``test_signals``, of which ``trained_signals`` are given to real networks behind ``trained_powers``.
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

    def scaled(self, share: float) -> Fig5:
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
        """Signals to choose by and to score on, (S, 2·samples) each, scaled to [−½, ½] as a set."""
        sets = [
            power_law_signals(count, 2 * self.samples, alpha, lab.numpy_generator("fig5", alpha, name))
            for name, count in (("training", self.training_signals), ("test", self.test_signals))
        ]
        return torch.from_numpy(spanning_one(sets[0])), torch.from_numpy(spanning_one(sets[1]))

    def errors(self, amplitudes: Tensor, signals: Tensor) -> Tensor:
        """Mean square error of each signal between the training points at the end of training, (S,)."""
        on, between = offset_kernels(amplitudes, self.samples, self.network.limit(2 * len(amplitudes)))
        return held_out_error(on, between, signals, self.rate * self.steps)

    def spectrum(self, amplitudes: Tensor) -> np.ndarray:
        """Eigenvalues of the kernel on the training points, frequencies 0..samples/2."""
        on, _ = offset_kernels(amplitudes, self.samples, self.network.limit(2 * len(amplitudes)))
        return torch.fft.rfft(on).real.numpy()

    def _settings(self) -> dict[str, object]:
        """What every run depends on; which powers are tried is not part of it."""
        names = ("alphas", "powers", "trained_powers", "trained_signals")
        return {name: value for name, value in asdict(self).items() if name not in names}

    def _optimise(self, alpha: float, signals: Tensor, lab: Lab) -> Arrays:
        """Adam on the amplitudes, from p = ∞ and a little noise, as the paper's notebook starts."""
        lab.say(f"amplitudes for α = {alpha:g}: {self.amplitude_steps} steps of Adam through the closed form")
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
        """Mean square error between the training points of networks trained on the first test signals, (S,)."""
        settings = {"figure": 5, "seed": lab.seed, "alpha": alpha, "power": power, "signals": self.trained_signals}
        run = lab.store.get(
            {**settings, **self._settings()}, lambda: self._train((alpha, power), amplitudes, test, lab)
        )
        return run["errors"]

    def _train(self, case: tuple[float, float | None], amplitudes: Tensor, test: Tensor, lab: Lab) -> Arrays:
        alpha, power = case
        named = "free amplitudes" if power is None else drawing.name_of_power(power)
        lab.say(f"training for α = {alpha:g} with {named}: {self.steps:,} steps, {self.trained_signals} signals")
        points = torch.arange(2 * self.samples, dtype=torch.float64)[:, None] / (2 * self.samples)
        features = features_of(amplitudes, points)
        signals = test[: self.trained_signals].float()
        generator = lab.generator("fig5 weights", alpha, power)
        network = Stack([self.network.draw(features.shape[1], generator) for _ in signals])
        descent = Descent(lambda weights: torch.optim.SGD(weights, lr=self.rate), self.steps, half_sum)
        give = always(features[::2], signals[:, ::2])
        (outputs,) = descent.train(network, give, lab, moments=[self.steps], look=lambda: network(features))
        return {"errors": (outputs - signals)[:, 1::2].square().mean(1).numpy()}


def power_amplitudes(count: int, power: float) -> Tensor:
    """a_b = b^−p for b = 1..count; b = 1 alone for p = ∞."""
    frequencies = torch.arange(1, count + 1, dtype=torch.float64)
    return frequencies**-power if power < math.inf else (frequencies == 1).double()


def features_of(amplitudes: Tensor, points: Tensor) -> Tensor:
    """γ of unit length with b = 1..m at points (N, 1), float32."""
    frequencies = torch.arange(1, len(amplitudes) + 1, dtype=torch.float64)[:, None]
    return FourierEncoding(frequencies, amplitudes / amplitudes.norm())(points).float()
