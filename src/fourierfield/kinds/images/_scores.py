"""The structural similarity of a fitted picture."""

from __future__ import annotations

from dataclasses import dataclass

from ...grids._metrics import structural_similarity
from ...grids._signal import GridSignal
from ...networks._field import Field
from ...problems._grid import GridProblem
from ...tasks._scores import Scores

_MOST = 1 << 24  # samples: drawing a larger picture takes minutes


@dataclass(frozen=True)
class ImageScores:
    """SSIM of a field on the whole of its picture; None beyond 2²⁴ samples."""

    signal: GridSignal

    def __call__(self, field: Field, problem: GridProblem, scores: Scores, most: int) -> Scores:
        """Return ``ssim``."""
        if self.signal.grid.size > _MOST:
            return {"ssim": None}
        peak = problem.value_range.common[1]
        return {"ssim": structural_similarity(field.sample(self.signal.grid), self.signal.values, peak)}
