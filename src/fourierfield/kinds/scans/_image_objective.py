"""Train on the whole image of a scan in every step, perhaps after a pilot that is known to be about right."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ...networks._mlp import CoordinateNetwork
from ...networks._values import ValueRange
from ...operators._base import LinearOperator
from ...problems._grid import GridSamples
from ...training._data import TrainingData
from ...training._optimiser import accumulate_gradients, rows_at_once
from ...training._plan import TrainingPlan
from ...training._scoring import MOST_DECIBELS
from ._problem import ScanProblem, forward_map, measurements


class ScanObjective:
    """What all objectives on scans have in common: the network's values and the plan."""

    def __init__(self, network: CoordinateNetwork, plan: TrainingPlan, values: ValueRange) -> None:
        self._network, self._plan, self._values = network, plan, values

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._network.mlp.named_parameters())

    def follow(self, plan: TrainingPlan) -> None:
        self._plan = plan

    def _field(self, points: Tensor) -> Tensor:
        """Return values (P, C) in the scan's own units at points (P, d)."""
        return self._of(self._network.encoding(points))

    def _of(self, features: Tensor) -> Tensor:
        plan = self._plan
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = self._network.mlp(features.to(plan.precision) if plan.device.type == "cpu" else features)
        return self._values.restore(output.float())


def measurement_psnr(errors: Tensor, values: Tensor) -> float:
    """Compute −10 log₁₀(mean e²/peak²), where the peak is the range of the measured values.

    >>> measurement_psnr(torch.tensor([0.1, -0.1]), torch.tensor([0.0, 1.0]))
    20.0
    """
    peak = float(values.max() - values.min()) or float(values.abs().max()) or 1.0
    error = float(errors.double().square().mean()) / peak**2
    return round(min(-10 * math.log10(max(error, 1e-30)), MOST_DECIBELS), 6)


_PILOT_BATCH = 4096  # most points of a training step on the pilot


class ImageObjective(ScanObjective):
    """The loss ½ (‖A f − y‖ − σ√m)²₊/‖y‖² with f the network's values on the whole grid, in every step.

    The gradient in f is (1 − σ√m/‖A f − y‖)₊ Aᵀ(A f − y)/‖y‖², and a second pass takes it to the weights, one block of
    the grid at a time. Nothing is to be learnt from residuals as small as the ``noise`` σ (Morozov 1966).
    """

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
        for block, part in zip(blocks, slopes.split(len(blocks[0])), strict=True):
            (self._field(block) * part).sum().backward()
        return torch.tensor(0.5 * self._scale * above**2)

    @torch.no_grad()
    def _drawn(self, blocks: tuple[Tensor, ...]) -> Tensor:
        """Return the field's vector."""
        return torch.cat([self._field(block) for block in blocks]).T.reshape(-1).double().cpu()

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        """Score the values from before the step's update if they are at hand, otherwise the current ones."""
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


class AfterPilot(ImageObjective):
    """The same from step ``switch`` on, and before it a fit to a pilot.

    The pilot is values g on a grid that are known to be about right; its loss is ½ mean (f − g)² over batches of
    points.
    """

    def __init__(
        self,
        problem: ScanProblem,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        values: ValueRange,
        noise: float,
        pilot: tuple[GridSamples, int],
    ) -> None:
        super().__init__(problem, network, plan, values, noise)
        samples, self._switch = pilot
        size = min(_PILOT_BATCH, len(samples))
        self._data = TrainingData(samples, network.encoding, replace(plan, batch_size=size), precompute=False)

    def accumulate(self, step: int) -> Tensor:
        if step >= self._switch:
            return super().accumulate(step)
        self._image = None  # the step changes the network
        batch = self._data.batch(step)
        return accumulate_gradients(self._network.mlp, batch.features, batch.targets, self._plan)


@dataclass(frozen=True)
class _Measured:
    operator: LinearOperator
    values: Tensor
