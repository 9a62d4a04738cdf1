"""Limit kernels in closed form against the kernel of very many drawn frequencies."""

from __future__ import annotations

import math

import pytest
import torch

from fourierfield.encodings._families import positional, power_law, random_features
from fourierfield.encodings._laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, PositionalLaw, UniformLaw

LAWS = [GaussianLaw, LaplaceLaw, UniformLaw, LogUniformLaw, PositionalLaw]
DRAWS = 300_000


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("bandwidth", [(6.0,), (6.0, 6.0), (3.0, 6.0), (5.0, 5.0, 5.0)])
def test_the_closed_form_is_the_limit_of_many_draws(
    law: type[FrequencyLaw], bandwidth: tuple[float, ...], generator: torch.Generator
) -> None:
    chosen = law(bandwidth)  # type: ignore[call-arg]
    encoding = random_features(chosen, DRAWS, generator)
    delta = torch.cat([torch.zeros(1, len(bandwidth)), torch.randn(40, len(bandwidth), generator=generator) * 0.15])
    closed = chosen.kernel(delta)
    assert closed[0] == 1
    torch.testing.assert_close(encoding.kernel(delta), closed, rtol=0, atol=5 / math.sqrt(DRAWS))


@pytest.mark.parametrize("law", LAWS)
def test_draws_depend_on_the_generator_alone(law: type[FrequencyLaw]) -> None:
    first, again = (law((4.0, 4.0)).draw(50, torch.Generator().manual_seed(3)) for _ in range(2))  # type: ignore[call-arg]
    assert torch.equal(first, again)
    assert torch.isfinite(first).all()


def test_bandwidth_is_the_standard_deviation_or_the_highest_frequency(generator: torch.Generator) -> None:
    for law in (GaussianLaw((7.0,)), LaplaceLaw((7.0,))):
        assert law.draw(DRAWS, generator).std().item() == pytest.approx(7.0, rel=0.02)
    for bounded in (UniformLaw((7.0, 7.0)), LogUniformLaw((7.0, 7.0)), PositionalLaw((7.0, 7.0))):
        longest = bounded.draw(DRAWS, generator).norm(dim=1).max().item()
        assert longest == pytest.approx(7.0, rel=0.01)
        assert longest <= 7.0 + 1e-4


def test_the_positional_encoding_tends_to_its_limit() -> None:
    encoding = positional(2, 31.0, 20_000)
    delta = torch.randn(30, 2, generator=torch.Generator().manual_seed(1)) * 0.1
    torch.testing.assert_close(encoding.kernel(delta), encoding.limit_kernel(delta), rtol=0, atol=1e-3)


def test_families_without_a_limit_say_so() -> None:
    with pytest.raises(ValueError, match="no closed-form"):
        power_law(1, 8).limit_kernel(torch.zeros(1, 1))


def test_a_log_uniform_law_needs_room_above_one_cycle() -> None:
    with pytest.raises(ValueError, match="above 1"):
        LogUniformLaw((0.5,))
