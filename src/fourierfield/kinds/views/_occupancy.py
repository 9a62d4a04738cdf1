"""The occupied cells of a box: looked up at points, packed into few bytes, and updated during a run."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def occupied_at(cells: Tensor, points: Tensor) -> Tensor:
    """Return whether points (…, 3) lie in an occupied one of ``cells`` (n, n, n) bool of [0, 1]³.

    Points outside the box do not.

    >>> cells = torch.zeros(2, 2, 2, dtype=torch.bool)
    >>> cells[1, 0, 0] = True
    >>> occupied_at(cells, torch.tensor([[0.7, 0.1, 0.1], [0.1, 0.1, 0.1], [1.7, 0.1, 0.1]]))
    tensor([ True, False, False])
    """
    count = cells.shape[0]
    index = (points * count).floor().long()
    inside = ((index >= 0) & (index < count)).all(dim=-1)
    x, y, z = index.clamp(0, count - 1).unbind(-1)
    return cells.view(-1)[(x * count + y) * count + z] & inside


def pack_cells(cells: Tensor) -> Tensor:
    """Compress cells (n, n, n) bool to bytes for a file.

    >>> cells = torch.eye(8, dtype=torch.bool)[None].repeat(8, 1, 1)
    >>> bool((unpack_cells(pack_cells(cells), 8) == cells).all())
    True
    """
    bits = np.packbits(cells.cpu().numpy().reshape(-1))
    return torch.frombuffer(bytearray(zlib.compress(bits.tobytes(), 9)), dtype=torch.uint8)


def unpack_cells(packed: Tensor, count: int) -> Tensor:
    """Invert ``pack_cells`` for ``count`` cells along each axis. Raises ``ValueError`` if the bytes are damaged."""
    try:
        content = zlib.decompress(packed.numpy().tobytes())
    except zlib.error as problem:
        raise ValueError(f"cells that cannot be unpacked: {problem}") from problem
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8), count=count**3)
    return torch.from_numpy(bits.astype(bool).reshape(count, count, count))


_ROWS = 1 << 15  # cells whose density is evaluated at once: bounds memory, and any value near it would do


class OccupancyGrid:
    """The largest recent density in each cell of a grid over [0, 1]³ (Müller et al. 2022, Appendix E.2).

    ``update`` sets σ ← max(decay·σ, density at a random point of the cell). A cell is occupied if the opacity of one
    step through it, 1 − exp(−σ·step), exceeds the lesser of ``threshold`` and the mean over all possible cells, or if
    a neighbour of it does so. Only ``possible`` cells (n, n, n) bool can be occupied; cells outside the pictures'
    silhouettes are not possible. At the start every possible cell is occupied. ``most`` bounds the cells that one
    update evaluates.
    """

    def __init__(
        self, possible: Tensor, step: float, *, decay: float = 0.9, threshold: float = 0.01, most: int = 1 << 14
    ) -> None:
        self.possible = possible
        self.cells = possible.clone()
        self.density = torch.where(possible, torch.inf, 0.0)
        self._flat = possible.reshape(-1).nonzero()[:, 0]
        self._step, self._decay, self._threshold, self._most = step, decay, threshold, most

    @property
    def count(self) -> int:
        """The number of cells along each axis."""
        return int(self.possible.shape[0])

    @torch.no_grad()
    def update(self, density: Callable[[Tensor], Tensor], generator: torch.Generator) -> None:
        """Evaluate the density at one random point of each possible cell, and mark the occupied cells.

        ``density`` maps points (P, 3) to (P,). If there are more than ``most`` possible cells, a random choice of that
        many is evaluated.
        """
        count = self.count
        seen = self.density.view(-1)
        looked_at = self._flat
        if len(looked_at) > self._most:
            chosen = torch.randint(len(looked_at), (self._most,), generator=generator).unique()
            looked_at = looked_at[chosen.to(looked_at.device)]
        for rows in looked_at.split(_ROWS):
            corner = torch.stack([rows // count**2, rows // count % count, rows % count], dim=-1)
            points = (corner + torch.rand(len(rows), 3, generator=generator).to(rows.device)) / count
            known = torch.where(seen[rows].isinf(), 0.0, seen[rows])
            seen[rows] = torch.maximum(known * self._decay, density(points).float())
        self._mark()

    def state(self) -> dict[str, Tensor]:
        """Return the state for a checkpoint."""
        return {"density": self.density}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Restore a state from a checkpoint."""
        self.density.copy_(state["density"])
        self._mark()

    def _mark(self) -> None:
        opacity = -torch.expm1(-self.density * self._step)
        mean = float(opacity.reshape(-1)[self._flat].double().mean()) if len(self._flat) else 0.0
        marked = (opacity > min(self._threshold, mean)).float()
        grown = torch.nn.functional.max_pool3d(marked[None, None], 3, stride=1, padding=1)[0, 0] > 0
        self.cells = grown & self.possible
