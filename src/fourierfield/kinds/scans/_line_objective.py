"""Train on batches of rays of a CT scan, with points anywhere on them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Generator, Tensor

from ...networks._mlp import CoordinateNetwork
from ...networks._values import ValueRange
from ...training._data import Batches
from ...training._optimiser import rows_at_once
from ...training._plan import TrainingPlan
from ._image_objective import ScanObjective, measurement_psnr
from ._problem import ScanProblem
from ._sinogram import SinogramSignal


class Rays:
    """The rays of a scan that were measured, by number: where they run in the field's domain, and what they measured.

    The integral of a field f along a ray is its length within the domain, in the scan's unit, times the mean of f over
    points spread evenly along it (``points``): a continuous field needs no grid.

    >>> from fourierfield.operators._geometry import Geometry
    >>> rays = Rays(SinogramSignal(np.ones((1, 1, 2), np.float32), Geometry(np.zeros(1), 2)))
    >>> rays.lengths, rays.points(torch.tensor([0]), 2)
    (tensor([2., 2.]), tensor([[[0.7500, 0.2500],
             [0.2500, 0.2500]]]))
    """

    def __init__(self, scan: SinogramSignal) -> None:
        geometry, domain = scan.geometry, scan.domain
        nearest, directions = (part.reshape(-1, 2) for part in geometry.rays())
        start, end = _inside(nearest, directions, geometry.side / 2)
        measured = scan.projections.transpose(1, 0, 2).reshape(scan.slices, -1)
        slices, rays = np.nonzero(~np.isnan(measured))
        middle = np.array([geometry.side / 2, geometry.side / 2])
        places = np.stack([-nearest[:, 1], nearest[:, 0]], axis=1) + middle  # rows run downwards
        ways = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
        self._rays = torch.from_numpy(rays)
        self._start, self._way = (
            torch.from_numpy(part / domain.scale).float()
            for part in (places + start[:, None] * ways, (end - start)[:, None] * ways)
        )
        height = (slices + 0.5) * scan.thickness / domain.scale
        self._height = torch.from_numpy(height).float() if scan.slices > 1 else None
        self.lengths = torch.from_numpy((end - start)[rays]).float()
        self.values = torch.from_numpy(measured[slices, rays].astype(np.float32))

    def __len__(self) -> int:
        return len(self.values)

    def points(self, numbers: Tensor, count: int, generator: Generator | None = None) -> Tensor:
        """Return points (R, count, d) along rays, one in each of ``count`` equal parts.

        With a ``generator`` a point lies anywhere in its part, and without one in the middle.
        """
        shape = (len(numbers), count)
        within = torch.full(shape, 0.5) if generator is None else torch.rand(shape, generator=generator)
        shares = (torch.arange(count) + within) / count
        rays = self._rays[numbers]
        plane = self._start[rays][:, None] + shares[..., None] * self._way[rays][:, None]
        if self._height is None:
            return plane
        return torch.cat([self._height[numbers][:, None, None].expand(*shape, 1), plane], dim=-1)


def _inside(places: np.ndarray, ways: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where lines p + t·w enter and leave [−reach, reach]², by slabs (Kay & Kajiya 1986).

    Lines that miss the square run from 0 to 0.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first, second = (np.nan_to_num((side - places) / ways, nan=-np.inf) for side in (-reach, reach))
    near, far = np.minimum(first, second), np.maximum(first, second)
    flat = ways == 0  # parallel to a slab: wholly inside or wholly outside
    near, far = np.where(flat, -np.inf, near), np.where(flat, np.inf, far)
    start, end = near.max(axis=1), far.min(axis=1)
    missed = (end <= start) | (flat & (np.abs(places) > reach)).any(axis=1)
    return np.where(missed, 0.0, start), np.where(missed, 0.0, end)


_ON_CURVE = 256  # rays that each point of the training curve is scored on; bounds the work


class LineObjective(ScanObjective):
    """The loss ½ mean (∫f − y)²/mean y² over rays of a CT scan.

    A ray is sampled at one point in each of ``per_ray`` equal parts, anywhere in it during training. The rays of a step
    and the points on them are functions of the seed and the step. The plan's batch size counts points.
    """

    def __init__(
        self,
        problem: ScanProblem,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        values: ValueRange,
        per_ray: int,
    ) -> None:
        super().__init__(network, plan, values)
        assert isinstance(problem.training, SinogramSignal)
        self._per_ray = per_ray
        self._seen = Rays(problem.training)
        held_out = problem.held_out
        self._unseen = Rays(held_out) if isinstance(held_out, SinogramSignal) else None
        size = max(1, (plan.batch_size or len(self._seen) * per_ray) // per_ray)
        self._batches = Batches(len(self._seen), size, plan.seed)
        self._scale = 1 / (float(self._seen.values.double().square().mean()) or 1.0)

    def accumulate(self, step: int) -> Tensor:
        generator = Generator().manual_seed((self._plan.seed * 1_000_003 + step) % (1 << 63))
        numbers = self._batches.rows(step)
        share, loss = 0.5 * self._scale / len(numbers), torch.zeros((), device=self._plan.device)
        for some in numbers.split(self._rays_at_once):
            part = share * self._errors(self._seen, some, generator).square().sum()
            part.backward()
            loss += part.detach()
        return loss

    @torch.no_grad()
    def score(self, done: int, loss: float) -> dict[str, float | None]:
        return {
            "step": done,
            "loss": loss,
            "train_psnr_db": self._psnr(self._seen),
            "held_out_psnr_db": None if self._unseen is None else self._psnr(self._unseen),
        }

    @property
    def _rays_at_once(self) -> int:
        rows = rows_at_once(self._batches.size * self._per_ray, self._plan)
        return max(1, rows // self._per_ray)

    def _errors(self, rays: Rays, numbers: Tensor, generator: Generator | None) -> Tensor:
        """Return integrals of the field minus the measurements, (R,)."""
        device = self._plan.device
        points = rays.points(numbers, self._per_ray, generator).to(device)
        values = self._field(points.reshape(-1, points.shape[-1])).reshape(len(numbers), self._per_ray)
        return rays.lengths[numbers].to(device) * values.mean(1) - rays.values[numbers].to(device)

    def _psnr(self, rays: Rays) -> float:
        numbers = torch.linspace(0, len(rays) - 1, min(_ON_CURVE, len(rays))).long()
        errors = [self._errors(rays, some, None) for some in numbers.split(self._rays_at_once)]
        return measurement_psnr(torch.cat(errors).cpu(), self._seen.values)
