"""Dual activations against two-dimensional quadrature, many digits, and Price's theorem."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from fourierfield.kernels._duals import DUALS, Dual, PairMoments, SineDual
from fourierfield.kernels._hermite import HermiteDual
from fourierfield.kernels._infinite import dual_of
from fourierfield.networks._activations import ACTIVATIONS

variances = st.floats(0.05, 3.0)
cosines = st.floats(-1.0, 1.0)
Function = Callable[[Tensor], Tensor]

SMOOTH: dict[str, tuple[Dual, Function]] = {
    "erf": (DUALS["erf"], torch.erf),
    "gelu": (DUALS["gelu"], F.gelu),
    "sine": (SineDual(1.3), lambda x: torch.sin(1.3 * x)),
    "tanh": (HermiteDual(torch.tanh), torch.tanh),
    "silu": (HermiteDual(F.silu), F.silu),
    "softplus": (HermiteDual(F.softplus), F.softplus),
}
ALL = {**{name: dual for name, (dual, _) in SMOOTH.items()}, "relu": DUALS["relu"], "siren": DUALS["sine"]}


def pairs(x: float, y: float, cosine: float) -> PairMoments:
    """Two variances and a correlation, as one pair; the gap is as exact as 1 − ρ is."""
    q_x, q_y = torch.tensor([[x], [y]], dtype=torch.float64)
    gap = torch.sqrt(q_x * q_y) * (1 - cosine)
    return PairMoments(q_x, q_y, torch.sqrt(q_x * q_y) - gap, gap)


def derivative(function: Function, at: Tensor) -> Tensor:
    leaf = at.clone().requires_grad_(True)
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]


def by_quadrature(function: Function, x: float, y: float, cosine: float) -> float:
    """E σ(u)σ(v) by the trapezoidal rule in the plane, which is exact to rounding for what is smooth over a step."""
    nodes = torch.linspace(-9, 9, 181, dtype=torch.float64)
    weights = 0.1 / math.sqrt(2 * math.pi) * torch.exp(-(nodes**2) / 2)
    u = math.sqrt(x) * nodes[:, None]
    v = math.sqrt(y) * (cosine * nodes[:, None] + math.sqrt(1 - cosine**2) * nodes[None])
    return float(weights @ (function(u) * function(v)) @ weights)


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=30)
@given(variances, variances, cosines)
def test_smooth_duals_are_gaussian_expectations(name: str, x: float, y: float, cosine: float) -> None:
    dual, function = SMOOTH[name]
    values = dual(pairs(x, y, cosine))
    assert values.covariance.item() == pytest.approx(by_quadrature(function, x, y, cosine), abs=1e-10)
    expected = by_quadrature(lambda u: derivative(function, u), x, y, cosine)
    assert values.derivative.item() == pytest.approx(expected, abs=1e-8)
    assert values.variance_x.item() == pytest.approx(by_quadrature(function, x, x, 1.0), abs=1e-10)
    assert values.variance_y.item() == pytest.approx(by_quadrature(function, y, y, 1.0), abs=1e-10)


@given(variances, variances, st.floats(-0.999, 0.999))
def test_the_relu_dual_is_an_integral_over_angles(x: float, y: float, cosine: float) -> None:
    """Both are positive where φ is between θ − π/2 and π/2, and E r² = 2: F = √(xy)/π ∫ cos φ cos(φ − θ) dφ."""
    theta = math.acos(cosine)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    half = (math.pi - theta) / 2
    phi = theta / 2 + half * nodes
    integral = half * weights @ (np.cos(phi) * np.cos(phi - theta))
    values = DUALS["relu"](pairs(x, y, cosine))
    assert values.covariance.item() == pytest.approx(math.sqrt(x * y) * integral / math.pi, abs=1e-12)
    assert values.derivative.item() == pytest.approx(2 * half / (2 * math.pi), abs=1e-10)
    assert (values.variance_x.item(), values.variance_y.item()) == (x / 2, y / 2)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=30)
@given(variances, variances, st.floats(-0.98, 0.98))
def test_the_derivative_dual_is_the_slope_in_the_covariance(name: str, x: float, y: float, cosine: float) -> None:
    """Price's theorem, ∂F/∂k = Ḟ, by a central difference."""
    scale = 1e-3 if name == "siren" else 1.0  # sin 30u turns in a thousandth of a variance
    x, y = scale * x, scale * y
    step = 1e-5
    at = [ALL[name](pairs(x, y, cosine + shift)).covariance.item() for shift in (step, -step)]
    slope = (at[0] - at[1]) / (2 * step * math.sqrt(x * y))
    expected = ALL[name](pairs(x, y, cosine)).derivative.item()
    assert slope == pytest.approx(expected, rel=1e-5, abs=1e-6 * DUALS_SCALE.get(name, 1.0))


