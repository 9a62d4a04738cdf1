"""Named constructors of the paper's encodings, and of random frequencies from other laws.

All take the number of coordinates d (``dimensions``), most the number of frequencies m (``features``) as well, and they
return an encoding (…, d) → (…, 2m). A ``bandwidth`` is in cycles per unit, one for all axes or, where the signature
allows a tuple, one per axis; ``ValueError`` is raised unless it is positive and finite. Random frequencies are drawn
from ``generator``. The paper's 2-D code puts sines first: ``gaussian(…).sin_first()`` gives its order.
"""

from __future__ import annotations

import itertools

import torch
from torch import Generator, Tensor

from ._fourier import FourierEncoding
from ._laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, PositionalLaw, UniformLaw


def identity(dimensions: int) -> FourierEncoding:
    """Return the coordinates themselves, γ(v) = v (the paper's "no mapping", Section 6).

    Its kernel is not stationary, so ``kernel`` raises ``ValueError``.

    Args:
        dimensions: the number of coordinates d.

    Returns:
        An encoding without frequencies, (…, d) → (…, d).

    >>> identity(2)(torch.tensor([[0.25, 0.5]]))
    tensor([[0.2500, 0.5000]])
    """
    return FourierEncoding(torch.empty(0, dimensions), raw_input="first", family="none")


def basic(dimensions: int) -> FourierEncoding:
    """Return one unit frequency per axis, γ(v) = [cos 2πv, sin 2πv] (the paper, Section 6).

    Args:
        dimensions: the number of coordinates d.

    Returns:
        An encoding of d frequencies, (…, d) → (…, 2d).

    >>> basic(2).frequencies
    tensor([[1., 0.],
            [0., 1.]])
    """
    return FourierEncoding(torch.eye(dimensions), family="basic", bandwidth=1.0)


