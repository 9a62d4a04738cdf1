"""The paper's Figure 14: without a mapping, how well a network learns a bump depends on where the bump is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ..forecast._dynamics import GradientFlow
from ..grids._synthetic import bump
from ..kernels._composed import PointNNGP, PointNTK
from ..kernels._infinite import InfiniteMLP
from ..networks._mlp import MLP, MLPSpec
from . import _drawing as drawing
from ._experiment import Arrays, Experiment, Lab, Outcome
from ._networks import Descent, Stack, always, mean_square

_TIMES = torch.logspace(-6, 4, 301, dtype=torch.float64)  # moments τ of theory, 30 to a decade


def _circle(angle: Tensor) -> Tensor:
    return torch.cat([angle.sin(), angle.cos()], dim=1)


_MAPPINGS: dict[str, Callable[[Tensor], Tensor]] = {"no mapping": lambda angle: angle, "basic mapping": _circle}
_COLOURS = {"no mapping": drawing.NONE_COLOUR, "basic mapping": drawing.SERIES[3]}


@dataclass(frozen=True)
class Fig14(Experiment):
    """Bumps of ``bump_width`` radians around ``centres`` places of a circle, with ``seeds`` networks for each bump.

    The networks are ReLU MLPs with Glorot-normal weights, trained by Adam on the mean of squares at ``samples`` points.
    """

    hidden: MLPSpec = field(default=MLPSpec(1, 1, 4, 256, output="none", initialisation="glorot"))
    samples: int = 256
    centres: int = 40
    bump_width: float = 0.05
    seeds: int = 20
    rate: float = 1e-4
    steps: int = 500

    def scaled(self, share: float) -> Self:
        return replace(self, seeds=max(1, round(share * self.seeds)))

    @property
    def reduced(self) -> str:
        paper = Fig14()
        return "" if self.seeds == paper.seeds else f"{self.seeds} of {paper.seeds} seeds"

    @property
    def angles(self) -> np.ndarray:
        """The sample points, (N,) radians from −π."""
        return 2 * np.pi * np.arange(self.samples) / self.samples - np.pi

    @property
    def places(self) -> np.ndarray:
        """The centres of the bumps, from −π to π."""
        return np.linspace(-np.pi, np.pi, self.centres)

    @property
    def bumps(self) -> np.ndarray:
        """One signal per centre, (centres, N)."""
        return np.stack([bump(self.angles, c, self.bump_width, 2 * np.pi) for c in self.places])

    def run(self, lab: Lab) -> Outcome:
        trained = {name: np.stack([self._trained(name, c, lab) for c in range(self.centres)]) for name in _MAPPINGS}
        theory = {name: on_its_clock(self.theory(name), trained[name].mean(1)) for name in _MAPPINGS}
        return Outcome(self._picture(trained, theory), _table(trained, theory))

    def theory(self, name: str) -> np.ndarray:
        """Compute the expected mean square error of infinitely wide networks by gradient flow, (T, centres).

        E‖y − f_t‖²/N = Σ_i e^{−4λ_i τ/N} ((v_iᵀy)² + v_iᵀ𝒦v_i)/N, as the loss is Σ/N and f₀ has the NNGP's covariance
        𝒦. With zero biases a ReLU network of a bare scalar starts linear on either side of 0. As long as its kernel
        does not change it stays so, and cannot learn a bump. Networks of finite width can, by moving their kinks.
        """
        features = _MAPPINGS[name](torch.from_numpy(self.angles)[:, None])
        network = InfiniteMLP.of(replace(self.hidden, in_features=features.shape[1]))
        values, vectors = torch.linalg.eigh(PointNTK(network)(features, features))
        start = ((PointNNGP(network)(features, features) @ vectors) * vectors).sum(0)
        decay = GradientFlow(_TIMES, self.samples / 2).decay(values.clamp(min=0)) ** 2
        energy = (torch.from_numpy(self.bumps) @ vectors).square() + start
        return (decay @ energy.T / self.samples).numpy()

    def _trained(self, name: str, centre: int, lab: Lab) -> np.ndarray:
        """Return mean square errors on the training points after the last step, (seeds,)."""
        settings = {"figure": 14, "seed": lab.seed, "mapping": name, "centre": centre, **asdict(self)}
        return lab.store.get(settings, lambda: self._train(name, centre, lab))["errors"]

    def _train(self, name: str, centre: int, lab: Lab) -> Arrays:
        lab.report(f"training with {name}, bump {centre + 1} of {self.centres}, seeds: {self.seeds}")
        features = _MAPPINGS[name](torch.from_numpy(self.angles)[:, None]).float()
        spec = replace(self.hidden, in_features=features.shape[1])
        generator = lab.generator("fig14", name)  # the same networks for every bump, as in the paper
        network = Stack([MLP(spec, generator) for _ in range(self.seeds)])
        targets = torch.from_numpy(self.bumps[centre]).float()[None]
        descent = Descent(lambda weights: torch.optim.Adam(weights, lr=self.rate), self.steps, mean_square)
        next_batch = always(features, targets)
        (outputs,) = descent.train(network, next_batch, lab, moments=[self.steps], look=lambda: network(features))
        return {"errors": (outputs - targets).square().mean(1).numpy()}

    def _picture(self, trained: dict[str, np.ndarray], theory: dict[str, np.ndarray]) -> bytes:
        figure = drawing.figure(10.5, 4)
        examples, errors = figure.subplots(1, 2)
        for colour, centre in zip(drawing.SERIES, (-np.pi / 2, 0.0, np.pi / 2), strict=False):
            examples.plot(self.angles, bump(self.angles, centre, self.bump_width, 2 * np.pi), color=colour)
            errors.axvline(centre, color=colour, ls=":", lw=1.5)
        drawing.label_panel(examples, "(a) three of the signals", "angle (radians)", "value")
        _draw_errors(errors, self.places, trained, theory)
        for axis in (examples, errors):
            axis.set_xticks([-math.pi, -math.pi / 2, 0, math.pi / 2, math.pi], ["−π", "−π/2", "0", "π/2", "π"])
        drawing.titled(figure, "Figure 14: how well a network learns a bump, by where the bump is", self.reduced)
        return drawing.png(figure)


def on_its_clock(curves: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return the row of ``curves`` (T, K) that is nearest to ``measured`` (K,) in mean logarithm.

    It stands for the time of theory at the end of training, since Adam's steps have no time of their own.
    """
    return curves[np.abs(np.log(curves).mean(1) - np.log(measured).mean()).argmin()]


