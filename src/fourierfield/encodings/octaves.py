"""Octave encodings, each exactly as one public code has it: phase, order of features, raw coordinates.

All use frequencies 2^k·multiplier/(2π) cycles per unit along each axis, so that the phase is multiplier·2^k·x.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from .fourier import FourierEncoding, RawInput

__all__ = ["barf", "mip_nerf", "nerf", "nerfstudio", "octaves", "siren_positional", "tiny_cuda_nn", "transformer"]

Part = Literal["level", "wave", "axis"]


def octaves(
    dimensions: int,
    levels: int,
    multiplier: float,
    *,
    order: tuple[Part, Part, Part] = ("wave", "level", "axis"),
    raw_input: RawInput = "none",
) -> FourierEncoding:
    """Phases multiplier·2^k·x, k = 0..levels − 1, along each axis.

    ``order`` nests the features from slowest to fastest; the wave is sin, then cos. The other functions here are
    this one with the choices of one public code.
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
    """``bmild/nerf``: phase 2^k·x with no π (10 levels for positions, 4 for directions), raw coordinates first.

    Per frequency the sines of all axes, then the cosines of all axes. The NeRF paper prints 2^k·π·x:
    ``multiplier=math.pi``.

    >>> nerf(1, levels=2)(torch.tensor([[0.5]]))  # x, sin x, cos x, sin 2x, cos 2x
    tensor([[0.5000, 0.4794, 0.8776, 0.8415, 0.5403]])
    """
    return octaves(dimensions, levels, multiplier, order=("level", "wave", "axis"), raw_input=raw_input)


def siren_positional(dimensions: int, samples: int) -> FourierEncoding:
    """SIREN's positional baseline: π·2^k·x in floor(log₂(samples/4)) octaves, raw coordinates first.

    Per frequency and axis sin, then cos. ``samples`` is the number of samples along one side (Nyquist's rule); that
    code's coordinates span [−1, 1].
    """
    levels = max(1, math.floor(math.log2(samples / 4)))
    return octaves(dimensions, levels, math.pi, order=("level", "axis", "wave"), raw_input="first")


def barf(dimensions: int, levels: int = 10) -> FourierEncoding:
    """BARF: π·2^k·x, nested axis, {sin, cos}, level; raw coordinates are added outside. Use ``windowed(α)``."""
    return octaves(dimensions, levels, math.pi, order=("axis", "wave", "level"))


def mip_nerf(dimensions: int, levels: int = 16) -> FourierEncoding:
    """mip-NeRF: phase 2^k·x, all sines, then all cosines. Use ``integrated(mean, covariance)``."""
    return octaves(dimensions, levels, 1.0, order=("wave", "level", "axis"))


def tiny_cuda_nn(dimensions: int, levels: int = 12) -> FourierEncoding:
    """tiny-cuda-nn's ``Frequency``: π·2^k·x, nested axis, level, {sin, cos}."""
    return octaves(dimensions, levels, math.pi, order=("axis", "level", "wave"))


def nerfstudio(
    dimensions: int, levels: int = 10, lowest: float = 0.0, highest: float = 8.0, *, raw_input: bool = False
) -> FourierEncoding:
    """nerfstudio's ``NeRFEncoding``: phase 2π·2^linspace(lowest, highest, levels)·x, all sines then all cosines.

    Nested axis, level within each; raw coordinates last when wanted.
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
    """Sequence positions (Vaswani et al. 2017): phase pos / base^{2i/width}, i < width/2, with no 2π.

    Interleaved is sin, cos, sin, cos, … (the paper); concatenated is all sines, then all cosines (tensor2tensor,
    whose exponents run to i/(width/2 − 1) instead). The coordinate is the position itself, a number of steps.

    >>> transformer(4)(torch.tensor([[1.0]]))  # sin 1, cos 1, sin 0.01, cos 0.01
    tensor([[0.8415, 0.5403, 0.0100, 0.9999]])
    """
    if width < 2 or width % 2:
        raise ValueError(f"the width of a sequence encoding is even, not {width}")
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
    """Indices into [all cos, all sin], each (level, axis), that nest the features as ``order`` says."""
    canonical = torch.arange(2 * levels * dimensions).reshape(2, levels, dimensions).flip(0)  # sin, then cos
    position = {"wave": 0, "level": 1, "axis": 2}
    return canonical.permute([position[part] for part in order]).reshape(-1)
