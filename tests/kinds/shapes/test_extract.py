"""Surfaces of functions: closed, true, and the same by blocks as whole."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import trimesh

from fourierfield.errors import TooLargeError
from fourierfield.grids._domain import Grid
from fourierfield.kinds.shapes._extract import extract_surface

CENTRE = np.array([0.5, 0.46, 0.53])


def cube_grid(*shape: int) -> Grid:
    return Grid((0.0,) * 3, (1.0,) * 3, shape)


def ball(points: np.ndarray) -> np.ndarray:
    return 0.3 - np.linalg.norm(points - CENTRE, axis=-1)


def solid(vertices: np.ndarray, faces: np.ndarray) -> trimesh.Trimesh:
    return trimesh.Trimesh(vertices, faces, process=False)


@pytest.mark.parametrize("shape", [(48, 48, 48), (47, 41, 60)])
def test_a_sphere_is_closed_and_round(shape: tuple[int, ...]) -> None:
    mesh = solid(*extract_surface(ball, cube_grid(*shape)))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.euler_number == 2
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 0.3**3, rel=0.01)
    assert mesh.area == pytest.approx(4 * np.pi * 0.3**2, rel=0.01)


def whole(values_at, grid: Grid) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[no-untyped-def]
    """Marching cubes of all samples at once."""
    from skimage.measure import marching_cubes

    values = values_at(grid.coordinates(np.arange(grid.size))).reshape(grid.shape).astype(np.float32)
    padded = np.pad(values, 1, constant_values=-1.0)
    vertices, faces, _, _ = marching_cubes(padded, 0.0, gradient_direction="ascent")
    return np.array(grid.origin) + (vertices - 1) * np.array(grid.spacing), faces


def test_blocks_give_what_the_whole_gives() -> None:
    def torus(points: np.ndarray) -> np.ndarray:
        x, y, z = (points - CENTRE).T
        return 0.1 - np.hypot(np.hypot(x, y) - 0.27, z)

    grid = cube_grid(37, 42, 39)
    expected_vertices, expected_faces = whole(torus, grid)
    vertices, faces = extract_surface(torus, grid)
    assert faces.shape == expected_faces.shape
    assert solid(vertices, faces).euler_number == 0
    ordered = [v[np.lexsort(v.round(5).T)] for v in (vertices, expected_vertices)]
    np.testing.assert_allclose(ordered[0], ordered[1], atol=1e-5)


def test_noise_is_closed_too() -> None:
    noise = np.random.default_rng(0).standard_normal((20, 20, 20))
    mesh = solid(*extract_surface(lambda p: noise[tuple(np.floor(p * 20).astype(int).T)], cube_grid(20, 20, 20)))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent


def test_what_leaves_the_box_is_closed_there() -> None:
    mesh = solid(*extract_surface(lambda p: ball(p) + 0.4, cube_grid(24, 24, 24)))
    assert mesh.is_watertight
    assert mesh.volume > 0.8


def test_empty_and_level() -> None:
    assert extract_surface(lambda p: ball(p) - 1, cube_grid(16, 16, 16))[1].shape == (0, 3)
    small = solid(*extract_surface(ball, cube_grid(40, 40, 40), level=0.1))
    assert small.volume == pytest.approx(4 / 3 * np.pi * 0.2**3, rel=0.02)


def test_thin_sheets_are_followed_from_where_they_are_met() -> None:
    """A needle one sample wide ends in a ball: the coarse look sees the ball alone."""

    def needle(points: np.ndarray) -> np.ndarray:
        x, y, z = points.T
        along = np.clip(x, 0.15, 0.8)
        rod = 0.012 - np.sqrt((x - along) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2)
        return np.maximum(rod, 0.15 - np.linalg.norm(points - [0.75, 0.5, 0.5], axis=1))

    grid = cube_grid(96, 96, 96)
    vertices, faces = extract_surface(needle, grid)
    assert len(faces) == len(whole(needle, grid)[1])
    assert vertices[:, 0].min() < 0.15


def test_few_samples_are_evaluated_and_little_is_held() -> None:
    asked = 0

    def counted(points: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += len(points)
        return ball(points)

    shares = []
    tracemalloc.start()
    extract_surface(counted, cube_grid(160, 160, 160), report=shares.append)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert asked < 0.2 * 160**3
    assert peak < 4 * 4 * 160**3 * 0.7
    assert shares[-1] == 1


def test_too_fine_a_grid_is_refused() -> None:
    with pytest.raises(TooLargeError, match="lower --size"):
        extract_surface(ball, cube_grid(100_000, 100_000, 100_000))