def positional(dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256) -> FourierEncoding:
    """Return the paper's positional encoding as its code has it: b = 2^linspace(0, σ, m/d) − 1 along each axis.

    The lowest frequency is 0. The paper prints σ^{j/m} instead (Section 6).

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the highest frequency 2^σ − 1, in cycles per unit, for all axes or per axis (σ = 6 is 63).
        features: the number of frequencies m, a multiple of d.

    Returns:
        An encoding of m frequencies, (…, d) → (…, 2m).

    Raises:
        ValueError: if d does not divide m, or if a bandwidth is not a positive finite number.

    >>> positional(1, 7, features=4).frequencies.flatten()
    tensor([0., 1., 3., 7.])
    """
    if features < dimensions or features % dimensions:
        raise ValueError(
            f"a positional encoding has equally many frequencies per axis; {features} is not a multiple of {dimensions}"
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
    """Return the integer frequencies 0 < |b| ≤ bandwidth, one of each pair ±b, with amplitudes a = |b|^{−power}.

    In one dimension these are the paper's 1-D encodings b = 1..n, a_b = b^{−p}/‖a‖ (its Figs 2, 3 and 5).

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the highest length |b|, in cycles per unit, 1 or more.
        power: the exponent p; ∞ leaves amplitude to the frequencies with |b| = 1 alone.
        features: the largest number of frequencies; the shortest ones are kept. None keeps all.
        normalise: whether the amplitudes are scaled to unit length, ‖a‖ = 1.

    Returns:
        An encoding of m frequencies in order of length, (…, d) → (…, 2m).

    Raises:
        ValueError: for a bandwidth below 1.

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
    """Draw ``features`` frequencies from a law (random Fourier features, Rahimi & Recht 2007)."""
    bandwidth = law.bandwidth[0] if len(set(law.bandwidth)) == 1 else law.bandwidth
    return FourierEncoding(law.draw(features, generator), family=family, bandwidth=bandwidth, law=law)


def gaussian(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Draw the paper's Gaussian features, b ~ N(0, σ²) along each axis (the paper, Section 6).

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the standard deviation σ, in cycles per unit, for all axes or per axis.
        features: the number of frequencies m.
        generator: the source of random numbers.

    Returns:
        An encoding of m frequencies, (…, d) → (…, 2m).

    Raises:
        ValueError: if a bandwidth is not a positive finite number.

    >>> gaussian(2, 10.0, 64, generator=torch.Generator().manual_seed(0)).out_features
    128
    """
    return random_features(GaussianLaw(per_axis(bandwidth, dimensions)), features, generator, family="gaussian")


def laplace(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Draw isotropic Laplace frequencies, √E·N(0, σ²) with E ~ Exp(1) (Kotz et al. 2001).

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the standard deviation σ, in cycles per unit, for all axes or per axis.
        features: the number of frequencies m.
        generator: the source of random numbers.

    Returns:
        An encoding of m frequencies, (…, d) → (…, 2m).

    Raises:
        ValueError: if a bandwidth is not a positive finite number.

    >>> encoding = laplace(1, 2.0, 4, generator=torch.Generator().manual_seed(0))
    >>> encoding.limit_kernel(torch.tensor([[0.0], [0.1]]))  # 1 / (1 + 2π²σ²δ²)
    tensor([1.0000, 0.5588], dtype=torch.float64)
    """
    return random_features(LaplaceLaw(per_axis(bandwidth, dimensions)), features, generator, family="laplace")


def uniform(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Draw frequencies uniformly from the ball |b| ≤ B.

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the radius B, in cycles per unit; one per axis makes the ball an ellipsoid.
        features: the number of frequencies m.
        generator: the source of random numbers.

    Returns:
        An encoding of m frequencies, (…, d) → (…, 2m).

    Raises:
        ValueError: if a bandwidth is not a positive finite number.

    >>> bool((uniform(2, 5.0, 64, generator=torch.Generator().manual_seed(0)).frequencies.norm(dim=1) <= 5).all())
    True
    """
    return random_features(UniformLaw(per_axis(bandwidth, dimensions)), features, generator, family="uniform")


def log_uniform(
    dimensions: int, bandwidth: float | tuple[float, ...], features: int = 256, *, generator: Generator
) -> FourierEncoding:
    """Draw frequencies of log-uniform length from 1 to B in uniform directions (in 1-D the paper's law of Fig. 4).

    Args:
        dimensions: the number of coordinates d.
        bandwidth: the highest length B, in cycles per unit, above 1; one per axis scales the axes to the longest.
        features: the number of frequencies m.
        generator: the source of random numbers.

    Returns:
        An encoding of m frequencies, (…, d) → (…, 2m).

    Raises:
        ValueError: if a bandwidth is not a positive finite number, or if none is above 1.

    >>> lengths = log_uniform(2, 8.0, 64, generator=torch.Generator().manual_seed(0)).frequencies.norm(dim=1)
    >>> bool((lengths >= 0.9999).all()), bool((lengths <= 8.0001).all())
    (True, True)
    """
    return random_features(LogUniformLaw(per_axis(bandwidth, dimensions)), features, generator, family="log-uniform")


def per_axis(bandwidth: float | tuple[float, ...], dimensions: int) -> tuple[float, ...]:
    """Return one bandwidth per axis, from one for all or from one for each.

    Raises ``ValueError`` if their number is not ``dimensions``, or if one is not positive and finite.

    >>> per_axis(2.0, 3)
    (2.0, 2.0, 2.0)
    """
    scales = tuple(float(b) for b in bandwidth) if isinstance(bandwidth, tuple) else (float(bandwidth),) * dimensions
    if len(scales) != dimensions:
        raise ValueError(f"{len(scales)} bandwidths for {dimensions} axes")
    if not all(0 < scale < float("inf") for scale in scales):
        raise ValueError(f"a bandwidth must be a positive number of cycles per unit, not {bandwidth}")
    return scales


def _half_lattice(dimensions: int, radius: float) -> Tensor:
    """Return the integer vectors 0 < |b| ≤ radius, one of each pair ±b, in order of length."""
    top = int(radius)
    if top < 1:
        raise ValueError(
            f"a power-law encoding has integer frequencies, so its bandwidth must be 1 or more, not {radius}"
        )
    steps = range(-top, top + 1)
    zero = (0,) * dimensions
    lattice = [
        b for b in itertools.product(steps, repeat=dimensions) if b > zero and sum(i * i for i in b) <= radius**2
    ]
    lattice.sort(key=lambda b: (sum(i * i for i in b), b))
    return torch.tensor(lattice, dtype=torch.float32)
