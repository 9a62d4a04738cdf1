"""The recursion over layers against a plain one, and what the two parameterisations have to do with each other."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.kernels._duals import PairMoments
from fourierfield.kernels._infinite import InfiniteMLP, dual_of
from fourierfield.networks._activations import ACTIVATIONS, SIREN_OMEGA
from fourierfield.networks._mlp import MLPSpec

seeds = st.integers(0, 2**31)


def expectations(activation: str, x: float, y: float, k: float) -> tuple[float, float]:
    """F and Ḟ by the textbook formulas for variances x, y and covariance k."""
    if activation == "relu":
        theta = math.acos(max(-1.0, min(1.0, k / math.sqrt(x * y))))
        value = math.sqrt(x * y) * (math.sin(theta) + (math.pi - theta) * math.cos(theta)) / (2 * math.pi)
        return value, (math.pi - theta) / (2 * math.pi)
    if activation == "erf":
        product = (1 + 2 * x) * (1 + 2 * y)
        return 2 / math.pi * math.asin(2 * k / math.sqrt(product)), 4 / math.pi / math.sqrt(product - 4 * k * k)
    w = SIREN_OMEGA**2
    damping = math.exp(-w * (x + y) / 2)
    return damping * math.sinh(w * k), w * damping * math.cosh(w * k)


def plain_recursion(mlp: InfiniteMLP, activation: str, a: Tensor, b: Tensor) -> tuple[float, float]:
    """NNGP and NTK of two inputs, one number at a time, variances beside the covariance."""
    d = len(a)
    f = {"xx": float(a @ a) / d, "yy": float(b @ b) / d, "xy": float(a @ b) / d}
    slope, ntk, s = 0.0, 0.0, dict(f)
    for layer, (w, v) in enumerate(zip(mlp.weight_variances, mlp.bias_variances, strict=True)):
        if layer:
            own = {key: expectations(activation, s[key], s[key], s[key])[0] for key in ("xx", "yy")}
            value, slope = expectations(activation, s["xx"], s["yy"], s["xy"])
            f = {**own, "xy": value}
        s = {key: w * value + v for key, value in f.items()}
        added = s["xy"] if mlp.parameterisation == "ntk" else mlp.fan_ins[layer] * f["xy"] + mlp.trained_biases
        ntk = added + w * slope * ntk
    return s["xy"], ntk


@pytest.mark.parametrize("activation", ["relu", "erf", "sine"])
@pytest.mark.parametrize("parameterisation", ["ntk", "standard"])
@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 4), st.booleans(), seeds)
def test_it_is_the_plain_recursion(activation: str, parameterisation, depth: int, d: int, biased: bool, seed: int):  # type: ignore[no-untyped-def]
    """Unequal norms, unequal variances from layer to layer, with and without biases."""
    generator = torch.Generator().manual_seed(seed)
    scale = 1e-3 if activation == "sine" else 1.0
    weights = tuple((scale * (0.5 + torch.rand(depth, generator=generator))).tolist())
    biases = tuple((scale * torch.rand(depth, generator=generator)).tolist()) if biased else (0.0,) * depth
    mlp = InfiniteMLP(weights, biases, dual_of(activation), parameterisation, (d, *(64,) * (depth - 1)), biased)
    left, right = (torch.randn(n, d, dtype=torch.float64, generator=generator) for n in (3, 4))
    kernel = mlp(PairMoments.of_points(left, right))
    for i, j in ((0, 0), (1, 3), (2, 2)):
        nngp, ntk = plain_recursion(mlp, activation, left[i], right[j])
        assert kernel.nngp[i, j].item() == pytest.approx(nngp, rel=1e-7, abs=1e-9)  # the plain one loses digits
        assert kernel.ntk[i, j].item() == pytest.approx(ntk, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("activation", ["relu", "gelu", "erf"])
@given(st.integers(1, 3), seeds)
def test_a_point_has_no_gap_to_itself_whatever_the_biases(activation: str, d: int, seed: int) -> None:
    """Beside the same point among others, so that vector and scalar code both meet it."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(17, d, dtype=torch.float64, generator=generator)
    mlp = InfiniteMLP.of_depth(4, activation, bias_variance=0.7)
    pairs = PairMoments.of_points(x, x)
    for layer in range(mlp.depth):
        pairs = mlp._linear(layer, mlp.dual(pairs))
        assert (pairs.gap.diagonal() == 0).all()
        torch.testing.assert_close(pairs.covariance.diagonal(), pairs.variance_x[:, 0], rtol=1e-14, atol=0)
    kernel = mlp(PairMoments.of_points(x, x)).ntk
    torch.testing.assert_close(kernel, kernel.T, rtol=1e-13, atol=1e-13)


