"""Samples along rays."""

from __future__ import annotations

import torch

from fourierfield.kinds.views._rendering import marching, stratified

NEAR, FAR = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.5])


def test_one_stratified_sample_lies_in_each_part(generator: torch.Generator) -> None:
    lengths, step = stratified(NEAR, FAR, 16, generator)
    edges = NEAR[:, None] + torch.arange(17) * step
    assert bool(((lengths >= edges[:, :-1]) & (lengths <= edges[:, 1:])).all())
    assert torch.allclose(step[:, 0] * 16, FAR - NEAR)


def test_marching_covers_each_ray_once(generator: torch.Generator) -> None:
    lengths, before = marching(NEAR, FAR, 0.1, generator)
    assert lengths.shape == (2, 20)
    assert before.sum(dim=1).tolist()[0] == 20
    assert before.sum(dim=1).tolist()[1] in (5, 6)
    assert bool((lengths[:, 1:] > lengths[:, :-1]).all())


def test_rays_that_miss_have_no_samples() -> None:
    _, before = marching(torch.tensor([2.0]), torch.tensor([1.0]), 0.1)
    assert not bool(before.any())
