"""The closed form on a circle is the forecast, and its gradient is that of its values."""

from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.forecast._dynamics import GradientFlow
from fourierfield.forecast._flow import predict
from fourierfield.operators._gram import gram
from fourierfield.reproduce._fig5 import held_out_error, offset_kernels
from fourierfield.reproduce._networks import PlainNetwork

NETWORK = PlainNetwork(4, 64)
SAMPLES, TIME = 16, 0.7


@pytest.fixture
def signals() -> torch.Tensor:
    return torch.randn(3, 2 * SAMPLES, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def errors(amplitudes: torch.Tensor, signals: torch.Tensor) -> torch.Tensor:
    on, between = offset_kernels(amplitudes, SAMPLES, NETWORK.limit(2 * len(amplitudes)))
    return held_out_error(on, between, signals, TIME)


def test_equals_the_forecast(signals: torch.Tensor) -> None:
    amplitudes = torch.tensor([1.0, 0.5, 0.0, 0.25], dtype=torch.float64)
    encoding = FourierEncoding(torch.arange(1.0, 5.0, dtype=torch.float64)[:, None], amplitudes / amplitudes.norm())
    kernel = NETWORK.kernel(encoding)
    points = torch.arange(2 * SAMPLES, dtype=torch.float64)[:, None] / (2 * SAMPLES)
    found = predict(
        gram(kernel, points[::2]),
        signals[:, ::2].T,
        GradientFlow(torch.tensor([TIME], dtype=torch.float64)),
        cross=gram(kernel, points[1::2], points[::2]),
    ).value
    assert found.elsewhere is not None
    expected = (found.elsewhere[0].T - signals[:, 1::2]).square().mean(1)
    torch.testing.assert_close(errors(amplitudes, signals), expected, rtol=1e-8, atol=0.0)


def test_gradient_is_that_of_differences(signals: torch.Tensor) -> None:
    start = torch.tensor([1.0, 0.4, 0.2, 0.1], dtype=torch.float64)
    amplitudes = start.clone().requires_grad_()
    errors(amplitudes, signals).mean().backward()
    assert amplitudes.grad is not None
    for j, step in enumerate(1e-6 * torch.eye(4, dtype=torch.float64)):
        slope = (errors(start + step, signals) - errors(start - step, signals)).mean() / 2e-6
        assert float(amplitudes.grad[j]) == pytest.approx(float(slope), rel=1e-5)


def test_the_scale_of_the_amplitudes_does_not_matter(signals: torch.Tensor) -> None:
    amplitudes = torch.tensor([1.0, 0.5], dtype=torch.float64)
    torch.testing.assert_close(errors(amplitudes, signals), errors(7 * amplitudes, signals))
