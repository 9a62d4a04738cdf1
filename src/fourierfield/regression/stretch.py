"""Axes that are measured in different units, brought to a common scale before a bandwidth is chosen for them."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from ..problems import GridSamples, lattice_of
from ..signals import Domain, Grid
from .choice import KernelChoice

__all__ = ["stretched", "stretches", "unstretched"]

_MOST = 8.0  # between two axes


def stretches(samples: GridSamples, domain: Domain) -> tuple[float, ...]:
    """How many times steeper a signal is along each axis than along the steepest, (d,) in [1/8, 1]: alike for axes that
    share a unit, along which a bandwidth means the same, and 1 where all of them do.

    Steepness is the root mean square difference of neighbours over their distance. For a signal of one bandwidth β per
    axis that is proportional to β_a, so that coordinates s∘v have one bandwidth for all axes.
    """
    if len(set(domain.units)) == 1:
        return (1.0,) * domain.dimensions
    values, spacing = _on_lattice(samples)
    each = [_steepness(values, axis) / step for axis, step in enumerate(spacing)]
    steep = [_together(each, domain.units, unit) for unit in domain.units]
    most = max(steep)
    if most == 0:
        return (1.0,) * domain.dimensions
    return tuple(min(1.0, max(1 / _MOST, one / most)) for one in steep)


def _together(each: list[float], units: tuple[str, ...], unit: str) -> float:
    """Of the axes in one unit, the root mean square."""
    own = [steep for steep, other in zip(each, units, strict=True) if other == unit]
    return math.sqrt(sum(steep**2 for steep in own) / len(own))


def _on_lattice(samples: GridSamples) -> tuple[Tensor, tuple[float, ...]]:
    """Values (n₁, …, C), NaN where there are none, and their distances along each axis."""
    lattice = lattice_of(samples)
    if lattice is not None:
        return samples.values.reshape(*lattice.shape, -1), lattice.spacing
    whole = samples.values.new_full((samples.grid.size, samples.values.shape[1]), torch.nan)
    whole[samples.flat] = samples.values
    return whole.reshape(*samples.grid.shape, -1), samples.grid.spacing


def _steepness(values: Tensor, axis: int) -> float:
    """Root mean square difference of neighbours along an axis; 0 where there are none."""
    squares = values.diff(dim=axis).double().square()
    return math.sqrt(float(squares.nanmean())) if bool((~squares.isnan()).any()) else 0.0


def stretched(samples: GridSamples, by: tuple[float, ...]) -> GridSamples:
    """Samples on a grid whose coordinates are s∘v.

    >>> samples = GridSamples(Grid((0.0, 0.0), (1.0, 1.0), (2, 2)), torch.arange(4), torch.zeros(4, 1))
    >>> stretched(samples, (0.5, 1.0)).grid.upper
    (0.5, 1.0)
    """
    lower, upper = (
        tuple(s * x for s, x in zip(by, end, strict=True)) for end in (samples.grid.lower, samples.grid.upper)
    )
    return replace(samples, grid=Grid(lower, upper, samples.grid.shape))


def unstretched(choice: KernelChoice, by: tuple[float, ...]) -> KernelChoice:
    """The choice made for coordinates s∘v, for v itself: bandwidths s∘β."""
    bandwidth = choice.spec.encoding.bandwidth
    if set(by) == {1.0} or bandwidth is None:
        return choice
    each = bandwidth if isinstance(bandwidth, tuple) else (bandwidth,) * len(by)
    return replace(choice, spec=choice.spec.with_bandwidth(tuple(s * b for s, b in zip(by, each, strict=True))))
