"""Samples along rays."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import kstest

from fourierfield.kinds.views._rendering import importance, marching, stratified

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


def test_importance_samples_follow_the_density(generator: torch.Generator) -> None:
    edges = torch.tensor([[0.0, 1.0, 1.5, 4.0]])
    weights = torch.tensor([[1.0, 6.0, 0.5]])
    found = importance(edges.expand(400, 4), weights.expand(400, 3), 25, generator).flatten().numpy()

    def distribution(x: np.ndarray) -> np.ndarray:
        return np.interp(x, edges[0].numpy(), np.concatenate([[0], np.cumsum(weights[0].numpy())]) / 7.5)

    assert kstest(found, distribution).pvalue > 0.01
    assert kstest(found, lambda x: np.clip(x / 4, 0, 1)).pvalue < 1e-6


def test_importance_without_weights_is_even() -> None:
    found = importance(torch.tensor([[0.0, 1.0, 2.0]]), torch.zeros(1, 2), 4)
    assert torch.allclose(found, torch.tensor([[0.25, 0.75, 1.25, 1.75]]))


def test_importance_does_not_pass_gradients_to_its_weights() -> None:
    weights = torch.ones(1, 2, requires_grad=True)
    assert not importance(torch.tensor([[0.0, 1.0, 2.0]]), weights, 4).requires_grad
