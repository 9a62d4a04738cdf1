"""The likelihood of samples given those near them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..left_out import Neighbourhoods
from ..spec import KernelSpec
from .base import Found

__all__ = ["NearEvidence", "axis_scale"]

_AROUND = {1: 20, 2: 30, 3: 40}  # samples that another is foretold from
_FEW = 250  # samples are foretold where a kernel's frequencies are summed one by one


class NearEvidence:
    """The likelihood of some 2,000 samples, each given the nearest of those before it in a random order (Vecchia
    1988): no equation of more than some tens of samples is solved. It knows details, but neither trends that
    reach beyond those neighbours nor noise that takes more of them to average out.

    ``places`` (N, d), ``values`` (N, C) around zero, and ``weights`` (N,) if they are not all 1; ``some`` samples.
    """

    def __init__(self, places: Tensor, values: Tensor, weights: Tensor | None, some: int = 2000) -> None:
        self._places, self._values, self._weights, self._some = places, values, weights, some
        self._known: dict[tuple[float, ...], Neighbourhoods] = {}

    @property
    def count(self) -> int:
        """Samples that are foretold."""
        return min(self._some, len(self._places))

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """See ``Evidence``."""
        kernel = spec.kernel(self._places.shape[1])
        found = self._near(spec).judge(kernel, list(ridges))
        return [Found(spec, ridge, one.score, one.freedom) for ridge, one in zip(ridges, found, strict=True)]

    def _near(self, spec: KernelSpec) -> Neighbourhoods:
        """Near means near for the kernel, whose bandwidths may differ by axis."""
        scale = axis_scale(spec, self._places.shape[1])
        key = tuple(scale.tolist())
        if key not in self._known:
            count = _AROUND.get(self._places.shape[1], 50)
            self._known[key] = Neighbourhoods.before(
                self._places, self._values, count=count, scale=scale, some=self._some, weights=self._weights
            )
        found = self._known[key]
        return found if spec.encoding.features is None else found.thinned(_FEW)


def axis_scale(spec: KernelSpec, dimensions: int) -> Tensor:
    """What to multiply each axis by, so that near is near for the kernel: its bandwidths over the largest, (d,)."""
    bandwidth = spec.encoding.bandwidth
    if not isinstance(bandwidth, tuple):
        return torch.ones(dimensions, dtype=torch.float64)
    return torch.tensor(bandwidth, dtype=torch.float64) / max(bandwidth)
