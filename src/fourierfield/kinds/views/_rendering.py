"""Volume rendering: samples along rays, only where something may be, composited to pixels."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ._occupancy import occupied_at
from ._rays import Rays, clip_to_box
from ._scene import BACKGROUNDS


@dataclass(frozen=True)
class Pixels:
    """The pixels that R rays see.

    ``colour`` (R, 3) is premultiplied, ``opacity`` (R,) lies in [0, 1], and ``depth`` (R,) is the mean distance along
    the ray that the light comes from, infinite where less than half of the light is stopped.
    """

    colour: Tensor
    opacity: Tensor
    depth: Tensor

    def on(self, background: str | Tensor) -> Tensor:
        """Return the colours (R, 3) in front of "black", "white", or colours (R, 3): C + (1 − opacity)·background."""
        backdrop = BACKGROUNDS[background] if isinstance(background, str) else background
        return self.colour + (1 - self.opacity)[:, None] * backdrop


def ray_weights(density: Tensor, step: Tensor | float) -> Tensor:
    """Compute the weight of each sample of R rays, (R, K) (Mildenhall et al. 2020, Eq. 3; Max 1995).

    w_k = T_k·(1 − exp(−σ_k δ_k)) with T_k = exp(−Σ_{j<k} σ_j δ_j), for densities σ (R, K) per unit of length and
    lengths δ, ``step``. The weights and the light that passes, T after the last sample, add up to 1.

    >>> ray_weights(torch.tensor([[1.0, 1e9, 1.0]]), 0.5)
    tensor([[0.3935, 0.6065, 0.0000]])
    """
    thickness = density * step
    before = torch.nn.functional.pad(torch.cumsum(thickness, dim=1)[:, :-1], (1, 0))
    return torch.exp(-before) * -torch.expm1(-thickness)


def composite(density: Tensor, colour: Tensor, lengths: Tensor, step: Tensor | float) -> Pixels:
    """Composite the samples of each ray to a pixel: Σ w_k c_k, Σ w_k and Σ w_k t_k / Σ w_k.

    ``density`` (R, K) is per unit of length, ``colour`` c is (R, K, 3), ``lengths`` t (R, K) are distances from the
    origin of the ray, and ``step`` is the length that each sample represents.

    >>> seen = composite(torch.tensor([[0.0, 1e9]]), torch.ones(1, 2, 3), torch.tensor([[1.0, 2.0]]), 1.0)
    >>> seen.colour, seen.opacity, seen.depth
    (tensor([[1., 1., 1.]]), tensor([1.]), tensor([2.]))
    """
    weights = ray_weights(density, step)
    opacity = weights.sum(dim=1)
    mean = (weights * lengths).sum(dim=1) / opacity.clamp_min(1e-6)
    depth = torch.where(opacity >= 0.5, mean, torch.inf)
    return Pixels((weights[..., None] * colour).sum(dim=1), opacity, depth)


def stratified(near: Tensor, far: Tensor, count: int, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """Draw one sample in each of ``count`` equal parts of [near, far]; return samples (R, K) and part lengths (R, 1).

    t_k ~ U[near + (k−1)·δ, near + k·δ] with δ = (far − near)/K (Mildenhall et al. 2020, Eq. 2), drawn from
    ``generator``, or the middles of the parts without one. Each sample represents its part, so the lengths of a ray
    add up to far − near.

    >>> stratified(torch.tensor([2.0]), torch.tensor([4.0]), 4)
    (tensor([[2.2500, 2.7500, 3.2500, 3.7500]]), tensor([[0.5000]]))
    """
    step = (far - near)[:, None] / count
    return near[:, None] + (torch.arange(count, device=near.device) + _offsets(near, count, generator)) * step, step


def marching(near: Tensor, far: Tensor, step: float, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """Place samples a ``step`` apart; return them, and which of them lie before ``far``, (R, K) each.

    K is the number of samples that the longest ray needs. Sample k lies in [near + (k−1)·step, near + k·step], at a
    random place if a ``generator`` is given, otherwise in the middle.

    >>> marching(torch.tensor([0.0, 0.5]), torch.tensor([1.0, 1.0]), 0.5)
    (tensor([[0.2500, 0.7500],
            [0.7500, 1.2500]]), tensor([[ True,  True],
            [ True, False]]))
    """
    longest = float((far - near).amax().clamp_min(0)) if len(near) else 0.0
    count = max(1, -int(-longest // step))
    lengths = near[:, None] + (torch.arange(count, device=near.device) + _offsets(near, count, generator)) * step
    return lengths, lengths < far[:, None]


def _offsets(like: Tensor, count: int, generator: Generator | None) -> Tensor:
    if generator is None:
        return torch.full((len(like), count), 0.5, device=like.device, dtype=like.dtype)
    return torch.rand(len(like), count, generator=generator, dtype=like.dtype).to(like.device)


Radiance = Callable[[Tensor], Tensor]  # points (P, 3) → red, green, blue in [0, 1] and density per unit (P, 4)


@dataclass(frozen=True)
class Sampling:
    """A rule for sampling rays: ``step`` coordinate units apart, or ``count`` equal parts of each ray if given."""

    step: float
    count: int | None = None

    @property
    def most(self) -> int:
        """The number of samples of the longest ray through the box."""
        return self.count or int(3**0.5 / self.step) + 1


@dataclass(frozen=True)
class RaySamples:
    """Samples of R rays at ``lengths`` (R, K), a ``step`` each, which are evaluated where ``mask`` (R, K) is true."""

    rays: Rays
    lengths: Tensor
    step: Tensor | float
    mask: Tensor

    def __getitem__(self, rows: slice) -> RaySamples:
        step = self.step[rows] if isinstance(self.step, Tensor) else self.step
        return RaySamples(self.rays[rows], self.lengths[rows], step, self.mask[rows])

    def affordable(self, most: int) -> int:
        """Return how many of the first rays have at most ``most`` samples together, at least one ray."""
        return max(1, int((self.mask.sum(dim=1).cumsum(0) <= most).sum()))

    def blocks(self, most: int) -> list[RaySamples]:
        """Split the rays, in order, into blocks of whole rays with at most about ``most`` samples each."""
        total = self.mask.sum(dim=1).cumsum(0)
        cuts = torch.searchsorted(total, torch.arange(most, int(total[-1]) + most, most, device=total.device))
        ends = [0, *sorted({min(int(cut) + 1, len(total)) for cut in cuts} | {len(total)})]
        return [self[slice(start, end)] for start, end in itertools.pairwise(ends)]


def sample_rays(
    rays: Rays, sampling: Sampling, cells: Tensor | None = None, generator: Generator | None = None
) -> RaySamples:
    """Sample rays; only samples in occupied ``cells`` (n, n, n) bool are evaluated, or all samples without cells.

    If samples are a ``step`` apart, the rays are first cut to the box around the occupied cells.
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
    """Render the R pixels that the rays see; samples outside the mask are empty and cost nothing.

    >>> rays = Rays(torch.tensor([[0.5, 0.5, -1.0]]), torch.tensor([[0.0, 0.0, 1.0]]), torch.ones(1), torch.ones(1) * 2)
    >>> fog = lambda points: torch.tensor([1.0, 0.0, 0.0, 2.0]).expand(len(points), 4)
    >>> render_samples(fog, sample_rays(rays, Sampling(0.1))).opacity  # 1 − exp(−2)
    tensor([0.8647])
    """
    points = samples.rays.points(samples.lengths)[samples.mask]
    found = radiance(points) if len(points) else points.new_zeros(0, 4)
    values = found.new_zeros(*samples.mask.shape, 4)
    values = values.masked_scatter(samples.mask[..., None].expand_as(values), found)
    return composite(values[..., 3], values[..., :3], samples.lengths, samples.step)


def _extent(cells: Tensor) -> tuple[Tensor, Tensor]:
    """Return the lower and the upper corner, (3,) each, of the box around the occupied cells."""
    ends = []
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        taken = cells.any(dim=others[1]).any(dim=others[0]).nonzero()
        ends.append((taken.amin(), taken.amax() + 1) if len(taken) else (taken.new_zeros(()), taken.new_ones(())))
    lower, upper = (torch.stack(corner) / cells.shape[0] for corner in zip(*ends, strict=True))
    return lower, upper