@given(st.floats(1e-13, 1e-3), st.floats(0.1, 2.0), st.floats(0.5, 2.0))
def test_the_bias_leaves_the_gap_its_digits(gap: float, bias: float, ratio: float) -> None:
    """√((p + b)(q + b)) − (k + b) for p ≠ q, beside what fifty digits give."""
    import mpmath

    from fourierfield.kernels._duals import DualValues

    one = torch.ones((), dtype=torch.float64)
    p, q = one, ratio * one
    scale = torch.sqrt(p * q)
    mlp = InfiniteMLP((1.0,), (bias,), dual_of("relu"))
    moments = mlp._linear(0, DualValues(p, q, scale - gap, gap * one, one))
    with mpmath.workdps(50):
        exact = mpmath.sqrt((1 + mpmath.mpf(bias)) * (ratio + mpmath.mpf(bias))) - bias
        exact -= mpmath.sqrt(mpmath.mpf(ratio)) - gap
    assert moments.gap.item() == pytest.approx(float(exact), rel=1e-12)


def test_relu_is_homogeneous_in_each_norm(generator: torch.Generator) -> None:
    x, y = (torch.randn(5, 3, dtype=torch.float64, generator=generator) for _ in range(2))
    mlp = InfiniteMLP.of_depth(4)
    whole, scaled = mlp(PairMoments.of_points(x, y)), mlp(PairMoments.of_points(3 * x, 0.2 * y))
    torch.testing.assert_close(scaled.ntk, 0.6 * whole.ntk)
    torch.testing.assert_close(scaled.nngp, 0.6 * whole.nngp)


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_the_parameterisations_weigh_the_same_layers_differently(activation: str, generator: torch.Generator) -> None:
    """Layer l of the standard one is fan_in_l/σ_w² times that of the NTK one, biases aside."""
    x = torch.randn(6, 5, generator=generator)
    pairs = PairMoments.of_points(x, x)
    spec = MLPSpec(5, 1, depth=4, width=32, activation=activation, output="none")
    ntk, standard = InfiniteMLP.of(spec, "ntk"), InfiniteMLP.of(spec, "standard")
    without = InfiniteMLP(standard.weight_variances, (0.0,) * 4, standard.dual, "standard", standard.fan_ins)
    layers = ntk(pairs).layers
    for layer, part in enumerate(without(pairs).layers):
        expected = standard.fan_ins[layer] / ntk.weight_variances[layer] * layers[layer]
        torch.testing.assert_close(part, expected)
    torch.testing.assert_close(ntk(pairs).nngp, standard(pairs).nngp)
    torch.testing.assert_close(sum(standard(pairs).layers), standard(pairs).ntk)
    biases = standard(pairs).ntk - without(pairs).ntk
    torch.testing.assert_close(biases.diagonal() >= 1, torch.ones(6, dtype=torch.bool))  # the last bias adds 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("parameterisation", ["ntk", "standard"])
@pytest.mark.parametrize("initialisation", ["he", "glorot"])
def test_every_network_has_a_finite_positive_definite_kernel(  # type: ignore[no-untyped-def]
    activation: str, parameterisation, initialisation, generator: torch.Generator
) -> None:
    x = torch.cat([torch.randn(24, 3, generator=generator), torch.zeros(1, 3)])
    spec = MLPSpec(3, 2, depth=4, width=64, activation=activation, initialisation=initialisation)
    kernel = InfiniteMLP.of(spec, parameterisation)(PairMoments.of_points(x, x))
    for table in (kernel.nngp, kernel.ntk):
        assert torch.isfinite(table).all()
        assert torch.linalg.eigvalsh(table).min() > -1e-11 * table.diagonal().max()


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "softplus", "tanh", "erf", "gaussian"])
def test_the_gain_keeps_variances_at_one(activation: str) -> None:
    """gain·E σ(z)² = 1 for z ~ N(0, 1), at any depth."""
    unit = PairMoments.stationary(1.0, torch.zeros(1, dtype=torch.float64))
    gain = ACTIVATIONS[activation].gain
    for depth in (2, 6):
        kernel = InfiniteMLP((1.0, *(gain,) * (depth - 1)), (0.0,) * depth, dual_of(activation))(unit)
        assert kernel.nngp.item() == pytest.approx(1, abs=3e-4)


def test_the_variances_are_those_that_networks_draw(generator: torch.Generator) -> None:
    from fourierfield.networks._mlp import MLP

    for activation, initialisation in (("relu", "he"), ("silu", "he"), ("sine", "he"), ("tanh", "glorot")):
        spec = MLPSpec(300, 500, depth=3, width=400, activation=activation, initialisation=initialisation)
        network = MLP(spec, generator)
        for layer, variance in zip(network.layers, InfiniteMLP.of(spec).weight_variances, strict=True):
            assert layer.weight.var().item() * layer.in_features == pytest.approx(variance, rel=0.03)
            assert not layer.bias.any()


@pytest.mark.parametrize(
    "make",
    [
        lambda: InfiniteMLP((), (), dual_of("relu")),
        lambda: InfiniteMLP((1.0, 1.0), (0.0,), dual_of("relu")),
        lambda: InfiniteMLP((1.0,), (0.0,), dual_of("relu"), "mean-field"),  # type: ignore[arg-type]
        lambda: InfiniteMLP((1.0,), (0.0,), dual_of("relu"), "standard"),
        lambda: InfiniteMLP.of_depth(3, "snake"),
        lambda: InfiniteMLP.of(MLPSpec(2, 1, skips=(2,))),
    ],
)
def test_impossible_networks_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"variance|parameterisation|fan-in|activation|skip"):
        make()
