"""The paper's Figure 11: an encoding whose frequencies lie on the axes is bad at learning gratings off the axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import torch
from torch import Generator, Tensor

from ..encodings._families import gaussian, positional
from ..encodings._fourier import FourierEncoding
from ..forecast._dynamics import GradientFlow
from ..forecast._flow import train_flow
from ..forecast._structure import anisotropy
from ..grids._domain import Grid
from ..grids._synthetic import grating
from ..kernels._composed import ComposedNTK
from ..kernels._encoding import EncodingKernel
from ..kernels._infinite import InfiniteMLP
from ..networks._mlp import MLP, MLPSpec
from ..operators._gram import gram
from . import _drawing as drawing
from ._experiment import Arrays, Experiment, Lab, Outcome
from ._networks import Descent, Stack, mean_square

_TIMES = torch.logspace(-3, 2, 31, dtype=torch.float64)  # moments τ of theory, 6 to a decade
_REACH = 0.1  # distance within which the kernels' anisotropy is measured: 1/σ of the Gaussian frequencies
_CHUNK = 1 << 14  # samples evaluated at once, which bounds memory
_ANGLES_BY_SYMMETRY = 9  # 0 to π/2 in the paper's steps of π/16; the rest are mirror images


@dataclass(frozen=True)
class Fig11(Experiment):
    """Gratings of ``radii`` cycles in ``angles`` directions on ``side``² samples.

    Every second sample along each axis is a training sample. ``mlp`` ends in a tanh. Networks train by Adam on ½·mean
    at ``rate`` for ``steps``, each on ``batch`` samples drawn anew (None: on all). They are scored on all samples,
    including the training samples.
    """

    mlp: MLPSpec = field(default=MLPSpec(512, 1, 2, 256, output="none", initialisation="glorot"))
    side: int = 512
    angles: int = 17
    span: float = math.pi
    radii: tuple[float, ...] = (5.0, 10.0, 15.0, 20.0)
    seeds: int = 4
    gaussian_bandwidth: float = 10.0
    positional_bandwidth: float = 31.0
    rate: float = 1e-3
    steps: int = 500
    batch: int | None = None

    def scaled(self, share: float) -> Self:
        if share >= 1:
            return self
        seeds, batch = max(1, round(share * self.seeds)), max(64, round(share * (self.side // 2) ** 2))
        return replace(self, batch=batch, seeds=seeds, angles=_ANGLES_BY_SYMMETRY, span=math.pi / 2)

    @property
    def reduced(self) -> str:
        paper = Fig11()
        if self == paper:
            return ""
        each = self.batch or (self.side // 2) ** 2
        return (
            f"{each:,} of the {(paper.side // 2) ** 2:,} training samples in each step, "
            f"{self.seeds} of {paper.seeds} seeds, {self.angles} angles to π/2 for {paper.angles} to π"
        )

    @property
    def grid(self) -> Grid:
        """The grid of all samples."""
        return Grid((0.0, 0.0), (1.0, 1.0), (self.side, self.side))

    def lattice(self, down: int, across: int) -> Grid:
        """Return the grid of every second sample along each axis, from sample 0 or 1; (0, 0) is the training grid."""
        step = self.grid.spacing[0]
        first = (self.grid.origin[0] + down * step, self.grid.origin[1] + across * step)
        return Grid.from_origin(first, (2 * step, 2 * step), (self.side // 2, self.side // 2))

    @property
    def directions(self) -> np.ndarray:
        """The angles of the gratings, in radians from the second axis."""
        return np.linspace(0.0, self.span, self.angles)

    def waves(self, angle: float) -> list[tuple[float, float]]:
        """Return the frequency of each radius, rounded to whole cycles along each axis as in the paper."""
        return [(float(round(r * math.sin(angle))), float(round(r * math.cos(angle)))) for r in self.radii]

    def gratings(self, angle: float, grid: Grid) -> Tensor:
        """Evaluate one grating per radius on a grid, (radii, n)."""
        return torch.from_numpy(np.stack([grating(grid, wave).reshape(-1) for wave in self.waves(angle)]))

    def encoding(self, name: str, seed: int, lab: Lab) -> FourierEncoding:
        """Build an encoding by its name in the figure; random frequencies are drawn anew for each seed."""
        return _ENCODINGS[name](self, lab.generator("fig11 frequencies", seed))

    def kernel(self, encoding: FourierEncoding) -> ComposedNTK:
        """Return the NTK of the network, without the tanh, behind an encoding of unit amplitudes."""
        return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of(self.mlp), 0.5)

    def run(self, lab: Lab) -> Outcome:
        shape = (self.angles, self.seeds, len(self.radii))
        trained, theory = {}, {}
        for name in _ENCODINGS:
            runs = [self._run(name, a, s, lab) for a in range(self.angles) for s in range(self.seeds)]
            trained[name] = np.stack([run["trained"] for run in runs]).reshape(shape)
            theory[name] = np.stack([run["theory"] for run in runs], axis=1).reshape(len(_TIMES), *shape)
        measures = {name: anisotropy(self.kernel(self.encoding(name, 0, lab)), _REACH) for name in _ENCODINGS}
        results = Results(self.directions, psnr(trained), psnr(theory), measures)
        return Outcome(picture(results, self.reduced), table(results))

    def _run(self, name: str, angle: int, seed: int, lab: Lab) -> Arrays:
        """Return mean square errors over all samples, ``trained`` (radii,) and ``theory`` (T, radii)."""
        settings = {
            "figure": 11,
            "seed": lab.seed,
            "encoding": name,
            "angle": angle,
            "member": seed,
            **self._settings(),
        }
        return lab.store.get(settings, lambda: self._train_and_forecast(name, angle, seed, lab))

    def _settings(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "seeds"}

    def _train_and_forecast(self, name: str, angle: int, seed: int, lab: Lab) -> Arrays:
        lab.report(f"training with the {name} encoding, angle {angle + 1} of {self.angles}, seed {seed + 1}")
        encoding, direction = self.encoding(name, seed, lab), float(self.directions[angle])
        trained = self._train(encoding, direction, lab, lab.generator("fig11 weights", name, angle, seed))
        return {"trained": trained, "theory": self._theory(encoding, direction)}

    def _train(self, encoding: FourierEncoding, angle: float, lab: Lab, generator: Generator) -> np.ndarray:
        """Train one network per radius and return mean square errors over all samples, (radii,)."""
        network = Stack([MLP(self.mlp, generator) for _ in self.radii])
        points, targets = points_of(self.lattice(0, 0)), self.gratings(angle, self.lattice(0, 0)).float()
        features = encoding(points)

        def next_batch() -> tuple[Tensor, Tensor]:
            if self.batch is None:
                return features, targets
            drawn = torch.randint(len(points), (self.batch,), generator=generator)
            return features[drawn], targets[:, drawn]

        descent = Descent(lambda weights: torch.optim.Adam(weights, lr=self.rate), self.steps, _half_mean_of_tanh)
        everywhere = points_of(self.grid)
        (outputs,) = descent.train(
            network,
            next_batch,
            lab,
            moments=[self.steps],
            look=lambda: torch.cat([network(encoding(part)) for part in everywhere.split(_CHUNK)], dim=1),
        )
        return (outputs.tanh() - self.gratings(angle, self.grid)).square().mean(1).numpy()

    def _theory(self, encoding: FourierEncoding, angle: float) -> np.ndarray:
        """Forecast mean square errors over all samples, (T, radii), by gradient flow from f₀ = 0 without the tanh."""
        kernel, trained_on = self.kernel(encoding), self.lattice(0, 0)
        places = [self.lattice(*first) for first in itertools.product((0, 1), (0, 1))]
        crosses = [gram(kernel, place, trained_on) for place in places]
        errors = torch.zeros(len(_TIMES), len(self.radii), dtype=torch.float64)
        dynamics = GradientFlow(_TIMES, float(trained_on.size))
        for column, targets in enumerate(self.gratings(angle, trained_on)):
            flow = train_flow(crosses[0], targets, dynamics, tolerance=1e-4).value
            for place, cross in zip(places, crosses, strict=True):
                residual = flow.change_at(cross) - self.gratings(angle, place)[column]
                errors[:, column] += residual.square().mean(1) / len(places)
        return errors.numpy()


_ENCODINGS: dict[str, Callable[[Fig11, Generator], FourierEncoding]] = {
    "gaussian": lambda figure, generator: gaussian(
        2, figure.gaussian_bandwidth, figure.mlp.in_features // 2, generator=generator
    ),
    "positional": lambda figure, generator: positional(2, figure.positional_bandwidth, figure.mlp.in_features // 2),
}


def points_of(grid: Grid) -> Tensor:
    """Return all points of a grid, (n, d) float32."""
    return torch.from_numpy(grid.coordinates(np.arange(grid.size))).float()


def _half_mean_of_tanh(outputs: Tensor, targets: Tensor) -> Tensor:
    return 0.5 * mean_square(outputs.tanh(), targets)


def psnr(errors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute −10 log₁₀ of mean square errors: the paper's PSNR, with a peak of 1 although gratings span [−1, 1]."""
    return {name: -10 * np.log10(values) for name, values in errors.items()}


