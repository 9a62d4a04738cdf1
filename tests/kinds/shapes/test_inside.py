"""Inside and outside, against closed forms."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
import trimesh

from fourierfield.kinds.shapes._inside import inside, signed_distance
from fourierfield.kinds.shapes._mesh import MeshSignal

POINTS = np.random.default_rng(0).uniform(-2, 2, (4000, 3))


def test_a_sphere(ball: MeshSignal) -> None:
    points = POINTS + np.array([2, 0, -1])
    radius = np.linalg.norm(POINTS, axis=1)
    clear = np.abs(radius - 1) > 0.01
    np.testing.assert_array_equal(inside(ball, points)[clear], (radius < 1)[clear])
    np.testing.assert_allclose(signed_distance(ball, points), radius - 1, atol=0.005)


def test_parts_that_overlap_are_one_and_cavities_are_outside(make_signal: Callable) -> None:
    one, other = (trimesh.creation.box((2, 2, 2)).apply_translation([x, 0, 0]) for x in (-0.5, 0.5))
    both = make_signal(trimesh.util.concatenate([one, other]))
    points = np.array([[0.0, 0, 0], [-1.4, 0, 0], [1.4, 0, 0], [1.6, 0, 0]])
    assert inside(both, points).tolist() == [True, True, True, False]
    cavity = trimesh.creation.box((1, 1, 1))
    cavity.invert()
    hollow = make_signal(trimesh.util.concatenate([trimesh.creation.box((2, 2, 2)), cavity]))
    assert inside(hollow, np.array([[0.0, 0, 0], [0.75, 0, 0]])).tolist() == [False, True]
    np.testing.assert_allclose(signed_distance(hollow, np.array([[0.0, 0, 0], [0.75, 0, 0]])), [0.5, -0.25])


def test_a_hole_is_closed_smoothly(make_signal: Callable) -> None:
    sphere = trimesh.creation.icosphere(3)
    open_sphere = make_signal(trimesh.Trimesh(sphere.vertices, sphere.faces[5:], process=False))
    radius = np.linalg.norm(POINTS, axis=1)
    clear = np.abs(radius - 1) > 0.15
    np.testing.assert_array_equal(inside(open_sphere, POINTS)[clear], (radius < 1)[clear])


def test_blocks_of_points_change_nothing(ball: MeshSignal, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = inside(ball, POINTS), signed_distance(ball, POINTS)
    monkeypatch.setattr(sys.modules[inside.__module__], "_POINTS", 333)
    np.testing.assert_array_equal(inside(ball, POINTS), whole[0])
    np.testing.assert_array_equal(signed_distance(ball, POINTS), whole[1])
    assert inside(ball, np.empty((0, 3))).shape == (0,)
