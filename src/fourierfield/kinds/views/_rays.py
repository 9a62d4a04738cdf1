"""Rays: from pixels to lines through the scene, cut to the box."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ._cameras import undistort
from ._scene import Scene


@dataclass(frozen=True)
class Rays:
    """R line segments o + t·d for ``near`` ≤ t ≤ ``far``, in coordinate units.

    ``origins`` and unit ``directions`` are (R, 3), ``near`` and ``far`` are (R,). A ray with near ≥ far meets nothing.
    """

    origins: Tensor
    directions: Tensor
    near: Tensor
    far: Tensor

    def __len__(self) -> int:
        return len(self.origins)

    def __getitem__(self, rows: Tensor | slice) -> Rays:
        return Rays(self.origins[rows], self.directions[rows], self.near[rows], self.far[rows])

    def points(self, lengths: Tensor) -> Tensor:
        """Return the points (R, K, 3) at ``lengths`` (R, K)."""
        return torch.addcmul(self.origins[:, None], lengths[..., None], self.directions[:, None])

    def to(self, device: torch.device) -> Rays:
        """Return the rays on ``device``."""
        return Rays(*(tensor.to(device) for tensor in (self.origins, self.directions, self.near, self.far)))


def camera_rays(scene: Scene, views: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> Rays:
    """Return the rays through the middles of pixels, in the scene's coordinates, cut to its box and depths.

    For pixel (column, row) of a camera, with x = (column + ½ − cx)/fl_x and y = (row + ½ − cy)/fl_y undistorted, the
    direction is R·(x, −y, −1) (Mildenhall et al. 2020, Section 4, in OpenGL's axes). The depths near and far are
    measured along the optical axis; a ray at an angle to it is longer.

    >>> from fourierfield.kinds.views._cameras import Cameras, look_at
    >>> from fourierfield.kinds.views._scene import box_around
    >>> camera = Cameras.pinhole(look_at((0.0, -4.0, 0.0), (0.0, 0.0, 0.0))[None], 100.0, (1, 1))
    >>> rays = camera_rays(Scene(camera, box_around(np.zeros(3), 2.0), 0.0, 9.0), *(np.zeros(1, dtype=int),) * 3)
    >>> rays.origins, rays.directions, rays.far
    (tensor([[ 0.5000, -0.5000,  0.5000]]), tensor([[0., 1., 0.]]), tensor([1.5000]))
    """
    cameras, place = scene.cameras, scene.placement
    plane = np.stack([columns, rows], axis=-1) + 0.5 - cameras.centre[views]
    plane = undistort(plane / cameras.focal[views], cameras.distortion[views])
    local = np.stack([plane[:, 0], -plane[:, 1], -np.ones(len(plane))], axis=-1)
    directions = np.einsum("nij,nj->ni", cameras.poses[views, :3, :3], local)
    per_depth = np.linalg.norm(directions, axis=1) / scene.side  # coordinate units of ray per world unit of depth
    origins = place.to_coordinates(cameras.places[views])
    parts = (
        origins,
        directions / np.linalg.norm(directions, axis=1, keepdims=True),
        scene.near * per_depth,
        scene.far * per_depth,
    )
    return clip_to_box(Rays(*(torch.from_numpy(part.astype(np.float32)) for part in parts)))


def view_rays(scene: Scene, view: int, rows: slice = slice(None)) -> Rays:
    """Return the rays through the pixels of some rows of a view, in C order."""
    height, width = scene.cameras.size
    chosen = np.arange(height)[rows]
    grid = np.repeat(chosen, width), np.tile(np.arange(width), len(chosen))
    return camera_rays(scene, np.full(len(grid[0]), view), *grid)


def clip_to_box(rays: Rays, lower: Tensor | float = 0.0, upper: Tensor | float = 1.0) -> Rays:
    """Cut each ray to its part inside a box, by slabs (Kay & Kajiya 1986); near ≥ far if it misses the box.

    The corners ``lower`` and ``upper`` are (3,), or one number for all axes.

    >>> ray = Rays(torch.tensor([[-1.0, 0.5, 0.5]]), torch.tensor([[1.0, 0.0, 0.0]]), torch.zeros(1), torch.ones(1) * 9)
    >>> inside = clip_to_box(ray)
    >>> inside.near, inside.far
    (tensor([1.]), tensor([2.]))
    """
    inverse = 1 / torch.where(rays.directions.abs() < 1e-12, 1e-12, rays.directions)
    one, other = (lower - rays.origins) * inverse, (upper - rays.origins) * inverse
    enters = torch.minimum(one, other).amax(dim=1)
    leaves = torch.maximum(one, other).amin(dim=1)
    return replace(rays, near=torch.maximum(rays.near, enters), far=torch.minimum(rays.far, leaves))
