"""The Fourier feature mapping γ, its kernel, and its coarse-to-fine windows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ._laws import FrequencyLaw

Bandwidth = float | tuple[float, ...] | None
RawInput = Literal["none", "first", "last"]
_BLOCK = 1 << 22  # phases held at once when a kernel is evaluated: bounds memory at 32 MiB a tensor in float64


def coarse_to_fine_weights(levels: Tensor, alpha: float) -> Tensor:
    """Compute the weights w_k(α) = ½(1 − cos(π·clip(α − k, 0, 1))) of levels k (m,) (Nerfies, Eq. 8; BARF, Eq. 14).

    As α grows, low frequencies come in first and high ones later.

    >>> coarse_to_fine_weights(torch.tensor([0.0, 1.0, 2.0]), 1.5)
    tensor([1.0000, 0.5000, 0.0000])
    """
    return 0.5 * (1 - torch.cos(math.pi * torch.clamp(alpha - levels, 0, 1)))


def levels_of(frequencies: Tensor) -> Tensor:
    """Return the octave of each frequency above the shortest non-zero one, (m,) float64; −∞ for the zero frequency.

    >>> levels_of(torch.tensor([[1.0], [4.0]]))
    tensor([0., 2.], dtype=torch.float64)
    """
    lengths = frequencies.double().norm(dim=1)
    shortest = lengths[lengths > 0].min() if (lengths > 0).any() else lengths.new_ones(())
    return torch.log2(lengths / shortest)


class FourierEncoding(nn.Module):
    """The Fourier feature mapping γ(v) = [a_j cos(2π b_j·v), a_j sin(2π b_j·v)], j = 1..m (the paper, Eq. 5).

    Frequencies and amplitudes are buffers: they are saved in the state dict and follow ``.to()``, but never go below
    float32. The phase is computed in float32 or better even under autocast, since low precision ruins sin and cos of
    large phases. γ is not normalised; only its kernel is.

    Args:
        frequencies: b (m, d), in cycles per unit of the coordinates; m = 0 with raw input is the identity.
        amplitudes: a (m,); ones by default.
        feature_order: (2m,) indices into [all cos, all sin], for conventions with another order of features.
        raw_input: whether the coordinates stand "first" or "last" among the features, or not at all ("none").
        family: the name of the family, for reports and files.
        bandwidth: the family's scale in cycles per unit, one number or one per axis, for reports and files.
        law: the law from which the frequencies were drawn, for ``limit_kernel``.

    Raises:
        ValueError: for tensors of other shapes, an unknown ``raw_input``, and neither frequencies nor raw input.

    >>> encoding = FourierEncoding(torch.tensor([[1.0]]))
    >>> encoding(torch.tensor([[0.0], [0.25]])).round(decimals=6) + 0.0
    tensor([[1., 0.],
            [0., 1.]])
    """

    frequencies: Tensor
    amplitudes: Tensor
    feature_order: Tensor | None

    def __init__(
        self,
        frequencies: Tensor,
        amplitudes: Tensor | None = None,
        *,
        feature_order: Tensor | None = None,
        raw_input: RawInput = "none",
        family: str = "custom",
        bandwidth: Bandwidth = None,
        law: FrequencyLaw | None = None,
    ) -> None:
        super().__init__()
        frequencies = frequencies if frequencies.dtype == torch.float64 else frequencies.float()
        amplitudes = torch.ones(len(frequencies)) if amplitudes is None else amplitudes
        _check(frequencies, amplitudes, feature_order, raw_input)
        self.register_buffer("frequencies", frequencies)
        self.register_buffer("amplitudes", amplitudes.to(frequencies.dtype))
        self.register_buffer("feature_order", feature_order)
        self.raw_input = raw_input
        self.family = family
        self.bandwidth = bandwidth
        self.law = law

    @property
    def features(self) -> int:
        """The number of frequencies m."""
        return self.frequencies.shape[0]

    @property
    def dimensions(self) -> int:
        """The number of coordinates d."""
        return self.frequencies.shape[1]

    @property
    def out_features(self) -> int:
        """The length of γ(v): 2m, and d more with raw input."""
        return 2 * self.features + (self.dimensions if self.raw_input != "none" else 0)

    @property
    def rms_frequency(self) -> Tensor:
        """The root mean square frequency along each axis, weighted by a_j²: (d,) float64, in cycles per unit."""
        power = self.amplitudes.double() ** 2
        return torch.sqrt((power[:, None] * self.frequencies.double() ** 2).sum(0) / power.sum())

    def forward(self, coordinates: Tensor) -> Tensor:
        """Compute γ(v).

        Args:
            coordinates: v (…, d), in units.

        Returns:
            The features (…, out_features), in float64 for coordinates in float64 and otherwise in float32.
        """
        with torch.autocast(coordinates.device.type, enabled=False):
            points = coordinates if coordinates.dtype == torch.float64 else coordinates.float()
            return self._features(points, self.amplitudes.to(points.dtype))

    def integrated(self, mean: Tensor, covariance: Tensor) -> Tensor:
        """Compute E[γ(v)] = exp(−½(2π)² bᵀΣb)·γ(μ) for v ~ N(μ, Σ) (mip-NeRF, Eq. 14, with a phase of 2π b·v).

        Published formulas without 2π in the phase have no (2π)² in the exponent; code that mixes the two integrates
        over the wrong width.

        Args:
            mean: μ (…, d), in units.
            covariance: Σ (…, d, d), in units².

        Returns:
            The expected features (…, out_features), in float64 for a mean in float64 and otherwise in float32.

        >>> encoding = FourierEncoding(torch.tensor([[1.0]]))
        >>> encoding.integrated(torch.zeros(1, 1), torch.full((1, 1, 1), 0.01))[0, 0]  # exp(-0.5 * 39.48 * 0.01)
        tensor(0.8209)
        """
        with torch.autocast(mean.device.type, enabled=False):
            points = mean if mean.dtype == torch.float64 else mean.float()
            frequencies = self.frequencies.to(points.dtype)
            variance = torch.einsum("mi,...ij,mj->...m", frequencies, covariance.to(points.dtype), frequencies)
            return self._features(
                points, self.amplitudes.to(points.dtype) * torch.exp(-0.5 * (2 * math.pi) ** 2 * variance)
            )

    def kernel(self, difference: Tensor) -> Tensor:
        """Compute the kernel h_γ(δ) = Σ a_j² cos(2π b_j·δ) / Σ a_j² of these m frequencies; 1 at δ = 0.

        Args:
            difference: δ (…, d), in units.

        Returns:
            The kernel (…,) in float64.

        Raises:
            ValueError: for an encoding with raw input, whose kernel does not depend on the difference alone.
        """
        if self.raw_input != "none":
            raise ValueError(
                f"the {self.family} encoding contains the raw coordinates, so its kernel is not stationary"
            )
        power = self.amplitudes.double() ** 2
        flat = difference.reshape(-1, self.dimensions).double()
        blocks = flat.split(max(1, _BLOCK // self.features))
        values = [torch.cos(self._phase(block)) @ (power / power.sum()) for block in blocks]
        return torch.cat(values).reshape(difference.shape[:-1])

    def limit_kernel(self, difference: Tensor) -> Tensor:
        """Compute the kernel h_γ(δ) for m → ∞, E[cos 2πb·δ] over the law of the frequencies, in closed form.

        Args:
            difference: δ (…, d), in units.

        Returns:
            The kernel (…,) in float64.

        Raises:
            ValueError: for an encoding without a law (finite lattices, octaves), and for log-uniform frequencies in
                more than three dimensions.
        """
        if self.law is None:
            raise ValueError(f"the {self.family} encoding has no closed-form kernel for m → ∞; use kernel()")
        return self.law.kernel(difference)

    def windowed(self, alpha: float) -> FourierEncoding:
        """Return this encoding with amplitudes w_k(α)·a (Nerfies, Eq. 8; BARF, Eq. 14).

        As α grows, coarse levels come in first; for large α all of them are in. The level k of a frequency is log₂ of
        its length over the shortest one's, so that NeRF's octaves have k = 0, 1, ….

        Args:
            alpha: α, in levels.

        Returns:
            An encoding of the same frequencies, without a law.
        """
        weights = coarse_to_fine_weights(levels_of(self.frequencies), alpha).to(self.amplitudes)
        return self._with(self.amplitudes * weights, self.feature_order, None)

    def sin_first(self) -> FourierEncoding:
        """Return the encoding with its features as [all sin, all cos], the order of the paper's released code."""
        index = torch.arange(2 * self.features, device=self.frequencies.device)
        return self._with(self.amplitudes, index.roll(self.features), self.law)

    def _with(self, amplitudes: Tensor, feature_order: Tensor | None, law: FrequencyLaw | None) -> FourierEncoding:
        return FourierEncoding(
            self.frequencies,
            amplitudes,
            feature_order=feature_order,
            raw_input=self.raw_input,
            family=self.family,
            bandwidth=self.bandwidth,
            law=law,
        )

    def _phase(self, points: Tensor) -> Tensor:
        """Compute 2π(b·v mod 1), (…, m), axis by axis: a matrix product may round its inputs."""
        frequencies = self.frequencies.to(points.dtype)
        cycles = points[..., :1] * frequencies[:, 0]
        for axis in range(1, self.dimensions):
            cycles = torch.addcmul(cycles, points[..., axis : axis + 1], frequencies[:, axis])
        return (cycles - cycles.round()) * (2 * math.pi)

    def _features(self, points: Tensor, amplitudes: Tensor) -> Tensor:
        phase = self._phase(points)
        waves = torch.cat([amplitudes * torch.cos(phase), amplitudes * torch.sin(phase)], dim=-1)
        if self.feature_order is not None:
            waves = waves.index_select(-1, self.feature_order)
        if self.raw_input == "none":
            return waves
        return torch.cat([points, waves] if self.raw_input == "first" else [waves, points], dim=-1)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> FourierEncoding:
        before = self.frequencies, self.amplitudes
        super()._apply(fn, recurse)
        if self.frequencies.dtype in (torch.float16, torch.bfloat16):  # .half() may move γ, but not round it
            self.frequencies, self.amplitudes = (kept.to(self.frequencies.device) for kept in before)
        return self

    def describe(self) -> dict[str, Any]:
        """Return what a file needs beside the tensors to rebuild this encoding, as plain JSON values."""
        bandwidth = list(self.bandwidth) if isinstance(self.bandwidth, tuple) else self.bandwidth
        return {"family": self.family, "bandwidth": bandwidth, "raw_input": self.raw_input}

    def extra_repr(self) -> str:
        return (
            f"family={self.family}, features={self.features}, dimensions={self.dimensions}, bandwidth={self.bandwidth}"
        )


def _check(frequencies: Tensor, amplitudes: Tensor, feature_order: Tensor | None, raw_input: str) -> None:
    if frequencies.ndim != 2 or frequencies.shape[1] < 1:
        raise ValueError(f"frequencies must be (m, d), not {tuple(frequencies.shape)}")
    if amplitudes.shape != frequencies.shape[:1]:
        raise ValueError(f"{len(frequencies)} frequencies need as many amplitudes, not {tuple(amplitudes.shape)}")
    if raw_input not in ("none", "first", "last"):
        raise ValueError(f"raw_input must be none, first or last, not {raw_input!r}")
    if len(frequencies) == 0 and raw_input == "none":
        raise ValueError("an encoding needs frequencies, raw input, or both")
    if feature_order is not None and feature_order.shape != (2 * len(frequencies),):
        raise ValueError("feature_order must list each of the 2m features once")
