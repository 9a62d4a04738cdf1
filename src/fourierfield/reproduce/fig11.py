"""The paper's Figure 11: an encoding with its frequencies on the axes learns gratings off the axes badly."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Generator, Tensor

from ..encodings import FourierEncoding, gaussian, positional
from ..forecast import GradientFlow, anisotropy, train_flow
from ..kernels import ComposedNTK, EncodingKernel, InfiniteMLP
from ..networks import MLP, MLPSpec
from ..operators import gram
from ..signals import Grid, grating
from .experiment import Lab, Outcome
from .fig11_picture import Results, picture, table
from .networks import Descent, Stack, mean_square
from .store import Arrays

__all__ = ["Fig11"]

_TIMES = torch.logspace(-3, 2, 31, dtype=torch.float64)
_REACH = 0.1  # the distance within which the kernels' anisotropy is measured: 1/σ of the Gaussian frequencies
_CHUNK = 1 << 14  # samples evaluated at once
_ANGLES_BY_SYMMETRY = 9  # 0 to π/2 in the paper's steps of π/16; the rest are mirror images


@dataclass(frozen=True)
class Fig11:
    """Gratings of ``radii`` cycles at ``angles`` directions on ``side``² samples, every second one per axis trained on.

    ``mlp`` ends in a tanh; Adam on ½·mean at ``rate`` for ``steps``, each on ``batch`` samples drawn anew (None: on
    all). Scored on all samples, those trained on among them.
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

    def scaled(self, share: float) -> Fig11:
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
        """All samples."""
        return Grid((0.0, 0.0), (1.0, 1.0), (self.side, self.side))

    def lattice(self, down: int, across: int) -> Grid:
        """Every second sample along each axis, from one of the first two on; (0, 0) are those trained on."""
        step = self.grid.spacing[0]
        first = (self.grid.origin[0] + down * step, self.grid.origin[1] + across * step)
        return Grid.from_origin(first, (2 * step, 2 * step), (self.side // 2, self.side // 2))

    @property
    def directions(self) -> np.ndarray:
        """Angles of the gratings, radians from the second axis."""
        return np.linspace(0.0, self.span, self.angles)

    def waves(self, angle: float) -> list[tuple[float, float]]:
        """The frequency of each radius, rounded to whole cycles along each axis as in the paper."""
        return [(float(round(r * math.sin(angle))), float(round(r * math.cos(angle)))) for r in self.radii]

    def gratings(self, angle: float, grid: Grid) -> Tensor:
        """One grating per radius on a grid, (radii, n)."""
        return torch.from_numpy(np.stack([grating(grid, wave).reshape(-1) for wave in self.waves(angle)]))

    def encoding(self, name: str, seed: int, lab: Lab) -> FourierEncoding:
        """γ by its name in the figure; what is random of it is drawn anew for each seed."""
        return _ENCODINGS[name](self, lab.generator("fig11 frequencies", seed))

    def kernel(self, encoding: FourierEncoding) -> ComposedNTK:
        """The NTK of the network behind an encoding of unit amplitudes, without the tanh."""
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
        """Mean square errors over all samples: ``trained`` (radii,) and ``theory`` (T, radii)."""
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
        lab.say(f"training with the {name} encoding, angle {angle + 1} of {self.angles}, seed {seed + 1}")
        encoding, direction = self.encoding(name, seed, lab), float(self.directions[angle])
        trained = self._train(encoding, direction, lab, lab.generator("fig11 weights", name, angle, seed))
        return {"trained": trained, "theory": self._theory(encoding, direction)}

    def _train(self, encoding: FourierEncoding, angle: float, lab: Lab, generator: Generator) -> np.ndarray:
        """Mean square errors over all samples, (radii,)."""
        network = Stack([MLP(self.mlp, generator) for _ in self.radii])
        points, targets = points_of(self.lattice(0, 0)), self.gratings(angle, self.lattice(0, 0)).float()
        features = encoding(points)

        def give() -> tuple[Tensor, Tensor]:
            if self.batch is None:
                return features, targets
            drawn = torch.randint(len(points), (self.batch,), generator=generator)
            return features[drawn], targets[:, drawn]

        descent = Descent(lambda weights: torch.optim.Adam(weights, lr=self.rate), self.steps, _half_mean_of_tanh)
        everywhere = points_of(self.grid)
        (outputs,) = descent.train(
            network,
            give,
            lab,
            moments=[self.steps],
            look=lambda: torch.cat([network(encoding(part)) for part in everywhere.split(_CHUNK)], dim=1),
        )
        return (outputs.tanh() - self.gratings(angle, self.grid)).square().mean(1).numpy()

    def _theory(self, encoding: FourierEncoding, angle: float) -> np.ndarray:
        """Gradient flow from f₀ = 0 without the tanh: mean square errors over all samples, (T, radii)."""
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
    """All points of a grid, (n, d) float32."""
    return torch.from_numpy(grid.coordinates(np.arange(grid.size))).float()


def _half_mean_of_tanh(outputs: Tensor, targets: Tensor) -> Tensor:
    return 0.5 * mean_square(outputs.tanh(), targets)


def psnr(errors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """−10 log₁₀ of mean square errors: the paper's PSNR, whose peak is 1 though gratings span [−1, 1]."""
    return {name: -10 * np.log10(values) for name, values in errors.items()}
