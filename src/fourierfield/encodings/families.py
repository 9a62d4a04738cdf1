"""Named constructors of the paper's encodings.

Bandwidths are in cycles per unit, one for all axes or one per axis. The paper's 2-D code puts sines first:
``gaussian(…).sin_first()`` gives its order.
"""

from __future__ import annotations

import itertools

import torch
from torch import Generator, Tensor

from .fourier import FourierEncoding
from .laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, PositionalLaw, UniformLaw

__all__ = [
    "basic",
    "gaussian",
    "identity",
    "laplace",
    "log_uniform",
    "per_axis",
    "positional",
    "power_law",
    "random_features",
    "uniform",
]


def identity(dimensions: int) -> FourierEncoding:
    """No mapping, γ(v) = v (the paper's "no mapping"). Not stationary: it has no kernel of differences."""
    return FourierEncoding(torch.empty(0, dimensions), raw_input="first", family="none")


def basic(dimensions: int) -> FourierEncoding:
    """One unit frequency per axis: γ(v) = [cos 2πv, sin 2πv] (the paper, Section 6).

    >>> basic(2).frequencies
    tensor([[1., 0.],
            [0., 1.]])
    """
    return FourierEncoding(torch.eye(dimensions), family="basic", bandwidth=1.0)


def positional(dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256) -> FourierEncoding:
    """The paper's positional encoding as its code has it: per axis b = 2^linspace(0, σ, m/d) − 1.

    ``bandwidth`` is the highest frequency 2^σ − 1 (the paper's σ = 6 is bandwidth 63); the lowest is 0. The paper
    prints σ^{j/m} instead. ``features`` is m; d has to divide it.

    >>> positional(1, 7, features=4).frequencies.flatten()
    tensor([0., 1., 3., 7.])
    """
    if features < dimensions or features % dimensions:
        raise ValueError(
            f"a positional encoding has equally many frequencies per axis; {features} is no multiple of {dimensions}"
        )
    scales = per_axis(bandwidth, dimensions)
    count = features // dimensions
    tops = torch.log2(torch.tensor(scales, dtype=torch.float64) + 1)
    ladders = [torch.exp2(torch.linspace(0, float(top), count, dtype=torch.float64)) - 1 for top in tops]
    frequencies = torch.block_diag(*[ladder[:, None] for ladder in ladders])
    return FourierEncoding(frequencies.float(), family="positional", bandwidth=bandwidth, law=PositionalLaw(scales))


def power_law(
    dimensions: int, bandwidth: float, power: float = 1.0, *, features: int | None = None, normalise: bool = True
) -> FourierEncoding:
    """Integer frequencies 0 < |b| ≤ bandwidth (one of each ± pair) with amplitudes a = |b|^{−power}.

    In one dimension these are the paper's 1-D encodings b = 1..n, a_b = b^{−p}/‖a‖ (its Figs 2, 3 and 5; p = ∞
    keeps b = 1 alone). ``features`` keeps the shortest so many. ``normalise`` scales a to unit length.

    >>> power_law(1, 3, power=1.0, normalise=False).amplitudes
    tensor([1.0000, 0.5000, 0.3333])
    """
    frequencies = _half_lattice(dimensions, bandwidth)[:features]
    lengths = frequencies.norm(dim=1)
    amplitudes = (lengths <= 1).float() if power == float("inf") else lengths**-power
    if normalise:
        amplitudes = amplitudes / amplitudes.norm()
    return FourierEncoding(frequencies, amplitudes, family="power-law", bandwidth=bandwidth)


def random_features(
    law: FrequencyLaw, features: int, generator: Generator, *, family: str = "custom"
) -> FourierEncoding:
    """``features`` frequencies drawn from any law (random Fourier features, Rahimi & Recht 2007)."""
    bandwidth = law.bandwidth[0] if len(set(law.bandwidth)) == 1 else law.bandwidth
    return FourierEncoding(law.draw(features, generator), family=family, bandwidth=bandwidth, law=law)


def gaussian(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """b ~ N(0, bandwidth²), the paper's Gaussian features; ``bandwidth`` is the standard deviation.

    >>> gaussian(2, 10.0, 64, generator=torch.Generator().manual_seed(0)).out_features
    128
    """
    return random_features(GaussianLaw(per_axis(bandwidth, dimensions)), features, generator, family="gaussian")


def laplace(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Isotropic Laplace frequencies with standard deviation ``bandwidth`` per axis."""
    return random_features(LaplaceLaw(per_axis(bandwidth, dimensions)), features, generator, family="laplace")


def uniform(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Frequencies uniform in the ball of radius ``bandwidth``."""
    return random_features(UniformLaw(per_axis(bandwidth, dimensions)), features, generator, family="uniform")


def log_uniform(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Frequencies whose length is log-uniform from 1 to ``bandwidth``."""
    return random_features(LogUniformLaw(per_axis(bandwidth, dimensions)), features, generator, family="log-uniform")


def per_axis(bandwidth: float | tuple[float, ...], dimensions: int) -> tuple[float, ...]:
    """One bandwidth per axis, from one for all or from one for each; positive and finite.

    >>> per_axis(2.0, 3)
    (2.0, 2.0, 2.0)
    """
    scales = tuple(float(b) for b in bandwidth) if isinstance(bandwidth, tuple) else (float(bandwidth),) * dimensions
    if len(scales) != dimensions:
        raise ValueError(f"{len(scales)} bandwidths for {dimensions} axes")
    if not all(0 < scale < float("inf") for scale in scales):
        raise ValueError(f"a bandwidth is a positive number of cycles per unit, not {bandwidth}")
    return scales


def _half_lattice(dimensions: int, radius: float) -> Tensor:
    """Integer vectors 0 < |b| ≤ radius, one of each pair ±b, by length."""
    top = int(radius)
    if top < 1:
        raise ValueError(f"a power-law encoding has integer frequencies, so its bandwidth is 1 or more, not {radius}")
    steps = range(-top, top + 1)
    zero = (0,) * dimensions
    lattice = [
        b for b in itertools.product(steps, repeat=dimensions) if b > zero and sum(i * i for i in b) <= radius**2
    ]
    lattice.sort(key=lambda b: (sum(i * i for i in b), b))
    return torch.tensor(lattice, dtype=torch.float32)
