"""h_γ against γ itself, against digits beyond float64, and against its limit."""

from __future__ import annotations

import math

import mpmath
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import gaussian, identity, laplace, log_uniform, power_law, uniform
from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.encodings._octaves import nerf
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._stationary import StationaryKernel

seeds = st.integers(0, 2**31)


def drawn(d: int, seed: int, features: int = 12) -> FourierEncoding:
    generator = torch.Generator().manual_seed(seed)
    frequencies = gaussian(d, 3.0, features, generator=generator).frequencies
    return FourierEncoding(frequencies, torch.rand(features, generator=generator))


@given(st.integers(1, 3), seeds)
def test_it_is_the_encodings_own_kernel(d: int, seed: int) -> None:
    encoding = drawn(d, seed)
    delta = 10 * torch.randn(20, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(EncodingKernel(encoding)(delta), encoding.kernel(delta), rtol=0, atol=1e-11)


def exact_gap(encoding: FourierEncoding, delta: list[float]) -> float:
    """2 Σ a² sin²(π b·δ)/Σ a² with fifty digits."""
    with mpmath.workdps(50):
        power = [mpmath.mpf(a) ** 2 for a in encoding.amplitudes.tolist()]
        cycles = [mpmath.fdot(b, delta) for b in encoding.frequencies.tolist()]
        waves = [2 * a * mpmath.sinpi(c) ** 2 for a, c in zip(power, cycles, strict=True)]
        return float(mpmath.fsum(waves) / mpmath.fsum(power))


@given(st.integers(1, 3), st.floats(1e-150, 0.1), seeds)
def test_the_gap_has_all_its_digits_at_every_distance(d: int, size: float, seed: int) -> None:
    """By all three routes; a lattice may lose the digits that cancel between its axes, as b·δ itself does."""
    encoding = drawn(d, seed)
    kernel = EncodingKernel(encoding)
    delta = size * torch.randn(d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    expected = exact_gap(encoding, delta.tolist())
    assert float(kernel.gap(delta)) == pytest.approx(expected, rel=1e-12)
    assert kernel.gap_on_lattice([part[None] for part in delta]).item() == pytest.approx(expected, rel=1e-12)
    assert kernel.gap_between(delta[None], torch.zeros(1, d)).item() == pytest.approx(expected, rel=1e-10)


def test_a_lattice_that_misses_zero_by_rounding_has_no_spurious_gap() -> None:
    axis = torch.tensor([-0.1, 5e-17, 0.1], dtype=torch.float64)
    assert EncodingKernel(drawn(2, 0)).gap_on_lattice([axis, axis])[1, 1] < 1e-29


def test_equal_points_are_found_among_many(generator: torch.Generator) -> None:
    x = 100 * torch.rand(300, 2, dtype=torch.float64, generator=generator)
    kernel = EncodingKernel(gaussian(2, 8.0, 64, generator=generator))
    gap = kernel.gap_between(x, torch.cat([x, x + 1e-6]))
    assert (gap.diagonal() == 0).all()
    expected = kernel.gap(x - (x + 1e-6))
    torch.testing.assert_close(gap[:, len(x) :].diagonal(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("family", [gaussian, laplace, uniform, log_uniform])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_mean_of_many_encodings_is_the_limit(family, d: int, generator: torch.Generator) -> None:  # type: ignore[no-untyped-def]
    draws, features = 200, 100
    delta = 0.2 * torch.randn(30, d, dtype=torch.float64, generator=generator)
    encodings = [family(d, 3.0, features, generator=generator) for _ in range(draws)]
    values = torch.stack([EncodingKernel(encoding)(delta) for encoding in encodings])
    limit = LimitKernel(encodings[0])(delta)
    spread = values.std(dim=0) / math.sqrt(draws)
    assert ((values.mean(0) - limit).abs() < 5 * spread + 1e-12).all()
    assert (values.std(dim=0) < 1 / math.sqrt(features)).all()  # one encoding is as far off as m says


def kernels_of_two() -> list[StationaryKernel]:
    encoding = gaussian(2, 3.0, 8, generator=torch.Generator().manual_seed(0))
    return [EncodingKernel(encoding), LimitKernel(encoding)]


@pytest.mark.parametrize("kernel", kernels_of_two(), ids=lambda kernel: type(kernel).__name__)
@pytest.mark.parametrize("other", [1, 3, 4])
def test_points_of_another_dimension_are_refused(kernel: StationaryKernel, other: int) -> None:
    axes: list[Tensor] = [torch.zeros(2)] * other
    for attempt in (
        lambda: kernel(torch.zeros(6, other)),
        lambda: kernel.gap_between(torch.zeros(6, other), torch.zeros(6, other)),
        lambda: kernel.on_lattice(axes),
    ):
        with pytest.raises(ValueError, match="takes 2 coordinates"):
            attempt()


def test_encodings_without_a_stationary_kernel_are_refused() -> None:
    for encoding in (identity(2), nerf(2, 3)):
        with pytest.raises(ValueError, match="raw coordinates"):
            EncodingKernel(encoding)
    with pytest.raises(ValueError, match="closed-form"):
        LimitKernel(power_law(2, 3))
    with pytest.raises(ValueError, match="amplitude"):
        EncodingKernel(nerf(1, 3, raw_input="none").windowed(0.0))
