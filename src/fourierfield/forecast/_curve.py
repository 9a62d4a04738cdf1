"""The learning curve of a problem, before any training: training and held-out error at every moment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..kernels._stationary import StationaryKernel
from ..operators._base import LinearOperator, ScaledIdentity
from ..problems._grams import SampleGrams
from ..problems._grid import GridProblem, GridSamples
from ..solvers._solution import Solution, Status
from ._dynamics import Dynamics
from ._flow import Flow, train_flows, worst_of

_TOGETHER = 1 << 15  # training samples times channels that run side by side: beyond it, memory costs more than calls
START = 0.5  # the mean output of a sigmoid network with zero biases before training


@dataclass(frozen=True)
class Errors:
    """Mean squared errors over all channels, on training and on held-out samples, at T moments of training, (T,)."""

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
    """Errors at T moments of a gradient flow, with what an optimiser's clock needs.

    ``pull`` is Σ rᵀK r over the channels' residuals r, (T,), and ``top`` the largest eigenvalue of K.
    """

    pull: Tensor
    top: float

    def between(self, left_out: float) -> LearningCurve:
        """Replace held-out errors by ``left_out`` times them plus 1 − ``left_out`` times the training errors.

        For samples left out of a grid, this estimates the error between the samples that were kept.
        """
        if self.held_out_mse is None:
            return self
        return replace(self, held_out_mse=left_out * self.held_out_mse + (1 - left_out) * self.train_mse)

    def noisier(self, power: float) -> LearningCurve:
        """Add the ``power`` of the samples' noise to held-out errors that were computed without noise."""
        return self if self.held_out_mse is None else replace(self, held_out_mse=self.held_out_mse + power)

    def scaled(self, errors: float, pull: float) -> LearningCurve:
        """Multiply the errors and the pull by a factor each."""
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
    """Train an infinitely wide network with this kernel on a problem in theory, from the constant f₀ = ``start``.

    Each channel is one Lanczos run of at most ``most`` steps. Training errors come from its quadrature, held-out errors
    from K_* times its basis or one product with K_* per moment; memory is the Krylov basis and T·(N + M) numbers for
    one channel at a time (those of small problems run together). ``tolerance`` is relative to ‖y − f₀‖ on the training
    samples: 1e-3 is 60 dB below the signal, so PSNRs are good to 0.1 dB up to about 55 dB.
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
    """K on the training samples; K_* to the held-out ones is either stacked below it or separate, as ``cross``."""

    gram: LinearOperator
    cross: LinearOperator | None = None


class _Maps:
    """The operators of each channel; all channels share one where every channel was measured at every sample."""

    def __init__(self, problem: GridProblem, kernel: StationaryKernel) -> None:
        self._problem, self._grams = problem, SampleGrams(kernel)
        complete = problem.training.complete and (problem.held_out is None or problem.held_out.complete)
        self._shared = self._build(0) if complete else None

    def groups(self) -> list[list[int]]:
        """Return the channels in groups that are trained side by side."""
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
    """The sums of squared errors of one channel on both sets of samples and its pull, (T,) each, and λ_max of K."""

    train: Tensor
    held_out: Tensor
    pull: Tensor
    top: float


def _channels(
    problem: GridProblem, maps: _Map, dynamics: Dynamics, start: float, until: tuple[float, int], channels: list[int]
) -> list[Solution[_Sums]]:
    """Train channels that share one map."""
    targets = torch.cat([present(problem.training, channel).values for channel in channels], dim=1).double() - start
    if len(targets) == 0:  # a channel that was never measured stays where it starts
        return [_untrained(problem, dynamics, start, channel) for channel in channels]
    flows = train_flows(maps.gram, targets, dynamics, tolerance=until[0], most=until[1])
    found = []
    for channel, flow in zip(channels, flows, strict=True):
        energy = flow.value.energy()
        held_out = torch.zeros_like(energy)
        if problem.held_out is not None:
            others = present(problem.held_out, channel).values[:, 0].double() - start
            held_out = _held_out(flow.value, maps.cross, others)
        top = float(flow.value.run.eigen[0].max())
        found.append(flow.with_value(_Sums(energy, held_out, flow.value.pull(), top)))
    return found


def _held_out(flow: Flow, cross: LinearOperator | None, targets: Tensor) -> Tensor:
    """Sum the squared errors at other points, (T,); one moment at a time if that takes products with K_*."""
    if cross is None:
        return (targets - flow.change_elsewhere()).square().sum(1)
    return torch.stack([(targets - cross @ weights).square().sum() for weights in flow.weights()])


def _untrained(problem: GridProblem, dynamics: Dynamics, start: float, channel: int) -> Solution[_Sums]:
    zeros = torch.zeros(len(dynamics.decay(torch.ones(1, dtype=torch.float64))), dtype=torch.float64)
    error = 0.0
    if problem.held_out is not None:
        error = float((present(problem.held_out, channel).values.double() - start).square().sum())
    return Solution(_Sums(zeros, zeros + error, zeros, 0.0), Status.CONVERGED, 0, 0.0)


def _sum(parts: list[Tensor]) -> Tensor:
    """Add up tensors of one shape."""
    return torch.stack(parts).sum(0)


def present(samples: GridSamples, channel: int) -> GridSamples:
    """Return the samples at which a channel was measured, with the values of that channel alone."""
    some = replace(samples, values=samples.values[:, channel : channel + 1])
    return some if some.complete else some.at(~torch.isnan(some.values[:, 0]))


def measured(samples: GridSamples) -> int:
    """Count the values that are not missing."""
    return int((~torch.isnan(samples.values)).sum())