def _table(trained: dict[str, np.ndarray], theory: dict[str, np.ndarray]) -> str:
    lines = [f"{'':<16}{'training error, mean':>22}{'largest over smallest':>23}{'theory':>9}{'correlation':>13}"]
    for name, errors in trained.items():
        mean, expected = errors.mean(1), theory[name]
        level = np.ptp(np.log(expected)) < 0.01
        alike = "–" if level else f"{np.corrcoef(np.log(mean), np.log(expected))[0, 1]:.2f}"
        lines.append(
            f"{name:<16}{mean.mean():>22.2e}{mean.max() / mean.min():>23.2f}"
            f"{expected.max() / expected.min():>9.2f}{alike:>13}"
        )
    return "\n".join(
        [
            *lines,
            "Theory without mapping stays linear on either side of 0 and learns no bump; networks move their kinks.",
            "The paper: without mapping the error depends on the bump's place, with it it does not.",
        ]
    )


def _draw_errors(
    axis: drawing.Axes, places: np.ndarray, trained: dict[str, np.ndarray], theory: dict[str, np.ndarray]
) -> None:
    for name, errors in trained.items():
        mean, spread = errors.mean(1), errors.std(1)
        axis.semilogy(places, mean, color=_COLOURS[name], lw=1.8, label=name)
        axis.fill_between(
            places, np.maximum(mean - spread, mean / 10), mean + spread, color=_COLOURS[name], alpha=0.15, lw=0
        )
        axis.semilogy(places, theory[name], "--", color=_COLOURS[name], lw=1.4, label=f"theory, {name}")
    drawing.label_panel(
        axis, "(b) training error, mean ± sd over seeds", "centre of the bump (radians)", "mean square error"
    )
    axis.legend(fontsize=8)
