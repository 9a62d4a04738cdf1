"""Where a shape is sampled, and what is found there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from fourierfield.errors import SettingsError
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.kinds.shapes._inside import signed_distance
from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._problem import ShapeSampling, shape_problem, shape_values


@pytest.fixture(scope="module")
def ball() -> MeshSignal:
    sphere = trimesh.creation.icosphere(3, radius=2.0).apply_translation([1, 1, 1])
    return MeshSignal(np.array(sphere.vertices), np.array(sphere.faces, dtype=np.int64), "ball")


def test_shares_of_the_points(ball: MeshSignal) -> None:
    points = ShapeSampling(20_000, near=0.5, spread=0.01, wider=0.0, around=0.1).draw(ball, 0)
    distance = np.abs(signed_distance(ball, ball.placement.to_columns(points))) * ball.placement.factor[0]
    near = 0.5 + 0.5 * (4 * np.pi * 0.5**2 * 0.06)  # those drawn there, and as many of the rest as fall within 3σ
    assert (distance < 0.03).mean() == pytest.approx(near, abs=0.03)
    wider = ShapeSampling(20_000, near=1.0, spread=0.01, wider=0.25, around=0.0).draw(ball, 0)
    distance = np.abs(signed_distance(ball, ball.placement.to_columns(wider))) * ball.placement.factor[0]
    assert (distance > 0.04).mean() == pytest.approx(0.25 * 0.424, abs=0.02)  # beyond 0.8 of their σ
    low, high = np.array(ball.box)
    uniform = ShapeSampling(20_000, near=0.0, around=0.0).draw(ball, 0)
    assert ((uniform >= low) & (uniform <= high)).all()
    np.testing.assert_allclose(uniform.mean(axis=0), (low + high) / 2, atol=0.01)


def test_the_seed_decides(ball: MeshSignal) -> None:
    first, again, other = (shape_problem(ball, sampling=ShapeSampling(500), seed=s) for s in (3, 3, 4))
    assert torch.equal(first.training.points, again.training.points)
    assert torch.equal(first.training.values, again.training.values)
    assert not torch.equal(first.training.points, other.training.points)


def test_occupancy_and_distance(ball: MeshSignal) -> None:
    points = ShapeSampling(2000).draw(ball, 0)
    occupied, distance = (shape_values(ball, points, target)[:, 0] for target in ("occupancy", "distance"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(occupied, distance < 0)
    radius = np.linalg.norm(ball.placement.to_columns(points) - 1, axis=1)
    np.testing.assert_allclose(distance, radius - 2, atol=0.03)


def test_distances_are_scaled_by_the_training_range(ball: MeshSignal) -> None:
    problem = shape_problem(ball, "distance", ShapeSampling(2000), RandomHoldOut(0.25, 0))
    assert len(problem.training) == 1500
    assert problem.held_out is not None
    assert len(problem.held_out) == 500
    assert (problem.training.values.min(), problem.training.values.max()) == (0, 1)
    restored = problem.value_range.restore(problem.held_out.values.numpy())
    expected = shape_values(ball, problem.held_out.points.numpy(), "distance")
    np.testing.assert_allclose(restored, expected, atol=1e-12)


def test_occupancy_is_its_own_value(ball: MeshSignal) -> None:
    problem = shape_problem(ball, sampling=ShapeSampling(500))
    assert set(problem.training.values.unique().tolist()) == {0.0, 1.0}
    assert problem.value_range.common == (0.0, 1.0)
    assert problem.held_out is None
    assert problem.domain.sides == pytest.approx((1, 1, 1))
    assert problem.source.kind == "mesh"


def test_a_hold_out_of_grids_is_refused(ball: MeshSignal) -> None:
    with pytest.raises(SettingsError, match="has none"):
        shape_problem(ball, sampling=ShapeSampling(100), hold_out=GridHoldOut())
