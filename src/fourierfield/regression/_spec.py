"""Specify the infinitely wide network that a kernel field is, and build its kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from ..encodings._families import per_axis
from ..encodings._registry import FAMILIES
from ..encodings._spec import EncodingSpec
from ..errors import SettingsError
from ..grids._typed import typed
from ..kernels._composed import ComposedNNGP, ComposedNTK
from ..kernels._encoding import EncodingKernel, LimitKernel
from ..kernels._infinite import InfiniteMLP
from ..kernels._radial import RadialKernel
from ..kernels._stationary import StationaryKernel

_DEEPEST = 100  # layers: kernels of deeper networks are all but constant


@dataclass(frozen=True)
class KernelSpec:
    """An infinitely wide ReLU network of ``depth`` linear layers behind an encoding, and which layers are trained.

    ``trained`` "all" gives its NTK, "last" its NNGP: the kernel with which the last layer alone would learn, smoother
    at zero. If ``encoding.features`` is None and the family has a law, there are infinitely many frequencies too;
    otherwise ``seed`` draws them. The kernel is normalised to k(0) = 1.

    >>> KernelSpec(EncodingSpec("gaussian", 2.0)).kernel(1)(torch.tensor([[0.0], [0.1], [2.0]])).round(decimals=3)
    tensor([1.0000, 0.4130, 0.2650], dtype=torch.float64)
    """

    encoding: EncodingSpec
    depth: int = 4
    trained: Literal["all", "last"] = "all"
    seed: int = 0

    def __post_init__(self) -> None:
        if not FAMILIES[self.encoding.family].has_frequencies:
            raise SettingsError(
                "--encoding none: without an encoding the kernel is not stationary; --method kernel needs one"
            )
        if not 1 <= self.depth <= _DEEPEST or self.trained not in ("all", "last"):
            raise SettingsError(f"no kernel has depth {self.depth} and trains {self.trained!r}")

    @classmethod
    def from_json(cls, mapping: dict[str, Any]) -> KernelSpec:
        """Rebuild a specification from what ``dataclasses.asdict`` gave, after JSON turned tuples into lists."""
        encoding = dict(mapping["encoding"])
        if isinstance(encoding["bandwidth"], list):
            encoding["bandwidth"] = tuple(encoding["bandwidth"])
        return typed(cls(**{**mapping, "encoding": typed(EncodingSpec(**encoding))}))

    @property
    def name(self) -> str:
        """The name of the kernel, NTK or NNGP."""
        return "NTK" if self.trained == "all" else "NNGP"

    def with_bandwidth(self, bandwidth: float | tuple[float, ...]) -> KernelSpec:
        """Return the same specification with another bandwidth."""
        return replace(self, encoding=replace(self.encoding, bandwidth=bandwidth))

    def kernel(self, dimensions: int, longest: float | None = None) -> StationaryKernel:
        """Build the kernel on ``dimensions`` axes; a radial one is tabulated for differences up to ``longest`` units.

        By default ``longest`` is 2 in up to three dimensions, and twice the diagonal of the unit box in more. Raises
        ``SettingsError`` if the family has no kernel in so many dimensions or of that bandwidth.
        """
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
    family = FAMILIES[spec.encoding.family]
    endless = spec.encoding.features is None and family.law is not None
    # any number of frequencies will do where only the law is used
    drawn = replace(spec.encoding, features=dimensions) if endless else spec.encoding
    encoding = drawn.build(dimensions, generator)
    base: StationaryKernel = LimitKernel(encoding) if endless else EncodingKernel(encoding)
    composed = _composed(spec, base)
    if not endless or family.on_axes:
        return composed
    assert encoding.bandwidth is not None
    scales = per_axis(encoding.bandwidth, dimensions)
    return RadialKernel(composed, scales, longest * math.hypot(*scales) / math.sqrt(dimensions))


def _composed(spec: KernelSpec, base: StationaryKernel) -> StationaryKernel:
    network = InfiniteMLP.of_depth(spec.depth)
    kind = ComposedNTK if spec.trained == "all" else ComposedNNGP
    unit = kind(base, network).at_zero
    last = network.weight_variances[-1] / unit  # the gain of the last layer scales the kernel to k(0) = 1
    return kind(base, replace(network, weight_variances=(*network.weight_variances[:-1], last)))