DUALS_SCALE = {"siren": 900.0}  # ω²


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=30)
@given(variances, variances, cosines)
def test_the_gap_is_what_the_covariance_lacks(name: str, x: float, y: float, cosine: float) -> None:
    values = ALL[name](pairs(x, y, cosine))
    assert (values.gap >= 0).all()
    largest = torch.sqrt(values.variance_x * values.variance_y)
    torch.testing.assert_close(values.gap, largest - values.covariance, rtol=0, atol=1e-11)
    assert (values.covariance.abs() <= largest + 1e-11).all()


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=30)
@given(variances)
def test_equal_points_have_no_gap(name: str, variance: float) -> None:
    values = ALL[name](pairs(variance, variance, 1.0))
    assert values.gap.item() == 0
    assert values.covariance.item() == pytest.approx(values.variance_x.item(), rel=1e-13)


@pytest.mark.parametrize("name", ALL)
def test_a_vanishing_input_is_a_limit(name: str) -> None:
    """Variance 0 is a number, and the covariance there is σ(0)·E σ(v)."""
    zero, small = ALL[name](pairs(0.0, 0.7, 0.3)), ALL[name](pairs(1e-12, 0.7, 0.3))
    assert torch.isfinite(torch.cat(zero)).all()
    assert zero.covariance.item() == pytest.approx(small.covariance.item(), abs=3e-5)


