"""Points along the rays of a CT scan, for fields that are asked at points."""

from __future__ import annotations

import numpy as np
import torch
from torch import Generator, Tensor

from ...signals.scans import SinogramSignal

__all__ = ["Lines"]


class Lines:
    """The rays of a scan that were measured, by number: where they run in the field's domain, and what they saw.

    The integral of a field f along a ray is its length within the domain, in the scan's unit, times the mean of f over
    points spread evenly along it (``points``): a continuous field needs no grid.

    >>> from fourierfield.signals.scans import Geometry
    >>> lines = Lines(SinogramSignal(np.ones((1, 1, 2), np.float32), Geometry(np.zeros(1), 2)))
    >>> lines.lengths, lines.points(torch.tensor([0]), 2)
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
        """Points (R, count, d) along rays: one in each of ``count`` equal parts, anywhere in it by a ``generator`` and
        in its middle without."""
        shape = (len(numbers), count)
        within = torch.full(shape, 0.5) if generator is None else torch.rand(shape, generator=generator)
        shares = (torch.arange(count) + within) / count
        rays = self._rays[numbers]
        plane = self._start[rays][:, None] + shares[..., None] * self._way[rays][:, None]
        if self._height is None:
            return plane
        return torch.cat([self._height[numbers][:, None, None].expand(*shape, 1), plane], dim=-1)


def _inside(places: np.ndarray, ways: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """From where to where lines p + t·w run within [−reach, reach]² (slabs; Kay & Kajiya 1986); from 0 to 0 for those
    that miss it."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first, second = (np.nan_to_num((side - places) / ways, nan=-np.inf) for side in (-reach, reach))
    near, far = np.minimum(first, second), np.maximum(first, second)
    flat = ways == 0  # along a slab: all or nothing of it
    near, far = np.where(flat, -np.inf, near), np.where(flat, np.inf, far)
    start, end = near.max(axis=1), far.min(axis=1)
    missed = (end <= start) | (flat & (np.abs(places) > reach)).any(axis=1)
    return np.where(missed, 0.0, start), np.where(missed, 0.0, end)
