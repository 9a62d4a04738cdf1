"""Rendering rays through a density-and-colour function, only where something may be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ..networks import occupied_at
from .compositing import Pixels, composite
from .rays import Rays, clip_to_box
from .sampling import marching, stratified

__all__ = ["DirectedRadiance", "Radiance", "RaySamples", "Sampling", "render_directed", "render_samples", "sample_rays"]

Radiance = Callable[[Tensor], Tensor]  # points (P, 3) → red, green, blue in [0, 1] and density per unit (P, 4)
DirectedRadiance = Callable[[Tensor, Tensor], Tensor]  # the same at points (P, 3) seen along unit directions (P, 3)


@dataclass(frozen=True)
class Sampling:
    """How rays are sampled: ``step`` coordinate units apart, or in ``count`` equal parts of each ray where given."""

    step: float
    count: int | None = None

    @property
    def most(self) -> int:
        """Samples of the longest ray through the box."""
        return self.count or int(3**0.5 / self.step) + 1


@dataclass(frozen=True)
class RaySamples:
    """Samples of R rays: ``lengths`` (R, K), the ``step`` each stands for, and which of them are looked at,
    ``mask`` (R, K)."""

    rays: Rays
    lengths: Tensor
    step: Tensor | float
    mask: Tensor

    def __getitem__(self, rows: slice) -> RaySamples:
        step = self.step[rows] if isinstance(self.step, Tensor) else self.step
        return RaySamples(self.rays[rows], self.lengths[rows], step, self.mask[rows])

    def affordable(self, most: int) -> int:
        """How many rays, from the first on, have no more than ``most`` samples together; one at least."""
        return max(1, int((self.mask.sum(dim=1).cumsum(0) <= most).sum()))

    def blocks(self, most: int) -> list[RaySamples]:
        """Whole rays with at most about ``most`` samples together, in order."""
        total = self.mask.sum(dim=1).cumsum(0)
        cuts = torch.searchsorted(total, torch.arange(most, int(total[-1]) + most, most, device=total.device))
        ends = [0, *sorted({min(int(cut) + 1, len(total)) for cut in cuts} | {len(total)})]
        return [self[slice(start, end)] for start, end in itertools.pairwise(ends)]


def sample_rays(
    rays: Rays, sampling: Sampling, cells: Tensor | None = None, generator: Generator | None = None
) -> RaySamples:
    """Samples along rays, those in occupied ``cells`` (n, n, n) bool alone; all of them without cells.

    With a ``step`` rays are cut to the box around the occupied cells first.
    """
    if cells is not None and sampling.count is None:
        rays = clip_to_box(rays, *_extent(cells))
    if sampling.count is None:
        lengths, mask = marching(rays.near, rays.far, sampling.step, generator)
        step: Tensor | float = sampling.step
    else:
        lengths, step = stratified(rays.near, rays.far, sampling.count, generator)
        mask = (rays.far > rays.near)[:, None].expand_as(lengths)
    if cells is not None:
        mask = mask & occupied_at(cells, rays.points(lengths))
    return RaySamples(rays, lengths, step, mask)


def render_samples(radiance: Radiance, samples: RaySamples) -> Pixels:
    """What the rays see of a scene, R pixels; samples outside the mask are empty and cost nothing.

    >>> rays = Rays(torch.tensor([[0.5, 0.5, -1.0]]), torch.tensor([[0.0, 0.0, 1.0]]), torch.ones(1), torch.ones(1) * 2)
    >>> fog = lambda points: torch.tensor([1.0, 0.0, 0.0, 2.0]).expand(len(points), 4)
    >>> render_samples(fog, sample_rays(rays, Sampling(0.1))).opacity  # 1 − exp(−2)
    tensor([0.8647])
    """
    return render_directed(lambda points, _: radiance(points), samples)


def render_directed(radiance: DirectedRadiance, samples: RaySamples) -> Pixels:
    """The same where colours depend on the direction that rays run in, c(x, d) (Mildenhall et al. 2020, Section 3).

    >>> rays = Rays(torch.tensor([[0.5, 0.5, -1.0]]), torch.tensor([[0.0, 0.0, 1.0]]), torch.ones(1), torch.ones(1) * 2)
    >>> shiny = lambda points, directions: torch.cat([directions, torch.full((len(points), 1), 2.0)], dim=1)
    >>> render_directed(shiny, sample_rays(rays, Sampling(0.1))).colour
    tensor([[0.0000, 0.0000, 0.8647]])
    """
    points = samples.rays.points(samples.lengths)[samples.mask]
    directions = samples.rays.directions[:, None].expand(*samples.mask.shape, 3)[samples.mask]
    found = radiance(points, directions) if len(points) else points.new_zeros(0, 4)
    values = found.new_zeros(*samples.mask.shape, 4)
    values = values.masked_scatter(samples.mask[..., None].expand_as(values), found)
    return composite(values[..., 3], values[..., :3], samples.lengths, samples.step)


def _extent(cells: Tensor) -> tuple[Tensor, Tensor]:
    """Lower and upper corner, (3,) each, of the box around the occupied cells."""
    ends = []
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        taken = cells.any(dim=others[1]).any(dim=others[0]).nonzero()
        ends.append((taken.amin(), taken.amax() + 1) if len(taken) else (taken.new_zeros(()), taken.new_ones(())))
    lower, upper = (torch.stack(corner) / cells.shape[0] for corner in zip(*ends, strict=True))
    return lower, upper
