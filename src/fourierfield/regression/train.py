"""Problem + kernel → KernelField."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..problems import GridSamples, PointSamples, Problem, Samples
from ..solvers import Watch
from .choice import Candidates, KernelChoice, choose_kernel
from .evidence import axis_scale
from .field import KernelField, KernelWeights
from .left_out import LeftOut, Neighbourhoods
from .solve import Accuracy, places_of, solve_stably
from .stretch import stretched, stretches, unstretched

__all__ = ["KernelRun", "choose_for", "train_kernel"]

_AROUND = 48  # samples that a left out one is foretold from


@dataclass(frozen=True)
class KernelRun:
    """A trained field, how it foretold left out training samples, and what the solver took: ``iterations`` and the
    relative ``residual`` that it ended with."""

    field: KernelField
    left_out: LeftOut
    iterations: int
    residual: float


def choose_for(
    problem: Problem,
    candidates: Candidates,
    *,
    ridge: float | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> KernelChoice:
    """``choose_kernel`` by a problem's training samples alone.

    Axes in different units (a film's) get each their own bandwidth, in the ratio of the signal's steepness along them
    (``stretches``), unless kernels are ``fixed``.
    """
    samples, values = _known(problem.training)
    by = (1.0,) * problem.domain.dimensions
    if isinstance(samples, GridSamples) and not candidates.fixed:
        by = stretches(samples, problem.domain)
        samples = stretched(samples, by)
    choice = choose_kernel(samples, values - values.mean(0), candidates, ridge=ridge, report=report)
    return unstretched(choice, by)


def train_kernel(
    problem: Problem,
    choice: KernelChoice,
    accuracy: Accuracy | None = None,
    watch: Watch = lambda step, error: None,
) -> KernelRun:
    """Train an infinitely wide network on a problem to the end: solve (K + ρI) α = y − mean.

    Samples at which a channel is missing have no weight in it. Where rounding does not let a tiny ridge be solved,
    a larger one is taken (``field.weights.ridge``). ``watch`` is told of the solver's steps. Raises
    ``SettingsError`` where none up to 0.01 helps.
    """
    accuracy, training = accuracy or Accuracy(), problem.training
    kernel = choice.spec.kernel(problem.domain.dimensions)
    values = training.values.double()
    mean = values.nanmean(0).nan_to_num(nan=0.5)
    weights, worst, iterations, ridge = torch.zeros_like(values), 0.0, 0, choice.ridge
    for rows, channels in _groups(values):
        part = training if bool(rows.all()) else _picked(training, rows)
        aims = (values[rows] - mean)[:, channels]
        found, used = solve_stably(part, kernel, aims, choice.ridge, accuracy, watch)
        ridge = max(ridge, used)
        weights[rows.nonzero(), channels.nonzero().T] = found.value
        worst, iterations = max(worst, found.error), iterations + found.iterations
    left_out = _left_out(training, replace(choice, ridge=ridge))
    known = None if training.complete else ~values.isnan()
    kept = KernelWeights(training, weights, mean, ridge, left_out.scale, known)
    field = KernelField(choice.spec, kept, problem.domain, problem.value_range, problem.source)
    field.weights = replace(kept, error=field.misses(values))
    return KernelRun(field, left_out, iterations, worst)


def _groups(values: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Channels with the same samples missing: masks of samples (N,) and of channels (C,)."""
    known = ~values.isnan()
    patterns: dict[bytes, list[int]] = {}
    for channel in range(values.shape[1]):
        patterns.setdefault(known[:, channel].numpy().tobytes(), []).append(channel)
    groups = []
    for channels in patterns.values():
        mask = torch.zeros(values.shape[1], dtype=torch.bool)
        mask[channels] = True
        if bool(known[:, channels[0]].any()):
            groups.append((known[:, channels[0]], mask))
    return groups


def _picked(samples: Samples, rows: Tensor) -> Samples:
    if isinstance(samples, PointSamples):
        return samples.at(rows)
    return GridSamples(samples.grid, samples.flat[rows], samples.values[rows])


def _known(samples: Samples) -> tuple[Samples, Tensor]:
    """The samples at which all channels were measured, or where there are few such, those of the fullest channel."""
    values = samples.values.double()
    known = ~values.isnan()
    complete, fullest = known.all(1), int(known.sum(0).argmax())
    if bool(complete.all()):
        return samples, values
    if 2 * int(complete.sum()) >= int(known[:, fullest].sum()):
        return _picked(samples, complete), values[complete]
    rows = known[:, fullest]
    return _picked(samples, rows), values[rows][:, fullest : fullest + 1]


def _left_out(training: Samples, choice: KernelChoice) -> LeftOut:
    """How the chosen kernel foretells training samples from all others."""
    samples, values = _known(training)
    scale = axis_scale(choice.spec, samples_dimensions(samples))
    around = Neighbourhoods.around(
        places_of(samples), values - values.mean(0), count=_AROUND, scale=scale, weights=samples.weights
    )
    (found,) = around.judge(choice.spec.kernel(len(scale)), [choice.ridge])
    channels = training.values.shape[1]
    if len(found.mse) == channels:
        return found
    mse, power, scale = (x.expand(channels) for x in (found.mse, found.power, found.scale))
    return replace(found, mse=mse, power=power, scale=scale)


def samples_dimensions(samples: Samples) -> int:
    """Axes of the samples' domain."""
    return samples.points.shape[1] if isinstance(samples, PointSamples) else len(samples.grid.shape)
