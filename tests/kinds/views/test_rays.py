"""Rays of cameras, and where they meet the box."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.kinds.views._cameras import Cameras, look_at
from fourierfield.kinds.views._rays import Rays, camera_rays, clip_to_box
from fourierfield.kinds.views._scene import Scene, box_around


@pytest.mark.parametrize("lens", [np.zeros(5), np.array([-0.1, 0.02, 0.003, -0.002, 0.0])])
def test_a_ray_projects_to_the_middle_of_its_pixel(lens: np.ndarray) -> None:
    pose = look_at((3.0, -2.0, 1.5), (0.1, 0.0, -0.2))[None]
    cameras = Cameras(pose, np.array([[55.0, 50.0]]), np.array([[19.0, 16.0]]), lens[None], (30, 40))
    scene = Scene(cameras, box_around(np.array([0.5, -0.2, 0.1]), 2.0), 0.5, 9.0)
    rows, columns = np.array([0, 7, 29]), np.array([0, 31, 39])
    rays = camera_rays(scene, np.zeros(3, dtype=int), rows, columns)
    there = scene.placement.to_columns((rays.origins + 0.7 * rays.directions).numpy())
    pixels, _ = cameras.project(there)
    assert np.allclose(pixels, np.stack([columns, rows], axis=-1) + 0.5, atol=1e-3)
    assert torch.allclose(rays.directions.norm(dim=1), torch.ones(3))


def test_near_and_far_are_depths_along_the_axis() -> None:
    cameras = Cameras.pinhole(look_at((0.0, -4.0, 0.0), (0.0, 0.0, 0.0))[None], 10.0, (21, 21))
    scene = Scene(cameras, box_around(np.zeros(3), 100.0), 2.0, 6.0)
    rays = camera_rays(scene, np.zeros(2, dtype=int), np.array([10, 3]), np.array([10, 18]))
    for length, depth in ((rays.near, 2.0), (rays.far, 6.0)):
        there = scene.placement.to_columns((rays.origins + length[:, None] * rays.directions).numpy())
        assert np.allclose(cameras.project(there)[1], depth, atol=1e-4)


POINT = st.tuples(*[st.floats(-2, 3, width=32)] * 3)


@given(POINT, POINT)
def test_the_box_holds_what_lies_between_near_and_far_and_nothing_else(
    origin: tuple[float, ...], towards: tuple[float, ...]
) -> None:
    direction = torch.tensor(towards) - torch.tensor(origin)
    if float(direction.norm()) < 1e-2:
        return
    ray = Rays(torch.tensor([origin]), direction[None] / direction.norm(), torch.zeros(1), torch.full((1,), 20.0))
    cut = clip_to_box(ray)
    lengths = torch.linspace(0, 20, 401)
    points = ray.points(lengths[None])[0]
    inside = ((points > 1e-4) & (points < 1 - 1e-4)).all(dim=1)
    outside = ((points < -1e-4) | (points > 1 + 1e-4)).any(dim=1)
    within = (lengths >= cut.near) & (lengths <= cut.far)
    assert not bool((inside & ~within).any())
    assert not bool((outside & within).any())
