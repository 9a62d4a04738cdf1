"""What a run on a scan minimises: the square error of its measurements of the network's field."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor, nn

from ..networks import CoordinateNetwork, ValueRange
from ..operators import LinearOperator
from ..problems import GridSamples
from ..problems.scans import Lines, ScanProblem, forward_map, measurements
from ..signals.scans import SinogramSignal
from .batches import Batches
from .data import TrainingData
from .gradients import accumulate_gradients, rows_at_once
from .plan import TrainingPlan
from .scoring import MOST_DECIBELS, curve_steps

__all__ = ["AfterPilot", "ImageObjective", "LineObjective", "LinePlan", "measurement_psnr"]

_ON_CURVE = 256  # rays that are scored along a run
_PILOT_BATCH = 4096  # points of a step on values that are known


class _OfScan:
    """What both have in common: the network's values, and the plan."""

    def __init__(self, network: CoordinateNetwork, plan: TrainingPlan, values: ValueRange) -> None:
        self._network, self._plan, self._values = network, plan, values

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._network.mlp.named_parameters())

    @property
    def scored_steps(self) -> frozenset[int]:
        return curve_steps(self._plan.steps)

    def _field(self, points: Tensor) -> Tensor:
        """Values (P, C) in the scan's own units at points (P, d)."""
        return self._of(self._network.encoding(points))

    def _of(self, features: Tensor) -> Tensor:
        plan = self._plan
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = self._network.mlp(features.to(plan.precision) if plan.device.type == "cpu" else features)
        return self._values.restore(output.float())


class ImageObjective(_OfScan):
    """½ (‖A f − y‖ − σ√m)²₊/‖y‖² with f the network's values on the whole grid, in every step: the gradient in f
    is (1 − σ√m/‖A f − y‖)₊ Aᵀ(A f − y)/‖y‖², and a second pass takes it to the weights, a block of the grid at a
    time. Nothing is to be learnt from residuals as small as the ``noise`` σ (Morozov 1966)."""

    def __init__(
        self,
        problem: ScanProblem,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        values: ValueRange,
        noise: float = 0.0,
    ) -> None:
        super().__init__(network, plan, values)
        grid = problem.domain.grid(problem.image_shape)
        axes = [torch.from_numpy(grid.axis(a)).float() for a in range(len(grid.shape))]
        self._points = torch.cartesian_prod(*axes).to(plan.device)
        self._seen = _Measured(forward_map(problem.training), measurements(problem.training))
        held_out = problem.held_out
        self._unseen = None if held_out is None else _Measured(forward_map(held_out), measurements(held_out))
        self._scale = 1 / (float(self._seen.values.square().sum()) or 1.0)
        self._noise = noise * math.sqrt(len(self._seen.values))
        self._image: Tensor | None = None

    def accumulate(self, step: int) -> Tensor:
        blocks = self._points.split(rows_at_once(len(self._points), self._plan))
        self._image = self._drawn(blocks)
        residual = self._seen.operator @ self._image - self._seen.values
        above = max(0.0, float(residual.norm()) - self._noise)
        slope = self._scale * above * (self._seen.operator.H @ (residual / residual.norm().clamp_min(1e-30)))
        slopes = slope.reshape(-1, len(self._points)).T.float().to(self._plan.device)
        for block, wanted in zip(blocks, slopes.split(len(blocks[0])), strict=True):
            (self._field(block) * wanted).sum().backward()
        return torch.tensor(0.5 * self._scale * above**2)

    @torch.no_grad()
    def _drawn(self, blocks: tuple[Tensor, ...]) -> Tensor:
        """The field's vector."""
        return torch.cat([self._field(block) for block in blocks]).T.reshape(-1).double().cpu()

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        """Of the values before the step's update, where they are at hand."""
        if self._image is None:
            self._image = self._drawn(self._points.split(rows_at_once(len(self._points), self._plan)))
        return {
            "step": done,
            "loss": loss,
            "train_psnr_db": self._psnr(self._seen),
            "held_out_psnr_db": None if self._unseen is None else self._psnr(self._unseen),
        }

    def _psnr(self, measured: _Measured) -> float:
        assert self._image is not None
        return measurement_psnr(measured.operator @ self._image - measured.values, self._seen.values)

    def forget(self) -> None:
        """That the values are at hand: the network was moved by others."""
        self._image = None


class AfterPilot:
    """Another objective from step ``switch`` on; before it, ½ mean (f − g)² over batches of points of a grid, g values
    that are known to be about right."""

    def __init__(
        self,
        objective: ImageObjective,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        pilot: GridSamples,
        switch: int,
    ) -> None:
        self._objective, self._network, self._plan, self._switch = objective, network, plan, switch
        size = min(_PILOT_BATCH, len(pilot))
        self._data = TrainingData(pilot, network.encoding, replace(plan, batch_size=size), precompute=False)

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return self._objective.parameters

    @property
    def scored_steps(self) -> frozenset[int]:
        return self._objective.scored_steps

    def accumulate(self, step: int) -> Tensor:
        if step >= self._switch:
            return self._objective.accumulate(step)
        self._objective.forget()
        batch = self._data.batch(step)
        return accumulate_gradients(self._network.mlp, batch.features, batch.targets, self._plan)

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        return self._objective.score(done, loss)


@dataclass(frozen=True)
class LinePlan:
    """Points ``per_ray``: one in each of so many equal parts, anywhere in it in training."""

    per_ray: int


class LineObjective(_OfScan):
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


@dataclass(frozen=True)
class _Measured:
    operator: LinearOperator
    values: Tensor


def measurement_psnr(errors: Tensor, values: Tensor) -> float:
    """−10 log₁₀(mean e²/peak²), the peak being the range of the measured values.

    >>> measurement_psnr(torch.tensor([0.1, -0.1]), torch.tensor([0.0, 1.0]))
    20.0
    """
    peak = float(values.max() - values.min()) or float(values.abs().max()) or 1.0
    error = float(errors.double().square().mean()) / peak**2
    return round(min(-10 * math.log10(max(error, 1e-30)), MOST_DECIBELS), 6)
