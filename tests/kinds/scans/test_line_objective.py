"""Points along rays."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.kinds.scans._line_objective import Rays
from fourierfield.kinds.scans._problem import forward_map
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry

BLOBS = ((1.0, 0.09, 0.35, 0.6), (0.5, 0.07, 0.62, 0.4))  # height, width, row, column of a field on [0, 1)²


def blobs(points: torch.Tensor) -> torch.Tensor:
    away = points[..., None, -2:] - torch.tensor([blob[2:] for blob in BLOBS])
    height, width = torch.tensor(BLOBS).T[:2]
    return (height * torch.exp(-away.square().sum(-1) / (2 * width**2))).sum(-1)


def in_closed_form(geometry: Geometry) -> np.ndarray:
    """A Gaussian's integral along a line at distance s is √(2π)·h·w·exp(−s²/2w²)."""
    nearest, directions = geometry.rays()
    found = np.zeros(geometry.shape)
    for height, width, row, column in BLOBS:
        off = nearest / geometry.side - np.array([column - 0.5, 0.5 - row])
        off = off - (off * directions).sum(axis=-1, keepdims=True) * directions
        found += math.sqrt(2 * math.pi) * height * width * np.exp(-(off**2).sum(axis=-1) / (2 * width**2))
    return found * geometry.side


def scan_of(geometry: Geometry, slices: int = 1, thickness: float = 1.0) -> SinogramSignal:
    return SinogramSignal(np.ones((len(geometry.angles), slices, geometry.bins), np.float32), geometry, thickness)


def by_points(rays: Rays, count: int = 128) -> torch.Tensor:
    numbers = torch.arange(len(rays))
    return rays.lengths * blobs(rays.points(numbers, count)).mean(1)


@settings(max_examples=15)
@given(st.integers(24, 41), st.floats(-4, 4), st.floats(0.3, 3.0), st.booleans(), st.floats(-7, 7))
def test_integrals_are_those_of_the_formula(bins: int, off: float, spacing: float, fan: bool, first: float) -> None:
    distances = {"source": 2.0 * spacing * bins, "detector": 3.0 * spacing * bins} if fan else {}
    geometry = Geometry(first + np.linspace(0, 6, 7), bins, (bins - 1) / 2 + off, spacing, **distances)
    truth = torch.from_numpy(in_closed_form(geometry).ravel()).float()
    found = by_points(Rays(scan_of(geometry)))
    assert (found - truth).norm() < 0.01 * truth.norm()


@pytest.mark.parametrize("fan", [{}, {"source": 70.0, "detector": 100.0}])
@pytest.mark.parametrize("slices", [1, 3])
def test_integrals_are_those_of_the_operator_on_a_grid(fan: dict[str, Any], slices: int) -> None:
    scan = scan_of(Geometry(np.linspace(0, 5, 6), 40, 19.0, 1.0, **fan), slices, 1.7)
    grid = scan.domain.grid(scan.image_shape)
    image = blobs(torch.from_numpy(grid.coordinates(np.arange(grid.size)))).double()
    if slices > 1:
        image = image * torch.arange(1, slices + 1).repeat_interleave(1600)
    rays = Rays(scan)
    found = by_points(rays) * (torch.arange(1, slices + 1).repeat_interleave(240) if slices > 1 else 1)
    by_grid = (forward_map(scan) @ image).float()
    assert (found - by_grid).norm() < 0.01 * by_grid.norm()


def test_slices_lie_in_the_middle_of_their_height() -> None:
    rays = Rays(scan_of(Geometry(np.zeros(2), 4), slices=3, thickness=2.0))
    points = rays.points(torch.arange(24), 2)
    assert points.shape == (24, 2, 3)
    assert torch.allclose(points[:, :, 0], torch.tensor([1.0, 3.0, 5.0]).repeat_interleave(8)[:, None] / 6)


@given(st.floats(0, 6.3), st.floats(0.5, 2), st.booleans())
@settings(max_examples=20)
def test_points_lie_within_the_square_and_lengths_are_those_of_chords(angle: float, spacing: float, fan: bool) -> None:
    distances = {"source": 20.0, "detector": 20.0} if fan else {}
    geometry = Geometry(np.array([angle]), 9, 5.0, spacing, **distances)
    rays = Rays(scan_of(geometry))
    first, last = rays.points(torch.arange(9), 1000)[:, [0, -1]].unbind(1)
    way = (last - first) * 1000 / 999  # from one end to the other
    ends = torch.stack([first - way / 2000, last + way / 2000])[:, rays.lengths > 0]
    assert ((ends > -1e-5) & (ends < 1 + 1e-5)).all()
    assert torch.allclose(way.norm(dim=1) * geometry.side, rays.lengths, rtol=1e-4, atol=1e-4)
    assert ((ends.abs() < 1e-4) | ((ends - 1).abs() < 1e-4)).any(-1).all()


def test_chords_of_the_square() -> None:
    along = Rays(scan_of(Geometry(np.array([0.0, np.pi / 2, np.pi / 4]), 5)))
    assert torch.allclose(along.lengths[:10], torch.tensor(5.0))
    corner = 5 * math.sqrt(2)
    assert torch.allclose(along.lengths[10:], torch.tensor([corner - 4, corner - 2, corner, corner - 2, corner - 4]))


@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 2])
def test_rays_that_miss_the_square_are_nothing(angle: float) -> None:
    """An axis near the detector's end lets its other end see past the square."""
    geometry = Geometry(np.array([angle]), 12, 0.5)
    rays = Rays(scan_of(geometry))
    beside = np.abs(geometry.offsets) > 6 * (abs(math.cos(angle)) + abs(math.sin(angle))) + 1e-9
    assert np.array_equal(rays.lengths.numpy() == 0, beside)
    assert 0 < beside.sum() < 12
    assert by_points(rays)[torch.from_numpy(beside)].abs().max() == 0


def test_missing_rays_are_left_out_in_order() -> None:
    scan = scan_of(Geometry(np.linspace(0, 3, 4), 5), slices=2)
    values = np.arange(40, dtype=np.float32).reshape(4, 2, 5)
    gaps = replace(scan, projections=np.where(values % 3 == 1, np.nan, values))
    whole, some = Rays(replace(scan, projections=values)), Rays(gaps)
    kept = whole.values % 3 != 1
    assert len(some) == int(kept.sum())
    assert torch.equal(some.values, whole.values[kept])
    assert torch.equal(some.lengths, whole.lengths[kept])
    numbers = torch.arange(len(some))
    assert torch.equal(some.points(numbers, 3), whole.points(kept.nonzero()[:, 0], 3))
    assert torch.equal(whole.values, torch.from_numpy(values.transpose(1, 0, 2).ravel()))


def test_jitter_stays_within_its_part() -> None:
    rays = Rays(scan_of(Geometry(np.array([0.3]), 5)))
    numbers = torch.tensor([2]).repeat(400)
    middles = rays.points(numbers, 4)
    drawn = rays.points(numbers, 4, torch.Generator().manual_seed(0))
    again = rays.points(numbers, 4, torch.Generator().manual_seed(0))
    part = (middles[0, 1] - middles[0, 0]).norm()
    off = (drawn - middles).norm(dim=-1)
    assert torch.equal(drawn, again)
    assert off.max() <= 0.5 * part * (1 + 1e-4)
    assert off.max() > 0.49 * part
    assert off.mean() == pytest.approx(0.25 * float(part), rel=0.05)
