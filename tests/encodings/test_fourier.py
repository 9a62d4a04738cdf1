"""γ and its kernel, against direct formulas, Monte Carlo, and what low precision would do."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._families import basic, gaussian, identity, positional, power_law
from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.encodings._octaves import mip_nerf, nerf

dimensions = st.integers(1, 3)
seeds = st.integers(0, 2**31)


def drawn(d: int, seed: int, features: int = 16, bandwidth: float = 3.0) -> FourierEncoding:
    generator = torch.Generator().manual_seed(seed)
    encoding = gaussian(d, bandwidth, features, generator=generator)
    amplitudes = torch.rand(features, generator=generator) + 0.1
    return FourierEncoding(encoding.frequencies, amplitudes)


@given(dimensions, seeds)
def test_features_are_the_papers_formula(d: int, seed: int) -> None:
    encoding = drawn(d, seed)
    points = torch.rand(7, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    phase = 2 * math.pi * points @ encoding.frequencies.double().T
    a = encoding.amplitudes.double()
    expected = torch.cat([a * torch.cos(phase), a * torch.sin(phase)], dim=-1)
    torch.testing.assert_close(encoding(points), expected, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(encoding(points.float()), expected.float(), rtol=0, atol=2e-4)


@given(dimensions, seeds)
def test_kernel_is_the_normalised_inner_product_of_features(d: int, seed: int) -> None:
    encoding = drawn(d, seed)
    v, w = torch.rand(2, 9, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    power = (encoding.amplitudes.double() ** 2).sum()
    inner = (encoding(v) * encoding(w)).sum(-1) / power
    torch.testing.assert_close(encoding.kernel(v - w), inner, rtol=1e-9, atol=1e-9)
    assert encoding.kernel(torch.zeros(1, d)).item() == pytest.approx(1.0, abs=1e-12)


def test_feature_order_and_raw_input_do_not_change_what_is_known_of_the_kernel() -> None:
    encoding = drawn(2, 0)
    delta = torch.rand(5, 2)
    torch.testing.assert_close(encoding.sin_first().kernel(delta), encoding.kernel(delta))
    half = encoding.features
    points = torch.rand(4, 2)
    torch.testing.assert_close(encoding.sin_first()(points), encoding(points).roll(half, dims=-1))
    for nonstationary in (identity(2), nerf(2, 3)):
        with pytest.raises(ValueError, match="not stationary"):
            nonstationary.kernel(delta)


def test_identity_gives_the_coordinates() -> None:
    points = torch.rand(6, 3)
    torch.testing.assert_close(identity(3)(points), points)
    assert identity(3).out_features == 3


@pytest.mark.parametrize("context", ["autocast", "half", "bfloat16"])
def test_the_phase_is_never_computed_in_low_precision(context: str, generator: torch.Generator) -> None:
    encoding = gaussian(2, 60.0, 64, generator=generator)
    points = torch.rand(200, 2, generator=generator)
    exact = encoding(points.double())
    if context == "autocast":
        with torch.autocast("cpu", torch.bfloat16):
            features = encoding(points)
    else:
        encoding.to(torch.float16 if context == "half" else torch.bfloat16)
        features = encoding(points)
    assert encoding.frequencies.dtype == torch.float32
    assert (features.double() - exact).abs().max() < 2e-4


def test_frequencies_are_in_the_state_dict_and_follow_to(generator: torch.Generator) -> None:
    encoding = gaussian(2, 5.0, 8, generator=generator)
    assert set(encoding.state_dict()) == {"frequencies", "amplitudes"}
    assert encoding.to("meta").frequencies.device.type == "meta"
    assert gaussian(2, 5.0, 8, generator=generator).double().frequencies.dtype == torch.float64


def test_integrated_features_are_the_mean_over_a_gaussian(generator: torch.Generator) -> None:
    encoding = gaussian(2, 1.5, 12, generator=generator)
    mean = torch.tensor([[0.3, 0.6]], dtype=torch.float64)
    factor = torch.tensor([[0.06, 0.0], [0.03, 0.04]], dtype=torch.float64)
    draws = mean + torch.randn(400_000, 2, dtype=torch.float64, generator=generator) @ factor.T
    closed = encoding.integrated(mean, (factor @ factor.T)[None])
    torch.testing.assert_close(closed[0], encoding(draws).mean(0), rtol=0, atol=5e-3)
    torch.testing.assert_close(encoding.integrated(mean, torch.zeros(1, 2, 2)), encoding(mean))


def test_mip_nerf_without_two_pi_has_the_published_exponent() -> None:
    encoding = mip_nerf(1, levels=3)
    variance = 0.2
    closed = encoding.integrated(torch.tensor([[0.4]]), torch.tensor([[[variance]]]))
    expected = [math.exp(-0.5 * 4**k * variance) * math.sin(2**k * 0.4) for k in range(3)]
    torch.testing.assert_close(closed[0, :3], torch.tensor(expected), rtol=1e-4, atol=1e-5)


def test_the_window_opens_octave_by_octave() -> None:
    encoding = nerf(1, levels=4, raw_input="none")
    assert encoding.windowed(0.0).amplitudes.tolist() == [0, 0, 0, 0]
    torch.testing.assert_close(encoding.windowed(1.5).amplitudes, torch.tensor([1.0, 0.5, 0.0, 0.0]))
    assert encoding.windowed(4.0).amplitudes.tolist() == [1, 1, 1, 1]
    assert positional(1, 7, 4).windowed(0.0).amplitudes[0] == 1  # the zero frequency is always in


def test_rms_frequency_of_known_sets() -> None:
    torch.testing.assert_close(basic(2).rms_frequency, torch.full((2,), 0.5**0.5, dtype=torch.float64))
    torch.testing.assert_close(power_law(1, 9, math.inf).rms_frequency, torch.ones(1, dtype=torch.float64))


@pytest.mark.parametrize(
    "make",
    [
        lambda: FourierEncoding(torch.ones(3)),
        lambda: FourierEncoding(torch.ones(3, 2), torch.ones(2)),
        lambda: FourierEncoding(torch.ones(0, 2)),
        lambda: FourierEncoding(torch.ones(3, 2), feature_order=torch.arange(5)),
    ],
)
def test_impossible_encodings_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"frequenc|feature|encoding"):
        make()