def test_a_vanishing_input_of_a_relu_is_at_right_angles_to_all_others() -> None:
    x = torch.tensor([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    derivative = DUALS["relu"](PairMoments.of_points(x, x)).derivative
    torch.testing.assert_close(derivative[0], torch.tensor([0.5, 0.25, 0.5]).double())
    assert torch.linalg.eigvalsh(derivative).min() > -1e-15


@given(st.floats(1e-14, 1e-3))
def test_the_relu_kink_keeps_its_digits(versine: float) -> None:
    """θ and the gap F(1) − F(c) from 1 − c, against fifty digits."""
    values = DUALS["relu"](PairMoments.stationary(1.0, torch.tensor([versine], dtype=torch.float64)))
    with mpmath.workdps(50):
        cosine = 1 - mpmath.mpf(versine)
        theta = mpmath.acos(cosine)
        covariance = (mpmath.sin(theta) + (mpmath.pi - theta) * cosine) / (2 * mpmath.pi)
        gap, slope = float(mpmath.mpf(0.5) - covariance), float((mpmath.pi - theta) / (2 * mpmath.pi))
    assert values.gap.item() == pytest.approx(gap, rel=1e-8)
    assert values.derivative.item() == pytest.approx(slope, abs=1e-16)


@pytest.mark.parametrize("variance", [1e4, 1e8, 1e12])
@pytest.mark.parametrize("versine", [0.0, 1e-9, 0.3, 2.0])
def test_erf_and_gelu_survive_large_variances(variance: float, versine: float) -> None:
    """Where (1 + q)² − k² is computed as it stands, the first digits of Ḟ are gone at q = 1e8."""
    moments = PairMoments.stationary(variance, torch.tensor([variance * versine], dtype=torch.float64))
    with mpmath.workdps(60):
        q, gap = mpmath.mpf(variance), mpmath.mpf(moments.gap.item())
        k, half_pi = q - gap, mpmath.pi / 2
        root = mpmath.sqrt((1 + 2 * q) ** 2 - 4 * k**2)
        delta2, product = (1 + q) ** 2 - k**2, (1 + q) ** 2
        turn = mpmath.atan2(k, mpmath.sqrt(delta2))
        bracket = 1 / delta2 + (1 - q**2) / product + 1
        slope = mpmath.mpf(1) / 4 + (turn + bracket * k / mpmath.sqrt(delta2)) / (4 * half_pi)
        value = k / 4 + (k * turn + (k**2 + q**2 * delta2) / (product * mpmath.sqrt(delta2))) / (4 * half_pi)
        erf = mpmath.atan2(2 * k, root) / half_pi, 2 / half_pi / root
    computed = DUALS["erf"](moments)
    assert computed.covariance.item() == pytest.approx(float(erf[0]), rel=1e-12, abs=1e-14)
    assert computed.derivative.item() == pytest.approx(float(erf[1]), rel=1e-12)
    computed = DUALS["gelu"](moments)
    assert computed.covariance.item() == pytest.approx(float(value), rel=1e-12, abs=1e-12 * variance)
    assert computed.derivative.item() == pytest.approx(float(slope), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", ["erf", "gelu", "sine"])
@settings(max_examples=30)
@given(variances, variances, cosines)
def test_closed_forms_agree_with_the_hermite_series(name: str, x: float, y: float, cosine: float) -> None:
    dual, function = SMOOTH[name]
    closed, series = dual(pairs(x, y, cosine)), HermiteDual(function)(pairs(x, y, cosine))
    for a, b in zip(closed, series, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_of_a_network_has_its_dual(name: str) -> None:
    """E σ(z)² by adaptive quadrature at the variance that networks have; σ' between 0 and 1 − ρ = 10⁻³ likewise."""
    function, gain = ACTIVATIONS[name].function, ACTIVATIONS[name].gain if name != "sine" else 1e-3
    nodes = torch.linspace(-12, 12, 40_001, dtype=torch.float64)
    density = torch.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi) * (nodes[1] - nodes[0])
    at = math.sqrt(gain) * nodes
    values = dual_of(name)(pairs(gain, gain, 1.0))
    assert values.variance_x.item() == pytest.approx(float(density @ function(at) ** 2), rel=1e-8)
    if name != "relu":
        assert values.derivative.item() == pytest.approx(float(density @ derivative(function, at) ** 2), rel=1e-8)


@given(st.integers(1, 4), st.integers(0, 2**31))
def test_moments_of_points_are_their_inner_products(d: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    left, right = (torch.randn(n, d, dtype=torch.float64, generator=generator) for n in (6, 9))
    moments = PairMoments.of_points(left, right)
    torch.testing.assert_close(moments.covariance, left @ right.T / d, rtol=0, atol=1e-14)
    torch.testing.assert_close(moments.variance_x[:, 0], left.square().sum(1) / d)
    torch.testing.assert_close(moments.scale - moments.gap, moments.covariance, rtol=0, atol=1e-14)
    determinant = moments.variance_x * moments.variance_y - moments.covariance**2
    torch.testing.assert_close(moments.determinant, determinant, rtol=0, atol=1e-12)


def test_moments_of_equal_collinear_and_zero_points_are_exact() -> None:
    points = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    same = PairMoments.of_points(points, points.T.contiguous().T)  # the same numbers, laid out otherwise
    assert same.same.diagonal().all()
    assert (PairMoments.of_points(points, 3 * points).gap.diagonal() < 1e-30).all()
    zero = PairMoments.of_points(torch.zeros(1, 3), points)
    assert (zero.gap == 0).all()
    assert (zero.covariance == 0).all()
