"""The forecast of a whole learning curve: seconds and memory, growth with the samples, and a dense peer."""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..encodings import gaussian
from ..forecast import GradientFlow, StepForecast, forecast_steps, predict
from ..kernels import ComposedNTK, EncodingKernel, InfiniteMLP
from ..networks import MLP, CoordinateNetwork, MLPSpec
from ..operators import gram
from ..problems import GridProblem, grid_problem
from ..signals import Grid, GridHoldOut, as_signal
from ..solvers import Solution
from ..training import ConstantRate, TrainingPlan

__all__ = ["ForecastCost", "PeerComparison", "against_dense_peer", "forecast_cost", "growth_exponent"]

_STEPS = 2000


@dataclass(frozen=True)
class ForecastCost:
    """One forecast of 2,000 steps of Adam, training and held-out error: training samples (and as many held-out ones),
    channels, seconds, peak memory."""

    samples: int
    channels: int
    seconds: float
    peak_mb: float
    krylov_steps: int
    held_out_psnr_db: float


def forecast_cost(side: int, channels: int = 1) -> ForecastCost:
    """The cost of a forecast for a (2·side)² image on the paper's grid hold-out, in a process of its own.

    Only so is peak memory that of the forecast; PyTorch's own import is in it.
    """
    command = [sys.executable, "-c", f"from {__name__} import _measure; _measure({side}, {channels})"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return ForecastCost(**json.loads(result.stdout))


def growth_exponent(costs: list[ForecastCost]) -> float:
    """Slope of log seconds over log samples, from the smallest to the largest problem."""
    first, last = costs[0], costs[-1]
    return math.log(last.seconds / first.seconds) / math.log(last.samples / first.samples)


def _measure(side: int, channels: int) -> None:
    problem = _photo_problem(side, channels)
    _forecast(_photo_problem(16, 1))  # what is loaded and compiled on first use is not the forecast's
    started = time.perf_counter()
    solution = _forecast(problem)
    seconds = time.perf_counter() - started
    assert solution.value.held_out_psnr_db is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = float(solution.value.held_out_psnr_db.max())
    cost = ForecastCost(len(problem.training), channels, seconds, peak, solution.iterations, best)
    print(json.dumps(asdict(cost)))


def _forecast(problem: GridProblem) -> Solution[StepForecast]:
    """From the file's values to the curve over all steps: kernel of a drawn network with 256 frequencies, operators,
    Lanczos, clock."""
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, problem.samples_per_unit / 36, 256, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(512, problem.channels), generator))
    return forecast_steps(problem, network, TrainingPlan(_STEPS, ConstantRate(1e-3)))


def _photo_problem(side: int, channels: int) -> GridProblem:
    """A photograph (scikit-image's astronaut), enlarged or reduced to (2·side)² pixels."""
    from skimage import data
    from skimage.transform import resize

    photo = resize(data.astronaut(), (2 * side, 2 * side), anti_aliasing=True).astype(np.float32)
    values = photo if channels == 3 else photo.mean(-1)
    return grid_problem(as_signal(values), GridHoldOut())


@dataclass(frozen=True)
class PeerComparison:
    """The same learning curve here and by a dense peer: seconds of both, and the largest difference of any output."""

    samples: int
    seconds: float
    peer_seconds: float
    largest_difference: float

    @property
    def ratio(self) -> float:
        """How many times sooner it is known here."""
        return self.peer_seconds / self.seconds


def against_dense_peer(python: Path, script: Path, side: int = 64) -> PeerComparison:
    """f_t at as many held-out points for 10 moments, side² training points, one channel; here and by ``script``.

    ``python`` is the interpreter of the peer's own environment. The script gets features and targets in an ``.npz``
    and writes outputs and its seconds into another; it may warm up first.
    """
    problem = _photo_problem(side, 1)
    encoding = gaussian(2, problem.samples_per_unit / 36, 256, generator=torch.Generator().manual_seed(0))
    kernel = ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(4), input_variance=0.5)
    spacing = (1 / side, 1 / side)
    train, test = (Grid.from_origin((o, o), spacing, (side, side)) for o in (0.25 / side, 0.75 / side))
    targets = problem.training.values.double() - 0.5
    times = torch.logspace(1, 5, 10, dtype=torch.float64) / kernel.at_zero

    started = time.perf_counter()
    flow = GradientFlow(times, side * side)
    prediction = predict(gram(kernel, train), targets, flow, cross=gram(kernel, test, train), tolerance=1e-9).value
    seconds = time.perf_counter() - started

    features = [encoding(_points(grid)).numpy() for grid in (train, test)]
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(given, train=features[0], test=features[1], targets=targets.numpy(), times=times.numpy(), depth=4)
        subprocess.run([str(python), str(script), str(given), str(found)], check=True, capture_output=True)
        with np.load(found) as result:
            outputs, peer_seconds = torch.from_numpy(result["outputs"]), float(result["seconds"])
    assert prediction.elsewhere is not None
    return PeerComparison(side * side, seconds, peer_seconds, float((outputs - prediction.elsewhere).abs().max()))


def _points(grid: Grid) -> Tensor:
    return torch.from_numpy(grid.coordinates(np.arange(grid.size)))
