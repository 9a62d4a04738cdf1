"""The likelihood of samples that fill a lattice, by cosine transforms."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ...operators import mirror_eigenvalues
from ...signals import Grid
from ..spec import KernelSpec
from .base import Found, Scatter, spectral_likelihood

__all__ = ["LatticeEvidence"]

_BLOCK = 1 << 16  # samples that a kernel is judged by at once
_BLOCKS = 16


class LatticeEvidence:
    """The likelihood of values (N, C) around zero on a lattice, as if it went on as its mirror image: there the cosine
    transform diagonalises a kernel's matrix (Whittle 1954, for the mirrored lattice; see ``MirrorInverse``).

    Large lattices by up to sixteen blocks of 65,536 samples, spread over them. Kernels have to end within a block:
    their bandwidths lie between ``smoothest`` and ``roughest``, in waves per unit.
    """

    def __init__(self, lattice: Grid, values: Tensor) -> None:
        self._block = _block_of(lattice, _BLOCK)
        whole = values.T.reshape(-1, *lattice.shape)
        corners = list(itertools.product(*map(_starts, lattice.shape, self._block.shape)))
        some = corners[:: math.ceil(len(corners) / _BLOCKS)]
        self._powers = torch.stack([_powers(whole, corner, self._block.shape) for corner in some]).mean(0)
        self.count = len(some) * self._block.size
        self._scatter = Scatter.none(values.shape[1])
        self._side = min(h * n for h, n in zip(self._block.spacing, self._block.shape, strict=True))
        self.smoothest, self.roughest = 1 / self._side, 0.5 / min(self._block.spacing)

    def holds(self, spec: KernelSpec) -> bool:
        """Whether a kernel ends within a block."""
        kernel = spec.kernel(len(self._block.shape))
        return kernel.ends_at <= self._side * min(kernel.metric(len(self._block.shape)))

    def judge(self, spec: KernelSpec, ridges: Sequence[float]) -> list[Found]:
        """See ``Evidence``. Raises ``ValueError`` for kernels that do not end within a block."""
        if not self.holds(spec):
            raise ValueError("the kernel reaches beyond the lattice")
        kernel = spec.kernel(len(self._block.shape))
        eigenvalues = mirror_eigenvalues(kernel, self._block, min(ridges)).flatten()
        return spectral_likelihood(spec, ridges, eigenvalues, self._powers, self._scatter)


def _block_of(lattice: Grid, most: int) -> Grid:
    """The lattice, or a part of it with at most so many samples: its longest axis is halved until it is one."""
    shape = list(lattice.shape)
    while math.prod(shape) > most:
        longest = shape.index(max(shape))
        shape[longest] = math.ceil(shape[longest] / 2)
    return Grid.from_origin((0.0,) * len(shape), lattice.spacing, tuple(shape))


def _starts(length: int, block: int) -> list[int]:
    """Where blocks that do not overlap begin, spread over an axis."""
    count = length // block
    return [round((length - block) * i / max(1, count - 1)) for i in range(count)]


def _powers(values: Tensor, corner: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    """Squared cosine coefficients (n, C) of a block of values (C, …)."""
    from scipy.fft import dctn

    for axis, (start, length) in enumerate(zip(corner, shape, strict=True), start=1):
        values = values.narrow(axis, start, length)
    waves = dctn(values.numpy(), axes=tuple(range(1, values.ndim)), norm="ortho", workers=torch.get_num_threads())
    return torch.from_numpy(waves).square().flatten(1).T
