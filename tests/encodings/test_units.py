from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings import _units as units
from fourierfield.encodings._octaves import nerf

positive = st.floats(1e-3, 1e4)


@given(positive, positive)
def test_conversions_are_inverse(bandwidth: float, other: float) -> None:
    assert units.from_cycles_per_sample(units.to_cycles_per_sample(bandwidth, other), other) == pytest.approx(bandwidth)
    assert units.from_nerf_levels(units.to_nerf_levels(bandwidth, other), other) == pytest.approx(bandwidth)
    assert units.from_siren_omega(units.to_siren_omega(bandwidth, 3), 3) == pytest.approx(bandwidth)


def test_levels_are_those_of_the_constructor() -> None:
    encoding = nerf(2, levels=7, multiplier=math.pi)
    assert isinstance(encoding.bandwidth, float)
    assert units.to_nerf_levels(encoding.bandwidth, math.pi) == pytest.approx(7)


def test_omega_is_that_of_a_siren_layer(generator: torch.Generator) -> None:
    omega, d = 30.0, 2
    weights = torch.empty(200_000, d).uniform_(-1 / d, 1 / d, generator=generator)
    cycles_per_unit = omega * weights / (2 * math.pi) * 2  # [-1, 1] is two units long
    assert units.from_siren_omega(omega, d) == pytest.approx(cycles_per_unit.std().item(), rel=0.01)
