"""Which infinitely wide network a kernel field is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from ..encodings import EncodingSpec, FourierEncoding, per_axis
from ..errors import SettingsError
from ..kernels import (
    ComposedNNGP,
    ComposedNTK,
    EncodingKernel,
    InfiniteMLP,
    LimitKernel,
    RadialKernel,
    StationaryKernel,
)

__all__ = ["KernelSpec"]

_RADIAL = ("gaussian", "laplace", "uniform", "log-uniform")
_WITH_LAW = (*_RADIAL, "positional")


@dataclass(frozen=True)
class KernelSpec:
    """An infinitely wide ReLU network of ``depth`` linear layers behind an encoding, and what is trained of it.

    ``trained`` "all" gives its NTK, "last" its NNGP: the kernel by which the last layer alone would learn, smoother at
    zero. Where ``encoding.features`` is None and the family has a law, there are infinitely many frequencies too;
    otherwise those that ``seed`` draws. The kernel is normalised to k(0) = 1.

    >>> KernelSpec(EncodingSpec("gaussian", 2.0)).kernel(1)(torch.tensor([[0.0], [0.1], [2.0]])).round(decimals=3)
    tensor([1.0000, 0.4130, 0.2650], dtype=torch.float64)
    """

    encoding: EncodingSpec
    depth: int = 4
    trained: Literal["all", "last"] = "all"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.encoding.family == "none":
            raise SettingsError("without an encoding the kernel is not stationary; --method kernel needs one")
        if self.depth < 1 or self.trained not in ("all", "last"):
            raise SettingsError(f"no kernel has depth {self.depth} and trains {self.trained!r}")

    @classmethod
    def from_json(cls, mapping: dict[str, Any]) -> KernelSpec:
        """The inverse of ``dataclasses.asdict``, after JSON made lists of tuples."""
        encoding = dict(mapping["encoding"])
        if isinstance(encoding["bandwidth"], list):
            encoding["bandwidth"] = tuple(encoding["bandwidth"])
        return cls(**{**mapping, "encoding": EncodingSpec(**encoding)})

    @property
    def name(self) -> str:
        """NTK or NNGP."""
        return "NTK" if self.trained == "all" else "NNGP"

    def with_bandwidth(self, bandwidth: float | tuple[float, ...]) -> KernelSpec:
        """The same with another bandwidth."""
        return replace(self, encoding=replace(self.encoding, bandwidth=bandwidth))

    def kernel(self, dimensions: int, longest: float | None = None) -> StationaryKernel:
        """The kernel on ``dimensions`` axes, tabulated where it is radial, for differences up to ``longest`` units: by
        default twice the diagonal of the unit box, in up to three dimensions 2. Raises ``SettingsError`` where the
        family has none in so many dimensions or of that bandwidth."""
        if longest is None:
            longest = 2.0 if dimensions <= 3 else 2.0 * math.sqrt(dimensions)
        try:
            return _kernel(self, dimensions, longest)
        except SettingsError:
            raise
        except ValueError as problem:
            raise SettingsError(f"--method kernel: {problem}") from problem


def _kernel(spec: KernelSpec, dimensions: int, longest: float) -> StationaryKernel:
    generator = torch.Generator().manual_seed(spec.seed)
    endless = spec.encoding.features is None and spec.encoding.family in _WITH_LAW
    drawn = replace(spec.encoding, features=dimensions) if endless else spec.encoding  # any number: the law is meant
    encoding = drawn.build(dimensions, generator)
    base: StationaryKernel = LimitKernel(encoding) if endless else EncodingKernel(encoding)
    composed = _composed(spec, base)
    if not endless or spec.encoding.family not in _RADIAL:
        return composed
    scales = per_axis(_bandwidth(encoding), dimensions)
    return RadialKernel(composed, scales, longest * math.hypot(*scales) / math.sqrt(dimensions))


def _composed(spec: KernelSpec, base: StationaryKernel) -> StationaryKernel:
    network = InfiniteMLP.of_depth(spec.depth)
    kind = ComposedNTK if spec.trained == "all" else ComposedNNGP
    unit = kind(base, network).at_zero
    last = network.weight_variances[-1] / unit  # the last layer's gain scales the kernel: k(0) = 1
    return kind(base, replace(network, weight_variances=(*network.weight_variances[:-1], last)))


def _bandwidth(encoding: FourierEncoding) -> float | tuple[float, ...]:
    assert encoding.bandwidth is not None
    return encoding.bandwidth
