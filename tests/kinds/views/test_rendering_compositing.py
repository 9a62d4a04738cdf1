"""Compositing against closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.kinds.views._rendering import composite, ray_weights


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=20), st.floats(1e-3, 1.0))
def test_weights_and_what_passes_add_up_to_one(densities: list[float], step: float) -> None:
    density = torch.tensor([densities], dtype=torch.float64)
    weights = ray_weights(density, step)
    assert bool((weights >= 0).all())
    assert math.isclose(float(weights.sum() + torch.exp(-density.sum() * step)), 1.0, abs_tol=1e-9)


@pytest.mark.parametrize("samples", [1, 7, 100])
def test_even_fog_absorbs_exponentially(samples: int) -> None:
    density, length = 2.5, 0.8
    seen = composite(
        torch.full((1, samples), density), torch.ones(1, samples, 3), torch.zeros(1, samples), length / samples
    )
    assert torch.allclose(seen.opacity, torch.tensor([1 - math.exp(-density * length)]))


def test_the_first_of_two_walls_is_seen() -> None:
    density, lengths = torch.tensor([[0.0, 1e8, 1e8]]), torch.tensor([[1.0, 2.0, 3.0]])
    colour = torch.tensor([[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]])
    seen = composite(density, colour, lengths, 0.5)
    assert torch.allclose(seen.on("white"), torch.tensor([[0.0, 1.0, 0.0]]))
    assert seen.depth.tolist() == [2.0]


def test_nothing_shows_the_background_at_no_depth() -> None:
    seen = composite(torch.zeros(1, 3), torch.ones(1, 3, 3), torch.ones(1, 3), 0.5)
    assert seen.on("white").tolist() == [[1.0, 1.0, 1.0]]
    assert seen.on("black").tolist() == [[0.0, 0.0, 0.0]]
    assert seen.on(torch.tensor([[0.25, 0.5, 0.75]])).tolist() == [[0.25, 0.5, 0.75]]
    assert seen.depth.tolist() == [math.inf]


def test_gradients() -> None:
    generator = torch.Generator().manual_seed(0)
    density = torch.rand(2, 5, dtype=torch.float64, generator=generator).requires_grad_(True)
    colour = torch.rand(2, 5, 3, dtype=torch.float64, generator=generator).requires_grad_(True)
    lengths = torch.arange(5, dtype=torch.float64).expand(2, 5)

    def seen(density: torch.Tensor, colour: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        pixels = composite(density, colour, lengths, 0.7)
        return pixels.colour, pixels.opacity, pixels.depth

    assert torch.autograd.gradcheck(seen, (density, colour))
