"""Train an infinitely wide network: problem + kernel → KernelField, with axes of different units brought to scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..grids._domain import Domain, Grid
from ..problems._grams import as_array
from ..problems._grid import GridSamples
from ..problems._points import Problem, Samples
from ..solvers._cg import Watch
from ._choice import Candidates, KernelChoice, choose_kernel
from ._evidence import axis_scale
from ._field import KernelField
from ._left_out import LeftOut, Neighbourhoods
from ._solve import Accuracy, places_of, solve_stably
from ._weights import KernelWeights

_MOST = 8.0  # largest ratio of bandwidths along two axes: a limit for axes along which the signal hardly changes


def stretches(samples: GridSamples, domain: Domain) -> tuple[float, ...]:
    """Compute how steep a signal is along each axis relative to the steepest, s (d,) in [1/8, 1].

    Steepness is the root mean square difference of neighbours over their distance, proportional to the bandwidth along
    an axis, so that in s∘v the signal has one bandwidth. Axes that share a unit have the same s; 1 if all do.
    """
    if len(set(domain.units)) == 1:
        return (1.0,) * domain.dimensions
    grid, values = as_array(samples)
    each = [_steepness(values, axis) / step for axis, step in enumerate(grid.spacing)]
    steep = [_together(each, domain.units, unit) for unit in domain.units]
    most = max(steep)
    if most == 0:
        return (1.0,) * domain.dimensions
    return tuple(min(1.0, max(1 / _MOST, one / most)) for one in steep)


def _together(each: list[float], units: tuple[str, ...], unit: str) -> float:
    """Return the root mean square steepness of the axes in one unit."""
    own = [steep for steep, other in zip(each, units, strict=True) if other == unit]
    return math.sqrt(sum(steep**2 for steep in own) / len(own))


def _steepness(values: Tensor, axis: int) -> float:
    """Compute the root mean square difference of neighbours along an axis; 0 if there are none."""
    squares = values.diff(dim=axis).double().square()
    return math.sqrt(float(squares.nanmean())) if bool((~squares.isnan()).any()) else 0.0


def stretched(samples: GridSamples, by: tuple[float, ...]) -> GridSamples:
    """Move samples to a grid whose coordinates are s∘v, for factors s = ``by``.

    >>> samples = GridSamples(Grid((0.0, 0.0), (1.0, 1.0), (2, 2)), torch.arange(4), torch.zeros(4, 1))
    >>> stretched(samples, (0.5, 1.0)).grid.upper
    (0.5, 1.0)
    """
    lower, upper = (
        tuple(s * x for s, x in zip(by, end, strict=True)) for end in (samples.grid.lower, samples.grid.upper)
    )
    return replace(samples, grid=Grid(lower, upper, samples.grid.shape))


def unstretched(choice: KernelChoice, by: tuple[float, ...]) -> KernelChoice:
    """Convert a choice made for coordinates s∘v to one for v itself: its bandwidths become s∘β."""
    bandwidth = choice.spec.encoding.bandwidth
    if set(by) == {1.0} or bandwidth is None:
        return choice
    each = bandwidth if isinstance(bandwidth, tuple) else (bandwidth,) * len(by)
    return replace(choice, spec=choice.spec.with_bandwidth(tuple(s * b for s, b in zip(by, each, strict=True))))


_AROUND = 48  # nearest samples that a left-out one is predicted from, as for standard deviations (docs/kernel.md)


@dataclass(frozen=True)
class KernelRun:
    """A trained ``field``, how it predicted left-out training samples, and how the solver ended.

    ``iterations`` is the number that the solver took, ``residual`` the relative residual at its end.
    """

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
    """Choose a kernel and a ridge by a problem's training samples alone, as ``choose_kernel`` does.

    Axes in different units (those of a film) each get their own bandwidth, in the ratio of the signal's steepness along
    them (``stretches``), unless kernels are ``fixed``.
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

    A sample has no weight in a channel that it lacks. If rounding prevents a solution at a tiny ridge, a larger one is
    used (``field.weights.ridge``), up to 0.01, or ``SettingsError`` raised. ``watch`` is called before each step.
    """
    accuracy, training = accuracy or Accuracy(), problem.training
    kernel = choice.spec.kernel(problem.domain.dimensions)
    values = training.values.double()
    mean = values.nanmean(0).nan_to_num(nan=0.5)
    weights, worst, iterations, ridge = torch.zeros_like(values), 0.0, 0, choice.ridge
    for rows, channels in _groups(values):
        part = training if bool(rows.all()) else training.at(rows)
        aims = (values[rows] - mean)[:, channels]
        found, used = solve_stably(part, kernel, aims, choice.ridge, accuracy, watch)
        ridge = max(ridge, used)
        weights[rows.nonzero(), channels.nonzero().T] = found.value
        worst, iterations = max(worst, found.error), iterations + found.iterations
    left_out = _left_out(training, problem.domain.dimensions, replace(choice, ridge=ridge))
    known = None if training.complete else ~values.isnan()
    kept = KernelWeights(training, weights, mean, ridge, left_out.scale, known)
    field = KernelField(choice.spec, kept, problem.domain, problem.value_range, problem.source)
    field.weights = replace(kept, error=field.solution_error(values))
    return KernelRun(field, left_out, iterations, worst)


def _groups(values: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Group the channels that miss the same samples: masks of samples (N,) and of channels (C,)."""
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


def _known(samples: Samples) -> tuple[Samples, Tensor]:
    """Return the samples at which all channels were measured or, if these are few, those of the fullest channel."""
    values = samples.values.double()
    known = ~values.isnan()
    complete, fullest = known.all(1), int(known.sum(0).argmax())
    if bool(complete.all()):
        return samples, values
    if 2 * int(complete.sum()) >= int(known[:, fullest].sum()):
        return samples.at(complete), values[complete]
    rows = known[:, fullest]
    return samples.at(rows), values[rows][:, fullest : fullest + 1]


def _left_out(training: Samples, dimensions: int, choice: KernelChoice) -> LeftOut:
    """Measure how the chosen kernel predicts some training samples from all others."""
    samples, values = _known(training)
    scale = axis_scale(choice.spec, dimensions)
    around = Neighbourhoods.around(
        places_of(samples), values - values.mean(0), count=_AROUND, scale=scale, weights=samples.weights
    )
    (found,) = around.judge(choice.spec.kernel(dimensions), [choice.ridge])
    channels = training.values.shape[1]
    if len(found.mse) == channels:
        return found
    mse, power, scale = (x.expand(channels) for x in (found.mse, found.power, found.scale))
    return replace(found, mse=mse, power=power, scale=scale)
