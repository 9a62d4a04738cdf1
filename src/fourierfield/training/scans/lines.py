"""Batches of rays of a CT scan, with points anywhere on them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ...networks import CoordinateNetwork, ValueRange
from ...problems.scans import Lines, ScanProblem
from ...signals.scans import SinogramSignal
from ..batches import Batches
from ..gradients import rows_at_once
from ..plan import TrainingPlan
from .common import ObjectiveOfScan, measurement_psnr

__all__ = ["LineObjective", "LinePlan"]

_ON_CURVE = 256  # rays that are scored along a run


@dataclass(frozen=True)
class LinePlan:
    """Points ``per_ray``: one in each of so many equal parts, anywhere in it in training."""

    per_ray: int


class LineObjective(ObjectiveOfScan):
    """½ mean (∫f − y)²/mean y² over rays of a CT scan, a step's rays and the points on them functions of the seed and
    the step. The plan's batch size counts points."""

    def __init__(
        self,
        problem: ScanProblem,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        values: ValueRange,
        lines: LinePlan,
    ) -> None:
        super().__init__(network, plan, values)
        assert isinstance(problem.training, SinogramSignal)
        self._per_ray = lines.per_ray
        self._seen = Lines(problem.training)
        held_out = problem.held_out
        self._unseen = Lines(held_out) if isinstance(held_out, SinogramSignal) else None
        size = max(1, (plan.batch_size or len(self._seen) * lines.per_ray) // lines.per_ray)
        self._batches = Batches(len(self._seen), size, plan.seed)
        self._scale = 1 / (float(self._seen.values.double().square().mean()) or 1.0)

    def accumulate(self, step: int) -> Tensor:
        generator = Generator().manual_seed((self._plan.seed * 1_000_003 + step) % (1 << 63))
        numbers = self._batches.rows(step)
        share, loss = 0.5 * self._scale / len(numbers), torch.zeros((), device=self._plan.device)
        for some in numbers.split(self._rays_at_once):
            part = share * self._errors(self._seen, some, generator).square().sum()
            part.backward()
            loss += part.detach()
        return loss

    @torch.no_grad()
    def score(self, done: int, loss: float) -> dict[str, float | None]:
        return {
            "step": done,
            "loss": loss,
            "train_psnr_db": self._psnr(self._seen),
            "held_out_psnr_db": None if self._unseen is None else self._psnr(self._unseen),
        }

    @property
    def _rays_at_once(self) -> int:
        rows = rows_at_once(self._batches.size * self._per_ray, self._plan)
        return max(1, rows // self._per_ray)

    def _errors(self, lines: Lines, numbers: Tensor, generator: Generator | None) -> Tensor:
        """Integrals of the field minus what was measured, (R,)."""
        device = self._plan.device
        points = lines.points(numbers, self._per_ray, generator).to(device)
        values = self._field(points.reshape(-1, points.shape[-1])).reshape(len(numbers), self._per_ray)
        return lines.lengths[numbers].to(device) * values.mean(1) - lines.values[numbers].to(device)

    def _psnr(self, lines: Lines) -> float:
        numbers = torch.linspace(0, len(lines) - 1, min(_ON_CURVE, len(lines))).long()
        errors = [self._errors(lines, some, None) for some in numbers.split(self._rays_at_once)]
        return measurement_psnr(torch.cat(errors).cpu(), self._seen.values)