_COLOURS = {"gaussian": drawing.SERIES[0], "positional": drawing.SERIES[2]}
# labels of the axis of angles, up to π and up to π/2
_FULL, _QUARTER = ("0", "π/4", "π/2", "3π/4", "π"), ("0", "π/8", "π/4", "3π/8", "π/2")


@dataclass(frozen=True)
class Results:
    """PSNR in dB: ``trained`` (angles, seeds, radii) and ``theory`` (T, angles, seeds, radii) of each encoding."""

    angles: np.ndarray
    trained: Mapping[str, np.ndarray]
    theory: Mapping[str, np.ndarray]
    anisotropy: Mapping[str, float]

    @cached_property
    def moment(self) -> int:
        """The index of the time at which theory is nearest to the networks.

        One time serves all runs, since Adam's steps have no time of their own.
        """
        distance = sum(((self.theory[name] - self.trained[name]) ** 2).mean((1, 2, 3)) for name in self.trained)
        return int(np.argmin(distance))

    def by_angle(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Average over seeds and radii, trained and by theory, (angles,) each."""
        return self.trained[name].mean((1, 2)), self.theory[name][self.moment].mean((1, 2))


def table(results: Results) -> str:
    """Tabulate the PSNR on and off the axes, and the anisotropy of the kernels."""
    on = np.isclose(np.abs(np.sin(2 * results.angles)), 0.0)
    lines = [
        f"{'':<12}{'trained, dB':^26}{'theory, dB':^26}{'anisotropy':>12}",
        f"{'encoding':<12}{'on axis':>9}{'off':>8}{'change':>9}{'on axis':>9}{'off':>8}{'change':>9}{'of kernel':>12}",
    ]
    for name in results.trained:
        cells = ""
        for curve in results.by_angle(name):
            axis, off = curve[on].mean(), curve[~on].mean()
            cells += f"{axis:>9.2f}{off:>8.2f}{off - axis:>+9.2f}"
        lines.append(f"{name:<12}{cells}{results.anisotropy[name]:>12.3f}")
    return "\n".join(
        [
            *lines,
            "The paper: positional encoding does well on the axes and worse off them, Gaussian alike at all angles; "
            "its plot spans 29 to 34 dB.",
        ]
    )


def picture(results: Results, reduced: str) -> bytes:
    """Draw the PSNR against the grating's angle, of the networks and by theory, each on its own scale."""
    figure = drawing.figure(10.5, 4.3)
    trained, theory = figure.subplots(1, 2)
    for name, values in results.trained.items():
        mean, expected = results.by_angle(name)
        spread = values.mean(2).std(1)
        trained.plot(results.angles, mean, "o-", color=_COLOURS[name], ms=4, label=f"{name} frequencies")
        trained.fill_between(results.angles, mean - spread, mean + spread, color=_COLOURS[name], alpha=0.12, lw=0)
        theory.plot(results.angles, expected, "--", color=_COLOURS[name])
    drawing.label_panel(trained, "(a) trained networks", "angle of the grating (radians)", "PSNR on all samples (dB)")
    drawing.label_panel(theory, "(b) theory, at one time for all", "angle of the grating (radians)", "PSNR (dB)")
    for axis in (trained, theory):
        axis.set_xticks(np.linspace(0, results.angles[-1], 5), _FULL if results.angles[-1] > 2 else _QUARTER)
    trained.legend(fontsize=8)
    drawing.titled(figure, "Figure 11: gratings learned with Gaussian and with axis-aligned frequencies", reduced)
    return drawing.png(figure)
