"""The learning curve of a problem: training and held-out error at every moment, before any training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..operators import LinearOperator, ScaledIdentity
from ..problems import GridProblem, GridSamples
from ..solvers import Solution, Status
from .dynamics import Dynamics
from .flow import train_flow, worst_of
from .grids import samples_gram

__all__ = ["Errors", "LearningCurve", "forecast_curve"]

START = 0.5  # where a sigmoid network with zero biases starts, on average


@dataclass(frozen=True)
class Errors:
    """Mean squared errors at some moments of training, (T,), over all channels: on training and held-out samples."""

    train_mse: Tensor
    held_out_mse: Tensor | None

    @property
    def train_psnr_db(self) -> Tensor:
        """−10 log₁₀ MSE on the training samples, (T,)."""
        return -10 * self.train_mse.log10()

    @property
    def held_out_psnr_db(self) -> Tensor | None:
        """−10 log₁₀ MSE on the held-out samples, (T,); None without hold-out."""
        return None if self.held_out_mse is None else -10 * self.held_out_mse.log10()


@dataclass(frozen=True)
class LearningCurve(Errors):
    """Errors at T moments of a flow. ``pull`` is Σ rᵀK r over the channels' residuals r, (T,), and ``top`` the largest
    eigenvalue of K: the clock of an optimiser is made of them."""

    pull: Tensor
    top: float

    def between(self, left_out: float) -> LearningCurve:
        """Held-out errors replaced by this share of them and the rest of the training errors."""
        if self.held_out_mse is None:
            return self
        held_out = left_out * self.held_out_mse + (1 - left_out) * self.train_mse
        return LearningCurve(self.train_mse, held_out, self.pull, self.top)

    def scaled(self, errors: float, pull: float) -> LearningCurve:
        """Errors and pull times a factor each."""
        held_out = None if self.held_out_mse is None else errors * self.held_out_mse
        return LearningCurve(errors * self.train_mse, held_out, pull * self.pull, self.top)


def forecast_curve(
    problem: GridProblem,
    kernel: StationaryKernel,
    dynamics: Dynamics,
    *,
    start: float = START,
    tolerance: float = 1e-3,
    most: int = 1000,
) -> Solution[LearningCurve]:
    """Train an infinitely wide network with this kernel on a problem, from the constant f₀ = ``start``.

    Each channel is one Lanczos run; training errors come from its quadrature, held-out ones from one product with
    K_* per moment. Memory is that of one channel: its Krylov basis and T·(N + M) numbers. ``tolerance`` is relative to
    ‖y − f₀‖, on the training samples: 1e-3 is 60 dB below the signal, so PSNRs are good to 0.1 dB up to about 55 dB;
    ``most`` bounds the Lanczos steps.
    """
    maps = _Maps(problem, kernel)
    parts = [_channel(problem, maps.of(c), dynamics, start, (tolerance, most), c) for c in range(problem.channels)]
    sums = [part.value for part in parts]
    train = _sum([s.train for s in sums]) / measured(problem.training)
    held_out = None
    if problem.held_out is not None:
        held_out = _sum([s.held_out for s in sums]) / measured(problem.held_out)
    return worst_of(parts, LearningCurve(train, held_out, _sum([s.pull for s in sums]), max(s.top for s in sums)))


Maps = tuple[LinearOperator, LinearOperator | None]  # K on the training samples, and K_* to the held-out ones


class _Maps:
    """The operators of each channel: the same for all where every channel was measured at every sample."""

    def __init__(self, problem: GridProblem, kernel: StationaryKernel) -> None:
        self._problem, self._kernel = problem, kernel
        complete = problem.training.complete and (problem.held_out is None or problem.held_out.complete)
        self._shared = self._build(0) if complete else None

    def of(self, channel: int) -> Maps:
        return self._shared or self._build(channel)

    def _build(self, channel: int) -> Maps:
        training = present(self._problem.training, channel)
        if len(training) == 0:
            return ScaledIdentity(0), None
        operator = samples_gram(self._kernel, training)
        if self._problem.held_out is None:
            return operator, None
        return operator, samples_gram(self._kernel, present(self._problem.held_out, channel), training)


@dataclass(frozen=True)
class _Sums:
    """Squared errors of one channel, summed over training and held-out samples, its pull, (T,) each, and λ_max of K."""

    train: Tensor
    held_out: Tensor
    pull: Tensor
    top: float


def _channel(
    problem: GridProblem, maps: Maps, dynamics: Dynamics, start: float, until: tuple[float, int], channel: int
) -> Solution[_Sums]:
    operator, cross = maps
    wanted = present(problem.training, channel).values[:, 0].double() - start
    if len(wanted) == 0:  # never measured, never trained: it stays where it starts
        return _untrained(problem, dynamics, start, channel)
    flow = train_flow(operator, wanted, dynamics, tolerance=until[0], most=until[1])
    held_out = torch.zeros(len(flow.value.energy()), dtype=torch.float64)
    if problem.held_out is not None and cross is not None:
        wanted = present(problem.held_out, channel).values[:, 0].double() - start
        held_out = torch.stack([(wanted - cross @ w).square().sum() for w in flow.value.weights()])
    top = float(flow.value.run.eigen[0].max())
    sums = _Sums(flow.value.energy(), held_out, flow.value.pull(), top)
    return Solution(sums, flow.status, flow.iterations, flow.error)


def _untrained(problem: GridProblem, dynamics: Dynamics, start: float, channel: int) -> Solution[_Sums]:
    zeros = torch.zeros(len(dynamics.decay(torch.ones(1, dtype=torch.float64))), dtype=torch.float64)
    error = 0.0
    if problem.held_out is not None:
        error = float((present(problem.held_out, channel).values.double() - start).square().sum())
    return Solution(_Sums(zeros, zeros + error, zeros, 0.0), Status.CONVERGED, 0, 0.0)


def _sum(parts: list[Tensor]) -> Tensor:
    """Tensors of one shape, added up."""
    return torch.stack(parts).sum(0)


def present(samples: GridSamples, channel: int) -> GridSamples:
    """The samples at which one channel was measured, with that channel alone."""
    values = samples.values[:, channel : channel + 1]
    rows = ~torch.isnan(values[:, 0])
    if bool(rows.all()):
        return GridSamples(samples.grid, samples.flat, values)
    return GridSamples(samples.grid, samples.flat[rows], values[rows])


def measured(samples: GridSamples) -> int:
    """How many values there are, missing ones left out."""
    return int((~torch.isnan(samples.values)).sum())
