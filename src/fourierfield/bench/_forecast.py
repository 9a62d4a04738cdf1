"""The benchmark of forecasting a whole learning curve: time, memory, growth with the samples, and a dense peer."""

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

from ..encodings._families import gaussian
from ..forecast._dynamics import GradientFlow
from ..forecast._flow import predict
from ..forecast._steps import StepForecast, forecast_steps
from ..grids._arrays import as_signal
from ..grids._domain import Grid
from ..grids._splits import GridHoldOut
from ..kernels._composed import ComposedNTK
from ..kernels._encoding import EncodingKernel
from ..kernels._infinite import InfiniteMLP
from ..networks._mlp import MLP, CoordinateNetwork, MLPSpec
from ..operators._gram import gram
from ..problems._grid import GridProblem, grid_problem
from ..solvers._solution import Solution
from ..training._plan import TrainingPlan
from ..training._schedules import ConstantRate

_STEPS = 2000  # steps of Adam that each forecast covers, the paper's number


@dataclass(frozen=True)
class ForecastCost:
    """The cost of one forecast of training and held-out errors over 2,000 steps of Adam.

    ``samples`` counts the training samples; there are as many held-out ones. ``peak_mb`` is the peak memory in MiB.
    """

    samples: int
    channels: int
    seconds: float
    peak_mb: float
    krylov_steps: int
    held_out_psnr_db: float


def forecast_cost(side: int, channels: int = 1) -> ForecastCost:
    """Measure the cost of a forecast for a (2·side)² image with the paper's grid hold-out.

    It runs in a process of its own, so that the peak memory is that of the forecast; it includes PyTorch itself.
    """
    command = [sys.executable, "-c", f"from {__name__} import _measure; _measure({side}, {channels})"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return ForecastCost(**json.loads(result.stdout))


def growth_exponent(costs: list[ForecastCost]) -> float:
    """Compute the slope of log seconds over log samples, from the first problem to the last."""
    first, last = costs[0], costs[-1]
    return math.log(last.seconds / first.seconds) / math.log(last.samples / first.samples)


def _measure(side: int, channels: int) -> None:
    problem = _photo_problem(side, channels)
    _forecast(_photo_problem(16, 1))  # loading and compiling on first use is not counted
    started = time.perf_counter()
    solution = _forecast(problem)
    seconds = time.perf_counter() - started
    assert solution.value.held_out_psnr_db is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = float(solution.value.held_out_psnr_db.max())
    cost = ForecastCost(len(problem.training), channels, seconds, peak, solution.iterations, best)
    print(json.dumps(asdict(cost)))


def _forecast(problem: GridProblem) -> Solution[StepForecast]:
    """Draw a network with 256 frequencies and forecast its curve: kernel, operators, Lanczos runs and clock."""
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, problem.samples_per_unit / 36, 256, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(512, problem.channels), generator))
    return forecast_steps(problem, network, TrainingPlan(_STEPS, ConstantRate(1e-3)))


def _photo_problem(side: int, channels: int) -> GridProblem:
    """Return the problem of a photograph (scikit-image's astronaut), resized to (2·side)² pixels."""
    from skimage import data
    from skimage.transform import resize

    photo = resize(data.astronaut(), (2 * side, 2 * side), anti_aliasing=True).astype(np.float32)
    values = photo if channels == 3 else photo.mean(-1)
    return grid_problem(as_signal(values), GridHoldOut())


@dataclass(frozen=True)
class PeerComparison:
    """The same learning curve here and by a dense peer: both times, and the largest difference of any output."""

    samples: int
    seconds: float
    peer_seconds: float
    largest_difference: float

    @property
    def ratio(self) -> float:
        """The factor by which the forecast is faster than the peer."""
        return self.peer_seconds / self.seconds


def against_dense_peer(python: Path, script: Path, side: int = 64) -> PeerComparison:
    """Time f_t at 10 moments for side² training and as many held-out points, one channel, here and by ``script``.

    ``python`` is the interpreter of the peer's own environment. The script reads features and targets from one ``.npz``
    and writes outputs and seconds to another.
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
