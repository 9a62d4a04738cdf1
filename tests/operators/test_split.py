"""near + far is the kernel, far is its waves, and what the waves miss is said."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.kernels._composed import ComposedNNGP, ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._radial import RadialKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel
from fourierfield.operators._split import KernelSplit, split_kernel

SIDES = (1.0, 0.7, 0.4)
STEP = {1: 0.004, 2: 0.02, 3: 0.05}


def kernels(d: int) -> dict[str, StationaryKernel]:
    """Kernels that end within the box, beyond it and nowhere; rough, smooth and stretched ones."""

    def radial(kind, bandwidth: float | tuple[float, ...]) -> RadialKernel:  # type: ignore[no-untyped-def]
        encoding = gaussian(d, bandwidth, 4, generator=torch.Generator())
        scale = bandwidth if isinstance(bandwidth, tuple) else (bandwidth,) * d
        return RadialKernel(kind(LimitKernel(encoding), InfiniteMLP.of_depth(4)), scale, 2 * max(scale))

    few = EncodingKernel(gaussian(d, 1.5, 6, generator=torch.Generator().manual_seed(0)))
    more = EncodingKernel(gaussian(d, 1.5, 30, generator=torch.Generator().manual_seed(0)))
    return {
        "ends": radial(ComposedNTK, 4.0 if d == 3 else 8.0),
        "ends beyond": radial(ComposedNTK, 1.0),
        "smooth": radial(ComposedNNGP, 3.0),
        "stretched": radial(ComposedNTK, (8.0, 2.0, 2.0)[:d]),
        "never ends": MaternKernel(0.5, 0.3),
        "few frequencies": few,
        "ntk of more": ComposedNTK(more, InfiniteMLP.of_depth(3)),
        "wide": GaussianKernel(0.1),
    }


CASES = [
    (d, name, tolerance) for d in (1, 2, 3) for name in kernels(d) for tolerance in (1e-3, 1e-4 if d == 3 else 1e-7)
]


def differences(split: KernelSplit, count: int, seed: int = 1) -> Tensor:
    """All over the box, half of them where near ends and far bends; its corners and zero too."""
    generator = torch.Generator().manual_seed(seed)
    sides, d = torch.tensor(split.sides, dtype=torch.float64), len(split.sides)
    wide = (2 * torch.rand(count, d, dtype=torch.float64, generator=generator) - 1) * sides
    reach = split.radius / torch.tensor(split.metric, dtype=torch.float64)
    near = (reach * torch.randn(count, d, dtype=torch.float64, generator=generator) / 2).clamp(-sides, sides)
    return torch.cat([wide, near, torch.zeros(1, d), sides[None], -sides[None]])


@pytest.mark.parametrize(("d", "name", "tolerance"), CASES)
def test_the_split(d: int, name: str, tolerance: float) -> None:
    kernel = kernels(d)[name]
    split = split_kernel(kernel, SIDES[:d], STEP[d], tolerance)
    assert split.error <= 3 * tolerance
    offsets = differences(split, 3000)
    exact, unit = kernel(offsets), kernel.at_zero
    torch.testing.assert_close(split.near(offsets) + split.far(offsets), exact, rtol=0, atol=1e-13 * unit)
    waves = (split.waves(offsets, 1e-11) @ split.coefficients.flatten().to(torch.complex128)).real
    missed = float((waves - split.far(offsets)).abs().max()) / unit
    assert missed <= 2 * split.error + 1e-9
    assert split.error <= 3 * missed + 1e-9


@pytest.mark.parametrize("d", [1, 2, 3])
def test_near_ends_at_its_radius_and_far_is_smooth_there(d: int) -> None:
    split = split_kernel(kernels(d)["stretched"], SIDES[:d], STEP[d], 1e-4)
    direction = torch.ones(d, dtype=torch.float64) / math.sqrt(d) / torch.tensor(split.metric, dtype=torch.float64)
    along = torch.tensor([0.0, 0.5, 1.0, 1.01, 3.0], dtype=torch.float64)[:, None] * split.radius * direction
    near = split.near(along)
    assert (near[[0, 2, 3, 4]].abs() < 1e-14).all()
    assert near[1] < 0
    torch.testing.assert_close(split.near(-along), near, rtol=0, atol=0)
    torch.testing.assert_close(
        split.measured(along).norm(dim=1) / split.radius, torch.tensor([0, 0.5, 1, 1.01, 3]).double()
    )


@pytest.mark.parametrize("d", [1, 2, 3])
def test_coefficients_are_those_of_a_real_even_sum(d: int) -> None:
    """So that complex arithmetic may carry two real columns: c(−ξ) = c(ξ), and none without a partner."""
    coefficients = split_kernel(kernels(d)["ntk of more"], SIDES[:d], STEP[d], 1e-4).coefficients
    inner = coefficients[(slice(1, None),) * d]
    torch.testing.assert_close(inner, inner.flip(tuple(range(d))), rtol=0, atol=1e-15)
    assert all(not coefficients.select(axis, 0).any() for axis in range(d))
    assert all(n % 2 == 0 for n in coefficients.shape)


def test_a_stretched_kernel_takes_waves_where_it_needs_them() -> None:
    """As many as the same kernel on stretched axes, not as many as its finest axis along all."""
    stretched = split_kernel(kernels(2)["stretched"], (1.0, 1.0), 0.01, 1e-4)
    plain = split_kernel(kernels(2)["ends"], (1.0, 1.0), 0.01, 1e-4)
    assert stretched.metric == (1.0, 0.25)
    assert stretched.modes[0] >= 2 * stretched.modes[1]
    assert math.prod(stretched.modes) <= math.prod(plain.modes)
