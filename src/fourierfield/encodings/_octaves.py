"""Octave encodings, each exactly as one public code has it: phase, order of features, raw coordinates.

Most have frequencies of 2^k·multiplier/(2π) cycles per unit along each axis, so that the phase is multiplier·2^k·x.
They take the number of coordinates d (``dimensions``) and of octaves L (``levels``, ``ValueError`` below 1), and return
an encoding of d·L frequencies, (…, d) → (…, 2dL), or (…, 2dL + d) with raw input.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from ._fourier import FourierEncoding, RawInput

Part = Literal["level", "wave", "axis"]


def octaves(
    dimensions: int,
    levels: int,
    multiplier: float,
    *,
    order: tuple[Part, Part, Part] = ("wave", "level", "axis"),
    raw_input: RawInput = "none",
) -> FourierEncoding:
    """Return octaves along each axis: phases multiplier·2^k·x, k = 0..levels − 1.

    ``order`` nests the features from slowest to fastest; the wave is sin, then cos. Most other functions here call this
    one with the choices of one public code. Raises ``ValueError`` for less than one level.
    """
    if levels < 1:
        raise ValueError(f"an octave encoding needs at least one level, not {levels}")
    ladder = torch.exp2(torch.arange(levels, dtype=torch.float64)) * multiplier / (2 * math.pi)
    frequencies = ladder[:, None, None] * torch.eye(dimensions, dtype=torch.float64)
    return FourierEncoding(
        frequencies.reshape(-1, dimensions).float(),
        feature_order=_feature_order(levels, dimensions, order),
        raw_input=raw_input,
        family="nerf",
        bandwidth=float(ladder[-1]),
    )


def nerf(dimensions: int, levels: int = 10, multiplier: float = 1.0, raw_input: RawInput = "first") -> FourierEncoding:
    """Return the encoding of ``bmild/nerf``: phase 2^k·x without π, raw coordinates first.

    For each frequency the sines of all axes come first, then the cosines of all axes. The NeRF paper (Mildenhall et
    al. 2020, Eq. 4) prints 2^k·π·x, which is ``multiplier=math.pi``.

    Args:
        dimensions: the number of coordinates d.
        levels: the number of octaves L; that code has 10 for positions and 4 for directions.
        multiplier: the phase per unit at k = 0, in radians.
        raw_input: whether the coordinates stand "first" or "last" among the features, or not at all ("none").

    Returns:
        An encoding of d·L frequencies, (…, d) → (…, 2dL + d), or (…, 2dL) without raw input.

    Raises:
        ValueError: for less than one level or an unknown ``raw_input``.

    >>> nerf(1, levels=2)(torch.tensor([[0.5]]))  # x, sin x, cos x, sin 2x, cos 2x
    tensor([[0.5000, 0.4794, 0.8776, 0.8415, 0.5403]])
    """
    return octaves(dimensions, levels, multiplier, order=("level", "wave", "axis"), raw_input=raw_input)


def siren_positional(dimensions: int, samples: int) -> FourierEncoding:
    """Return SIREN's positional baseline: phase π·2^k·x in floor(log₂(samples/4)) octaves, raw coordinates first.

    For each frequency and axis sin comes first, then cos (``PosEncodingNeRF`` of vsitzmann/siren, whose coordinates
    span [−1, 1]).

    Args:
        dimensions: the number of coordinates d.
        samples: the number of samples along one side, which bounds the octaves by Nyquist's rule; one octave at least.

    Returns:
        An encoding of L octaves along each axis, (…, d) → (…, 2dL + d).

    >>> siren_positional(2, 256).features  # 6 octaves along 2 axes
    12
    """
    levels = max(1, math.floor(math.log2(samples / 4)))
    return octaves(dimensions, levels, math.pi, order=("level", "axis", "wave"), raw_input="first")


def barf(dimensions: int, levels: int = 10) -> FourierEncoding:
    """Return BARF's encoding: phase π·2^k·x, features nested as axis, {sin, cos}, level (Lin et al. 2021).

    That code adds the raw coordinates outside the encoding. ``windowed(α)`` gives its coarse-to-fine weights.

    Args:
        dimensions: the number of coordinates d.
        levels: the number of octaves L.

    Returns:
        An encoding of d·L frequencies, (…, d) → (…, 2dL).

    Raises:
        ValueError: for less than one level.

    >>> barf(1, levels=2)(torch.tensor([[0.5]])).round(decimals=4) + 0.0  # sin π/2, sin π, cos π/2, cos π
    tensor([[ 1.,  0.,  0., -1.]])
    """
    return octaves(dimensions, levels, math.pi, order=("axis", "wave", "level"))


def mip_nerf(dimensions: int, levels: int = 16) -> FourierEncoding:
    """Return mip-NeRF's encoding: phase 2^k·x, all sines, then all cosines (Barron et al. 2021).

    ``integrated(mean, covariance)`` gives its integrated positional encoding.

    Args:
        dimensions: the number of coordinates d.
        levels: the number of octaves L.

    Returns:
        An encoding of d·L frequencies, (…, d) → (…, 2dL).

    Raises:
        ValueError: for less than one level.

    >>> mip_nerf(1, levels=2)(torch.tensor([[0.5]]))  # sin 0.5, sin 1, cos 0.5, cos 1
    tensor([[0.4794, 0.8415, 0.8776, 0.5403]])
    """
    return octaves(dimensions, levels, 1.0, order=("wave", "level", "axis"))


def tiny_cuda_nn(dimensions: int, levels: int = 12) -> FourierEncoding:
    """Return tiny-cuda-nn's ``Frequency`` encoding: phase π·2^k·x, features nested as axis, level, {sin, cos}.

    Args:
        dimensions: the number of coordinates d.
        levels: the number of octaves L (``n_frequencies``).

    Returns:
        An encoding of d·L frequencies, (…, d) → (…, 2dL).

    Raises:
        ValueError: for less than one level.

    >>> tiny_cuda_nn(1, levels=2)(torch.tensor([[0.5]])).round(decimals=4) + 0.0  # sin π/2, cos π/2, sin π, cos π
    tensor([[ 1.,  0.,  0., -1.]])
    """
    return octaves(dimensions, levels, math.pi, order=("axis", "level", "wave"))


def nerfstudio(
    dimensions: int, levels: int = 10, lowest: float = 0.0, highest: float = 8.0, *, raw_input: bool = False
) -> FourierEncoding:
    """Return nerfstudio's ``NeRFEncoding``: phase 2π·2^linspace(lowest, highest, levels)·x, sines, then cosines.

    Within each, features are nested as axis, level; raw coordinates come last.

    Args:
        dimensions: the number of coordinates d.
        levels: the number of frequencies L along each axis (``num_frequencies``).
        lowest: log₂ of the lowest frequency in cycles per unit (``min_freq_exp``).
        highest: log₂ of the highest frequency in cycles per unit (``max_freq_exp``).
        raw_input: whether the coordinates stand among the features (``include_input``).

    Returns:
        An encoding of d·L frequencies, (…, d) → (…, 2dL), or (…, 2dL + d) with raw input.

    >>> nerfstudio(1, 3, 0.0, 4.0).frequencies.flatten()
    tensor([ 1.,  4., 16.])
    """
    ladder = torch.exp2(torch.linspace(lowest, highest, levels, dtype=torch.float64))
    frequencies = (ladder[:, None, None] * torch.eye(dimensions, dtype=torch.float64)).reshape(-1, dimensions)
    return FourierEncoding(
        frequencies.float(),
        feature_order=_feature_order(levels, dimensions, ("wave", "axis", "level")),
        raw_input="last" if raw_input else "none",
        family="nerfstudio",
        bandwidth=float(ladder[-1]),
    )


def transformer(
    width: int, *, layout: Literal["interleaved", "concatenated"] = "interleaved", base: float = 10000.0
) -> FourierEncoding:
    """Return the encoding of sequence positions: phase pos / base^{2i/width}, i < width/2, without 2π.

    The coordinate is the position itself, a number of steps (Vaswani et al. 2017, Section 3.5).

    Args:
        width: the number of features, twice that of frequencies.
        layout: "interleaved" is sin, cos, sin, cos, … (the paper); "concatenated" is all sines, then all cosines
            (tensor2tensor, whose exponents are i/(width/2 − 1) instead).
        base: the ratio of the longest period to 2π in the limit of many features.

    Returns:
        An encoding of width/2 frequencies, (…, 1) → (…, width).

    Raises:
        ValueError: for a width that is odd or below 2.

    >>> transformer(4)(torch.tensor([[1.0]]))  # sin 1, cos 1, sin 0.01, cos 0.01
    tensor([[0.8415, 0.5403, 0.0100, 0.9999]])
    """
    if width < 2 or width % 2:
        raise ValueError(f"the width of a sequence encoding must be even and 2 or more, not {width}")
    exponents = torch.arange(0, width, 2, dtype=torch.float64) / width
    frequencies = base**-exponents / (2 * math.pi)
    order: tuple[Part, Part, Part] = ("level", "wave", "axis") if layout == "interleaved" else ("wave", "level", "axis")
    return FourierEncoding(
        frequencies[:, None].float(),
        feature_order=_feature_order(width // 2, 1, order),
        family="transformer",
        bandwidth=float(frequencies[0]),
    )


def _feature_order(levels: int, dimensions: int, order: tuple[Part, Part, Part]) -> Tensor:
    """Return the indices into [all cos, all sin], each (level, axis), that nest the features in ``order``."""
    canonical = torch.arange(2 * levels * dimensions).reshape(2, levels, dimensions).flip(0)  # sin, then cos
    position = {"wave": 0, "level": 1, "axis": 2}
    return canonical.permute([position[part] for part in order]).reshape(-1)
