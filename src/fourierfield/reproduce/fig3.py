"""The paper's Figure 3 (and 12): a 1-D signal learned with power-law mappings, theory laid over trained networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ..encodings import power_law
from ..forecast import GradientDescent, predict
from ..kernels import PointNTK
from ..operators import LinearOperator, gram
from ..signals import power_law_signals, spanning_one
from . import drawing
from .experiment import Lab, Outcome
from .fig3_picture import Curve, Curves, picture, table
from .networks import Descent, PlainNetwork, Stack, always, half_sum
from .store import Arrays

__all__ = ["Fig3"]


@dataclass(frozen=True)
class Case:
    """A mapping before the network: its features (N, in) of points (N, 1), and the kernel operator between points."""

    name: str
    features: Callable[[Tensor], Tensor]
    operator: Callable[[Tensor, Tensor], LinearOperator]


@dataclass(frozen=True)
class Fig3:
    """``samples`` training points, ``finer`` times as many in all; mappings b = 1..samples/2 with a = b^−p/‖a‖.

    Gradient descent on ½·Σ at ``rate`` for ``steps``; what counts is rate·steps while rate·λ_max stays far below 2.
    """

    network: PlainNetwork = field(default_factory=PlainNetwork)
    samples: int = 32
    finer: int = 8
    powers: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, math.inf)
    rate: float = 1e-5
    steps: int = 50_000
    looks: int = 100

    def scaled(self, share: float) -> Fig3:
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
        """The steps after which the networks are looked at."""
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
        """A 1/f signal (N,) with nothing above its bin N/4, scaled to [−½, ½]."""
        count = self.samples * self.finer
        raw = power_law_signals(1, count, 1.0, lab.numpy_generator("fig3 signal"), below=count // 4)
        return spanning_one(raw[0])

    def _trained(self, case: Case, points: Tensor, signal: np.ndarray, lab: Lab) -> Arrays:
        """Outputs of the network at all points and moments, (T, N)."""
        settings = {"figure": 3, "seed": lab.seed, "mapping": case.name, **asdict(replace(self, powers=()))}
        return lab.store.get(settings, lambda: self._train(case, points, signal, lab))

    def _train(self, case: Case, points: Tensor, signal: np.ndarray, lab: Lab) -> Arrays:
        lab.say(f"training with {case.name}, {self.steps:,} steps")
        features = case.features(points).float()
        network = Stack([self.network.draw(features.shape[1], lab.generator("fig3", case.name))])
        targets = torch.from_numpy(signal[None, :: self.finer]).float()
        descent = Descent(lambda weights: torch.optim.SGD(weights, lr=self.rate), self.steps, half_sum)
        give = always(features[:: self.finer], targets)
        outputs = descent.train(network, give, lab, moments=self.moments, look=lambda: network(features)[0])
        return {"outputs": torch.stack(outputs).numpy()}

    def _theory(self, case: Case, points: Tensor, signal: np.ndarray, start: np.ndarray) -> np.ndarray:
        """f_t at all points (T, N), from the network's own f₀ on; the loss is a sum, so time has no divisor."""
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
    """Behind b = 1..features with a = b^−p/‖a‖."""
    encoding = power_law(1, features, power)
    kernel = network.kernel(encoding)
    return Case(drawing.name_of_power(power), encoding, lambda rows, columns: gram(kernel, rows, columns))


def bare(network: PlainNetwork) -> Case:
    """No mapping: the network takes v − ½, on training and test points alike."""
    kernel = PointNTK(network.limit(1), _centred)
    return Case("no mapping", _centred, lambda rows, columns: gram(kernel, rows, columns))


def _centred(points: Tensor) -> Tensor:
    return points - 0.5
