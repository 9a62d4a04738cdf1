"""Rendering where something is."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from fourierfield.kinds.views._occupancy import OccupancyGrid
from fourierfield.kinds.views._rays import Rays, clip_to_box
from fourierfield.kinds.views._rendering import Sampling, render_samples, sample_rays


def some_rays(count: int = 64) -> Rays:
    generator = torch.Generator().manual_seed(0)
    origins = torch.randn(count, 3, generator=generator)
    origins = 0.5 + 2 * origins / origins.norm(dim=1, keepdim=True)
    towards = torch.rand(count, 3, generator=generator) - origins
    directions = towards / towards.norm(dim=1, keepdim=True)
    return clip_to_box(Rays(origins, directions, torch.zeros(count), torch.full((count,), 9.0)))


def ball(points: Tensor) -> Tensor:
    """A ball of radius 0.2 about the middle, of density 30 and the colour of the place."""
    inside = (points - 0.5).norm(dim=-1) < 0.2
    return torch.cat([points.clamp(0, 1), 30.0 * inside[:, None]], dim=-1)


def test_a_ball_absorbs_by_the_length_of_its_chord() -> None:
    rays = some_rays()
    seen = render_samples(ball, sample_rays(rays, Sampling(1 / 2000)))
    off = 0.5 - rays.origins
    along = (off * rays.directions).sum(dim=1)
    distance = (off - along[:, None] * rays.directions).norm(dim=1)
    chord = 2 * (0.04 - distance.square()).clamp_min(0).sqrt()
    assert float(chord.max()) > 0.3
    assert torch.allclose(seen.opacity, 1 - torch.exp(-30 * chord), atol=0.02)


@pytest.mark.parametrize("sampling", [Sampling(0.02), Sampling(0.02, count=60)])
def test_all_cells_occupied_is_no_grid_to_the_bit(sampling: Sampling) -> None:
    cells = torch.ones(16, 16, 16, dtype=torch.bool)
    with_grid, without = (
        render_samples(ball, sample_rays(some_rays(), sampling, some, torch.Generator().manual_seed(3)))
        for some in (cells, None)
    )
    assert torch.equal(with_grid.colour, without.colour)
    assert torch.equal(with_grid.depth, without.depth)


def test_skipping_empty_cells_changes_nothing_but_the_effort() -> None:
    centre = (torch.arange(16) + 0.5) / 16 - 0.5
    distance = torch.stack(torch.meshgrid(centre, centre, centre, indexing="ij")).norm(dim=0)
    cells = distance < 0.2 + math.sqrt(3) / 16
    asked = 0

    def counted(points: Tensor) -> Tensor:
        nonlocal asked
        asked += len(points)
        return ball(points)

    few = render_samples(counted, sample_rays(some_rays(), Sampling(1 / 500), cells))
    with_cells, asked = asked, 0
    many = render_samples(counted, sample_rays(some_rays(), Sampling(1 / 500)))
    assert torch.allclose(few.opacity, many.opacity, atol=0.05)  # the box around the cells shifts the samples
    assert with_cells < 0.4 * asked


def test_blocks_are_the_whole() -> None:
    samples = sample_rays(some_rays(), Sampling(0.01))
    blocks = samples.blocks(300)
    assert len(blocks) > 5
    assert sum(len(block.rays) for block in blocks) == len(samples.rays)
    whole = render_samples(ball, samples).colour
    assert torch.allclose(torch.cat([render_samples(ball, block).colour for block in blocks]), whole, atol=1e-6)


def test_affordable_rays_stay_within_their_budget() -> None:
    samples = sample_rays(some_rays(), Sampling(0.01))
    count = samples.affordable(500)
    assert int(samples[slice(count)].mask.sum()) <= 500 < int(samples[slice(count + 1)].mask.sum())
    assert samples.affordable(0) == 1


def test_rays_that_miss_everything_see_nothing() -> None:
    rays = some_rays(4)
    seen = render_samples(ball, sample_rays(rays, Sampling(0.01), torch.zeros(4, 4, 4, dtype=torch.bool)))
    assert seen.opacity.tolist() == [0.0] * 4


def test_the_grid_finds_what_is_there_and_forgets_what_is_not() -> None:
    grid = OccupancyGrid(torch.ones(16, 16, 16, dtype=torch.bool), 0.02)
    assert bool(grid.cells.all())
    generator = torch.Generator().manual_seed(0)
    grid.update(lambda points: ball(points)[:, 3], generator)
    centre = (torch.arange(16) + 0.5) / 16 - 0.5
    distance = torch.stack(torch.meshgrid(centre, centre, centre, indexing="ij")).norm(dim=0)
    assert bool(grid.cells[distance < 0.15].all())
    assert not bool(grid.cells[distance > 0.2 + 3 * math.sqrt(3) / 16].any())
    for _ in range(120):
        grid.update(lambda points: points.new_zeros(len(points)), generator)
    assert float(grid.cells.float().mean()) < 0.2


def test_impossible_cells_stay_empty() -> None:
    possible = torch.zeros(8, 8, 8, dtype=torch.bool)
    possible[2:6, 2:6, 2:6] = True
    grid = OccupancyGrid(possible, 0.02)
    grid.update(lambda points: points.new_full((len(points),), 100.0), torch.Generator().manual_seed(0))
    assert torch.equal(grid.cells, possible)


def test_a_grid_goes_on_from_its_state() -> None:
    one, other = (OccupancyGrid(torch.ones(8, 8, 8, dtype=torch.bool), 0.02) for _ in range(2))
    one.update(lambda points: ball(points)[:, 3], torch.Generator().manual_seed(0))
    other.restore({name: tensor.clone() for name, tensor in one.state().items()})
    for grid in (one, other):
        grid.update(lambda points: ball(points)[:, 3], torch.Generator().manual_seed(1))
    assert torch.equal(one.cells, other.cells)
    assert torch.equal(one.density, other.density)
