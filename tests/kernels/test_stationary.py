"""What every stationary kernel promises, whatever it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import basic, gaussian, laplace, log_uniform, positional, power_law, uniform
from fourierfield.encodings._octaves import mip_nerf
from fourierfield.kernels._composed import ComposedNNGP, ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel

Make = Callable[[int, torch.Generator], StationaryKernel]

KERNELS: dict[str, Make] = {
    "gaussian-features": lambda d, g: EncodingKernel(gaussian(d, 4.0, 24, generator=g)),
    "positional": lambda d, g: EncodingKernel(positional(d, 15.0, 6 * d)),
    "basic": lambda d, g: EncodingKernel(basic(d)),
    "power-law": lambda d, g: EncodingKernel(power_law(d, 3.0)),
    "octaves": lambda d, g: EncodingKernel(mip_nerf(d, 4)),
    "gaussian-limit": lambda d, g: LimitKernel(gaussian(d, 4.0, 4, generator=g)),
    "laplace-limit": lambda d, g: LimitKernel(laplace(d, 4.0, 4, generator=g)),
    "uniform-limit": lambda d, g: LimitKernel(uniform(d, 4.0, 4, generator=g)),
    "log-uniform-limit": lambda d, g: LimitKernel(log_uniform(d, 4.0, 4, generator=g)),
    "positional-limit": lambda d, g: LimitKernel(positional(d, 15.0, 4 * d)),
    "gaussian": lambda d, g: GaussianKernel(4.0),
    "matern-0.5": lambda d, g: MaternKernel(0.5, 0.1),
    "matern-0.8": lambda d, g: MaternKernel(0.8, 0.1),
    "matern-1.5": lambda d, g: MaternKernel(1.5, 0.1),
    "matern-3": lambda d, g: MaternKernel(3.0, 0.1),
    "relu-ntk": lambda d, g: ComposedNTK(EncodingKernel(gaussian(d, 4.0, 24, generator=g)), InfiniteMLP.of_depth(4)),
    "relu-nngp": lambda d, g: ComposedNNGP(GaussianKernel(4.0), InfiniteMLP.of_depth(3, bias_variance=0.3)),
    "gelu-ntk": lambda d, g: ComposedNTK(MaternKernel(1.5, 0.1), InfiniteMLP.of_depth(3, "gelu"), 0.5),
    "erf-ntk": lambda d, g: ComposedNTK(GaussianKernel(4.0), InfiniteMLP.of_depth(3, "erf")),
    "sine-ntk": lambda d, g: ComposedNTK(GaussianKernel(4.0), InfiniteMLP.of_depth(3, "sine", weight_variance=1e-3)),
    "tanh-ntk": lambda d, g: ComposedNTK(GaussianKernel(4.0), InfiniteMLP.of_depth(3, "tanh")),
}
CLOSE = 1e-13


@pytest.fixture(params=list(KERNELS))
def make(request: pytest.FixtureRequest) -> Make:
    return KERNELS[request.param]


@pytest.fixture(params=[1, 2, 3])
def x(request: pytest.FixtureRequest) -> Tensor:
    """Forty points of one, two or three coordinates."""
    return torch.rand(40, request.param, dtype=torch.float64, generator=torch.Generator().manual_seed(7))


@pytest.fixture
def kernel(make: Make, x: Tensor, generator: torch.Generator) -> StationaryKernel:
    return make(x.shape[1], generator)


def test_at_zero_it_is_its_variance_exactly(kernel: StationaryKernel, x: Tensor) -> None:
    zeros = torch.zeros(33, x.shape[1])  # whole vectors and remainders of vector instructions
    assert kernel(zeros).dtype == torch.float64
    assert (kernel(zeros) == kernel.at_zero).all()
    assert (kernel.gap(zeros) == 0).all()


def test_it_is_even_and_largest_at_zero(kernel: StationaryKernel, x: Tensor) -> None:
    delta = x - 0.5
    torch.testing.assert_close(kernel(delta), kernel(-delta), rtol=0, atol=CLOSE * kernel.at_zero)
    assert (kernel.gap(delta) >= 0).all()
    assert (kernel(delta).abs() <= kernel.at_zero * (1 + CLOSE)).all()
    torch.testing.assert_close(kernel(delta), kernel.at_zero - kernel.gap(delta), rtol=0, atol=0)


def test_it_is_positive_definite(kernel: StationaryKernel, x: Tensor) -> None:
    gram = kernel(x[:, None] - x[None])
    assert torch.linalg.eigvalsh(gram).min() > -1e-12 * len(x) * kernel.at_zero


def test_pairs_and_lattices_are_its_values_one_by_one(kernel: StationaryKernel, x: Tensor) -> None:
    left, right = x[:9], torch.cat([x[5:], x[:2] + 1e-9])
    expected = kernel.gap(left[:, None] - right[None])
    torch.testing.assert_close(kernel.gap_between(left, right), expected, rtol=0, atol=CLOSE * kernel.at_zero)
    torch.testing.assert_close(kernel.between(left, right), kernel.at_zero - expected, rtol=0, atol=CLOSE * 8)
    axes = [torch.linspace(-0.4, 0.3, n, dtype=torch.float64) for n in (8, 5, 3)[: x.shape[1]]]
    lattice = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    torch.testing.assert_close(kernel.on_lattice(axes), kernel(lattice), rtol=0, atol=CLOSE * kernel.at_zero)
    assert kernel.on_lattice(axes).shape == lattice.shape[:-1]


def test_shapes_follow_those_of_differences(kernel: StationaryKernel, x: Tensor) -> None:
    d = x.shape[1]
    assert kernel(torch.zeros(d)).shape == ()
    assert kernel(torch.zeros(2, 3, 1, d)).shape == (2, 3, 1)
    assert kernel(torch.zeros(0, d)).shape == (0,)
    assert kernel.gap_between(torch.zeros(0, d), torch.zeros(4, d)).shape == (0, 4)


def test_blocks_change_nothing(make: Make, generator: torch.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = make(2, generator)
    x = torch.rand(30, 2, generator=generator)
    axes = [torch.linspace(-0.4, 0.3, n, dtype=torch.float64) for n in (9, 7)]
    whole = kernel.gap(x), kernel.gap_between(x, x), kernel.gap_on_lattice(axes)
    for module in ("stationary", "encoding"):
        monkeypatch.setattr(f"fourierfield.kernels._{module}.BLOCK", 50)
    monkeypatch.setattr("fourierfield.kernels._composed._rows", lambda values: 2)
    blocks = kernel.gap(x), kernel.gap_between(x, x), kernel.gap_on_lattice(axes)
    for a, b in zip(whole, blocks, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=CLOSE * kernel.at_zero)


@pytest.mark.parametrize(
    "name", ["gaussian-features", "positional", "gaussian", "matern-0.5", "matern-1.5", "matern-3"]
)
@given(st.floats(1e-12, 1e-4), st.integers(0, 2**31))
def test_the_gap_keeps_its_digits_near_zero(name: str, size: float, seed: int) -> None:
    """By Richardson's ratio: near zero the gap is a power of |δ|, to a relative error of what the next power adds."""
    kernel = KERNELS[name](2, torch.Generator().manual_seed(seed))
    direction = torch.randn(2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    small, half = kernel.gap(size * direction), kernel.gap(size / 2 * direction)
    power = 1 if name == "matern-0.5" else 2
    correction = 1e3 * size if "matern" in name else 1e5 * size**2
    assert float(small / half) == pytest.approx(2**power, rel=correction + 1e-8)


@pytest.mark.parametrize("family", ["gaussian", "matern-0.5", "matern-1.5", "matern-0.8", "matern-3"])
def test_it_falls_with_distance(family: str, generator: torch.Generator) -> None:
    distance = torch.cat([torch.logspace(-300, 4, 3000, dtype=torch.float64), torch.linspace(0, 1, 1000).double()])
    gap = KERNELS[family](1, generator).gap(distance.sort().values[:, None])
    assert torch.isfinite(gap).all()
    assert (gap.diff() >= -1e-14).all()
    assert gap[-1] == pytest.approx(1)


def test_the_gaussian_is_the_integral_of_its_spectral_density() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(200)
    kernel, reach = GaussianKernel(3.0), 30.0
    line = torch.as_tensor(nodes * reach)
    weight = torch.as_tensor(weights * reach)
    delta = torch.tensor([0.0, 0.03, 0.1, 0.2], dtype=torch.float64)
    one = (kernel.spectral_density(line[:, None]) * weight) @ torch.cos(2 * math.pi * line[:, None] * delta)
    torch.testing.assert_close(one, kernel(delta[:, None]), rtol=0, atol=1e-12)
    plane = torch.cartesian_prod(line, line)
    area = torch.outer(weight, weight).flatten()
    shift = torch.stack([delta, -0.5 * delta], dim=1)
    two = (kernel.spectral_density(plane) * area) @ torch.cos(2 * math.pi * plane @ shift.T)
    torch.testing.assert_close(two, kernel(shift), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, math.inf, math.nan])
def test_a_gaussian_without_bandwidth_is_refused(bandwidth: float) -> None:
    with pytest.raises(ValueError, match="bandwidth"):
        GaussianKernel(bandwidth)
