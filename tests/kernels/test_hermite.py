"""The Hermite expansion where it is exact, and what it says of itself where it is not."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.kernels._duals import PairMoments
from fourierfield.kernels._hermite import HermiteDual
from fourierfield.networks._activations import ACTIVATIONS


def moments(x: float, y: float, cosine: float) -> PairMoments:
    q_x, q_y = torch.tensor([[x], [y]], dtype=torch.float64)
    gap = torch.sqrt(q_x * q_y) * (1 - cosine)
    return PairMoments(q_x, q_y, torch.sqrt(q_x * q_y) - gap, gap)


@given(st.floats(0.05, 4.0), st.floats(0.05, 4.0), st.floats(-1.0, 1.0))
def test_polynomials_are_exact(x: float, y: float, cosine: float) -> None:
    """σ(u) = u³ − 2u: E σσ = 9x·y·k + 6k³ − 6(x + y)k + 4k, by Isserlis' theorem."""
    pairs = moments(x, y, cosine)
    values = HermiteDual(lambda u: u**3 - 2 * u, terms=8)(pairs)
    k = pairs.covariance.item()
    assert values.covariance.item() == pytest.approx(9 * x * y * k + 6 * k**3 - 6 * (x + y) * k + 4 * k, abs=1e-9)
    assert values.derivative.item() == pytest.approx(9 * x * y + 18 * k**2 - 6 * (x + y) + 4, abs=1e-9)


@given(st.floats(0.05, 2.0), st.floats(0.05, 2.0), st.floats(-1.0, 1.0))
def test_the_gaussian_bump_has_a_closed_form(x: float, y: float, cosine: float) -> None:
    """E e^{−u²/2} e^{−v²/2} = 1/√((1 + x)(1 + y) − k²)."""
    pairs = moments(x, y, cosine)
    determinant = (1 + x) * (1 + y) - pairs.covariance.item() ** 2
    values = HermiteDual(ACTIVATIONS["gaussian"].function)(pairs)
    assert values.covariance.item() == pytest.approx(determinant**-0.5, abs=1e-9)
    assert values.derivative.item() == pytest.approx(pairs.covariance.item() * determinant**-1.5, abs=1e-8)


@pytest.mark.parametrize("name", ["silu", "softplus", "tanh", "gaussian"])
def test_nothing_is_missing_at_the_variance_of_networks(name: str) -> None:
    assert abs(HermiteDual(ACTIVATIONS[name].function).tail(ACTIVATIONS[name].gain)) < 1e-11


@pytest.mark.parametrize("terms", [10, 40, 160])
def test_the_tail_of_a_kink_is_known(terms: int) -> None:
    """ReLU's coefficients: α_n² = q·(n − 3)!!²/(2π n!) for even n (Daniely et al. 2016), so Σ_{n ≥ N} ≈ c/N^{3/2}."""
    known = [
        math.exp(2 * _log_double_factorial(n - 3) - math.lgamma(n + 1)) / (2 * math.pi) for n in range(4, terms, 2)
    ]
    expected = 1 - 2 * (1 / (2 * math.pi) + 0.25 + 1 / (4 * math.pi) + sum(known))
    assert HermiteDual(torch.relu, terms).tail(1.7) == pytest.approx(expected, rel=0.02)


def _log_double_factorial(odd: int) -> float:
    return sum(math.log(n) for n in range(odd, 0, -2))


def test_the_tail_is_the_error_at_full_correlation() -> None:
    dual = HermiteDual(torch.relu, 60)
    beside = dual(PairMoments.stationary(2.0, torch.tensor([1e-15], dtype=torch.float64)))
    assert (1.0 - beside.covariance.item()) / 1.0 == pytest.approx(dual.tail(2.0), rel=1e-3)


def test_points_of_many_norms_need_no_table_of_all_terms() -> None:
    """(N, M) pairs of unequal variances are those of each pair alone, and hold no (terms, N, M) array."""
    generator = torch.Generator().manual_seed(0)
    left, right = torch.randn(7, 2, generator=generator), torch.randn(5, 2, generator=generator)
    dual = HermiteDual(torch.tanh)
    table = dual(PairMoments.of_points(left, right))
    for i, j in ((0, 0), (3, 4), (6, 1)):
        alone = dual(PairMoments.of_points(left[i : i + 1], right[j : j + 1]))
        assert table.covariance[i, j].item() == pytest.approx(alone.covariance.item(), abs=1e-14)
        assert table.derivative[i, j].item() == pytest.approx(alone.derivative.item(), abs=1e-14)
