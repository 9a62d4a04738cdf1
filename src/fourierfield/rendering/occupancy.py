"""Which parts of the box hold anything: the rest is not looked at."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["OccupancyGrid"]

_ROWS = 1 << 15


class OccupancyGrid:
    """The largest density met lately in each cell of a grid over [0, 1]³ (Müller et al. 2022, Appendix E.2).

    ``update`` takes σ ← max(decay·σ, density at a random point of the cell); a cell is occupied where the opacity of
    one step through it, 1 − exp(−σ·step), exceeds ``threshold`` or the mean over all possible cells, whichever is less,
    as is every neighbour of such a cell. ``possible`` cells (n, n, n) bool may be occupied at all: those outside the
    pictures' silhouettes may not. At the start every possible cell is.
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
        """Cells along each axis."""
        return int(self.possible.shape[0])

    @torch.no_grad()
    def update(self, density: Callable[[Tensor], Tensor], generator: torch.Generator) -> None:
        """Look at the density (P,) of points (P, 3) at one random point of each possible cell, or of a random choice of
        ``most`` cells where there are more."""
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
        """What a checkpoint holds of it."""
        return {"density": self.density}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up a state."""
        self.density.copy_(state["density"])
        self._mark()

    def _mark(self) -> None:
        opacity = -torch.expm1(-self.density * self._step)
        mean = float(opacity.reshape(-1)[self._flat].double().mean()) if len(self._flat) else 0.0
        marked = (opacity > min(self._threshold, mean)).float()
        grown = torch.nn.functional.max_pool3d(marked[None, None], 3, stride=1, padding=1)[0, 0] > 0
        self.cells = grown & self.possible
