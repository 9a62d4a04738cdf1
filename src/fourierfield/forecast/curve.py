"""The learning curve of a problem: training and held-out error at every moment, before any training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..operators import LinearOperator, ScaledIdentity
from ..problems import GridProblem, GridSamples, SampleGrams
from ..solvers import Solution, Status
from .dynamics import Dynamics
from .flow import Flow, train_flows, worst_of

__all__ = ["Errors", "LearningCurve", "forecast_curve"]

_TOGETHER = 1 << 15  # training samples times channels side by side: beyond, memory weighs more than calls saved
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

    def noisier(self, power: float) -> LearningCurve:
        """Held-out errors at samples that have noise of this power, where they were measured without."""
        held_out = None if self.held_out_mse is None else self.held_out_mse + power
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

    Each channel is one Lanczos run; training errors come from its quadrature, held-out ones from what K_* makes of its
    basis, or from one product with K_* per moment. Memory is that of one channel, of small problems that of several:
    the Krylov basis and T·(N + M) numbers. ``tolerance`` is relative to
    ‖y − f₀‖, on the training samples: 1e-3 is 60 dB below the signal, so PSNRs are good to 0.1 dB up to about 55 dB;
    ``most`` bounds the Lanczos steps.
    """
    maps = _Maps(problem, kernel)
    until = (tolerance, most)
    parts = [
        part for group in maps.groups() for part in _channels(problem, maps.of(group[0]), dynamics, start, until, group)
    ]
    sums = [part.value for part in parts]
    train = _sum([s.train for s in sums]) / measured(problem.training)
    held_out = None
    if problem.held_out is not None:
        held_out = _sum([s.held_out for s in sums]) / measured(problem.held_out)
    return worst_of(parts, LearningCurve(train, held_out, _sum([s.pull for s in sums]), max(s.top for s in sums)))


@dataclass(frozen=True)
class _Map:
    """K on the training samples, with K_* to the held-out ones below it or by itself in ``cross``."""

    gram: LinearOperator
    cross: LinearOperator | None = None


class _Maps:
    """The operators of each channel: the same for all where every channel was measured at every sample."""

    def __init__(self, problem: GridProblem, kernel: StationaryKernel) -> None:
        self._problem, self._grams = problem, SampleGrams(kernel)
        complete = problem.training.complete and (problem.held_out is None or problem.held_out.complete)
        self._shared = self._build(0) if complete else None

    def groups(self) -> list[list[int]]:
        """Channels that are trained side by side."""
        every = list(range(self._problem.channels))
        size = max(1, _TOGETHER // max(1, len(self._problem.training))) if self._shared else 1
        return [every[first : first + size] for first in every[::size]]

    def of(self, channel: int) -> _Map:
        return self._shared or self._build(channel)

    def _build(self, channel: int) -> _Map:
        training = present(self._problem.training, channel)
        if len(training) == 0:
            return _Map(ScaledIdentity(0))
        if self._problem.held_out is None:
            return _Map(self._grams.between(training))
        held_out = present(self._problem.held_out, channel)
        both = self._grams.with_elsewhere(training, held_out)
        return _Map(both) if both else _Map(self._grams.between(training), self._grams.between(held_out, training))


@dataclass(frozen=True)
class _Sums:
    """Squared errors of one channel, summed over training and held-out samples, its pull, (T,) each, and λ_max of K."""

    train: Tensor
    held_out: Tensor
    pull: Tensor
    top: float


def _channels(
    problem: GridProblem, maps: _Map, dynamics: Dynamics, start: float, until: tuple[float, int], channels: list[int]
) -> list[Solution[_Sums]]:
    """Channels that have their map in common."""
    wanted = torch.cat([present(problem.training, channel).values for channel in channels], dim=1).double() - start
    if len(wanted) == 0:  # never measured, never trained: it stays where it starts
        return [_untrained(problem, dynamics, start, channel) for channel in channels]
    flows = train_flows(maps.gram, wanted, dynamics, tolerance=until[0], most=until[1])
    found = []
    for channel, flow in zip(channels, flows, strict=True):
        energy = flow.value.energy()
        held_out = torch.zeros_like(energy)
        if problem.held_out is not None:
            aims = present(problem.held_out, channel).values[:, 0].double() - start
            held_out = _held_out(flow.value, maps.cross, aims)
        top = float(flow.value.run.eigen[0].max())
        found.append(flow.with_value(_Sums(energy, held_out, flow.value.pull(), top)))
    return found


def _held_out(flow: Flow, cross: LinearOperator | None, wanted: Tensor) -> Tensor:
    """Squared errors at other points, summed, (T,): one moment at a time where each takes a product with K_*."""
    if cross is None:
        return (wanted - flow.change_elsewhere()).square().sum(1)
    return torch.stack([(wanted - cross @ weights).square().sum() for weights in flow.weights()])


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
