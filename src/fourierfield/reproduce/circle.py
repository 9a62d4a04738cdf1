"""Training in closed form on a circle, differentiable with respect to the amplitudes of the mapping."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..forecast import GradientFlow
from ..kernels import InfiniteMLP, PairMoments

__all__ = ["held_out_error", "offset_kernels"]


def offset_kernels(amplitudes: Tensor, samples: int, network: InfiniteMLP) -> tuple[Tensor, Tensor]:
    """K at the offsets i/samples and at (i + ½)/samples, i = 0..samples − 1, behind b = 1..m with these amplitudes.

    The NTK of ReLU networks has a kink at δ = 0, where K(0) does not depend on the amplitudes: it gets no gradient.
    """
    offsets = torch.arange(1, 2 * samples, dtype=torch.float64) / (2 * samples)
    frequencies = torch.arange(1, len(amplitudes) + 1, dtype=torch.float64)
    shares = amplitudes.square() / amplitudes.square().sum()
    gap = 2 * torch.sin(math.pi * offsets[:, None] * frequencies).square() @ shares
    variance = 1 / (2 * len(amplitudes))  # of unit-norm features
    values = network(PairMoments.stationary(variance, variance * gap)).ntk
    peak = network(PairMoments.stationary(variance, torch.zeros(1, dtype=torch.float64))).ntk
    kernel = torch.cat([peak, values])
    return kernel[::2], kernel[1::2]


def held_out_error(on: Tensor, between: Tensor, signals: Tensor, time: float) -> Tensor:
    """Mean square error at the odd points of ``signals`` (S, 2N), trained on the even ones from f₀ = 0 to ``time``.

    On a circle K is circulant: f = ifft(k̂_* φ(λ) ŷ) with λ = k̂ (the paper, Eq. 3 and its supplement). Loss ½·Σ.
    """
    eigenvalues = torch.fft.fft(on).real
    response = GradientFlow(torch.tensor([time], dtype=torch.float64)).response(eigenvalues)[0]
    spectrum = torch.fft.fft(signals[:, ::2]) * torch.fft.fft(between) * response
    return (torch.fft.ifft(spectrum).real - signals[:, 1::2]).square().mean(1)
