"""The Matérn kernel against fifty digits and against its own spectrum."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from fourierfield.kernels._matern import MaternKernel

SMOOTHNESS = [0.1, 0.5, 0.8, 0.999999, 1.0, 1.000001, 1.5, 2.0, 2.5, 3.7, 20.0, 50.0]


def exact_gap(nu: float, z: float) -> float:
    with mpmath.workdps(60):
        order, argument = mpmath.mpf(nu), mpmath.mpf(z)
        value = 2 ** (1 - order) / mpmath.gamma(order) * argument**order * mpmath.besselk(order, argument)
        return float(1 - value)


@pytest.mark.parametrize("nu", SMOOTHNESS)
@pytest.mark.parametrize("z", [1e-12, 1e-7, 1e-4, 1e-3, 0.0099, 0.09999, 0.10001, 0.7, 4.0, 30.0])
def test_the_gap_has_its_digits(nu: float, z: float) -> None:
    distance = torch.tensor([[z]], dtype=torch.float64)
    gap = MaternKernel(nu, math.sqrt(2 * nu)).gap(distance)
    assert gap.item() == pytest.approx(exact_gap(nu, z), rel=1e-9)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
def test_closed_forms_are_the_limit_of_their_neighbours(nu: float) -> None:
    distance = torch.logspace(-6, 1, 50, dtype=torch.float64)[:, None]
    closed, neighbour = MaternKernel(nu, 0.7).gap(distance), MaternKernel(nu + 1e-9, 0.7).gap(distance)
    torch.testing.assert_close(closed, neighbour, rtol=1e-7, atol=0)


@pytest.mark.parametrize("nu", SMOOTHNESS)
def test_extreme_distances_have_their_limits(nu: float) -> None:
    distance = torch.tensor([0.0, 1e-320, 1e-300, 1e200, math.inf, math.nan], dtype=torch.float64)
    value = MaternKernel(nu, 0.3)(distance[:, None])
    torch.testing.assert_close(value, torch.tensor([1, 1, 1, 0, 0, math.nan]).double(), equal_nan=True)


@pytest.mark.parametrize("nu", [0.5, 0.8, 1.5, 2.5])
def test_it_is_the_integral_of_its_spectral_density(nu: float) -> None:
    kernel = MaternKernel(nu, 0.2)

    def density(f: float) -> float:
        return float(kernel.spectral_density(torch.tensor([f], dtype=torch.float64)))

    for delta in (0.05, 0.2, 0.5):
        value, _ = quad(density, 0, np.inf, weight="cos", wvar=2 * math.pi * delta, limlst=200)
        assert 2 * value == pytest.approx(kernel(torch.tensor([delta], dtype=torch.float64)).item(), abs=1e-7)


@pytest.mark.parametrize("nu", [0.5, 0.8, 1.5, 2.5])
@pytest.mark.parametrize("d", [1, 2])
def test_spectra_of_more_dimensions_integrate_to_those_of_fewer(nu: float, d: int) -> None:
    """∫ S_{d+1} df_{d+1} = S_d, so that every d has the kernel that d = 1 has."""
    kernel = MaternKernel(nu, 0.2)
    for length in (0.0, 0.6, 3.0):
        rest = [length] + [0.0] * (d - 1)

        def density(f: float, rest: list[float] = rest) -> float:
            return float(kernel.spectral_density(torch.tensor([*rest, f], dtype=torch.float64)))

        value, _ = quad(density, 0, np.inf, epsabs=0, epsrel=1e-10)
        expected = kernel.spectral_density(torch.tensor(rest, dtype=torch.float64))
        assert 2 * value == pytest.approx(float(expected), rel=1e-8)


@given(st.floats(0.1, 50.0), st.floats(1e-3, 10.0), st.floats(0.0, 20.0))
def test_length_only_scales(nu: float, length: float, distance: float) -> None:
    scaled = MaternKernel(nu, length)(torch.tensor([distance * length], dtype=torch.float64))
    assert scaled.item() == pytest.approx(
        MaternKernel(nu, 1.0)(torch.tensor([distance], dtype=torch.float64)).item(), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(("nu", "length"), [(0.0, 1.0), (-1.0, 1.0), (51.0, 1.0), (1.0, 0.0), (1.0, math.nan)])
def test_impossible_kernels_are_refused(nu: float, length: float) -> None:
    with pytest.raises(ValueError, match="Matérn"):
        MaternKernel(nu, length)
