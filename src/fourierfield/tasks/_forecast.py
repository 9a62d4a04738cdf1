"""The forecast of a fit on a grid: the scores that it is expected to end with, before training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from ..forecast._finite import FiniteForecast, Traits, delay, finite_width, may_collapse
from ..forecast._steps import FlowForecast, StepForecast, forecast_flow
from ..networks._mlp import CoordinateNetwork
from ..problems._grid import GridProblem
from ..training._plan import TrainingPlan
from ..training._scoring import curve_steps
from ..tuning._forecasts import forecast_network, inner_problem, reference_network
from ..tuning._inner import InnerProblem

RELIABLE = 40.0  # dB: training forecasts beyond it run high (docs/forecast.md)
MOST_SAMPLES = 1 << 17  # training samples forecast at once: three seconds a channel; windows stand for more


@dataclass(frozen=True)
class FitForecast:
    """The forecast of a fit: ``scores`` at its end with an interval, ``theory`` at every step.

    ``on`` names the places of the held-out score: the held-out samples, or points between the training samples.
    """

    scores: FiniteForecast
    theory: StepForecast
    flow: FlowForecast
    on: str

    def held_out_curve(self, steps: list[int]) -> list[float | None]:
        """Return the held-out PSNR after each number of steps: theory, shifted to end at the expected score."""
        theory, end = self.theory.held_out_psnr_db, self.scores.held_out_psnr_db
        if theory is None or end is None:
            return [None] * len(steps)
        whole = float(theory[-1] - theory[0])
        risen = ((theory - theory[0]) / whole).clamp(0, 1) if whole > 0 else torch.zeros_like(theory)
        moved = theory + (end - float(theory[-1])) * risen
        return [float(moved[step - 1]) for step in steps]

    def to_json(self) -> dict[str, Any]:
        """Return the ``forecast`` of ``fit --json``."""
        steps = sorted(curve_steps(len(self.theory.times)))
        train = [float(self.theory.train_psnr_db[step - 1]) for step in steps]
        return {
            "held_out_psnr_db": _rounded(self.scores.held_out_psnr_db),
            "held_out_low_db": _rounded(self.scores.low_db),
            "held_out_high_db": _rounded(self.scores.high_db),
            "train_psnr_db": _rounded(self.scores.train_psnr_db),
            "held_out_samples": self.on,
            "curve": [
                {"step": step, "train_psnr_db": _rounded(trained), "held_out_psnr_db": _rounded(held_out)}
                for step, trained, held_out in zip(steps, train, self.held_out_curve(steps), strict=True)
            ],
        }

    @property
    def words(self) -> str:
        """The scores in a few words, for the progress log."""
        scores = self.scores
        train = f"{scores.train_psnr_db:.1f}" if scores.train_psnr_db < RELIABLE else f"above {RELIABLE:.0f}"
        held_out = ""
        if scores.held_out_psnr_db is not None:
            held_out = f", {scores.held_out_psnr_db:.1f} dB ({scores.low_db:.1f} to {scores.high_db:.1f}) on {self.on}"
        return f"{train} dB in training{held_out}"

    def notes(self, metrics: dict[str, Any]) -> list[str]:
        """Return a remark if the held-out score lies outside the interval."""
        missed = self.missed_by(metrics["held_out_psnr_db"])
        if not missed:
            return []
        where = "above" if missed > 0 else "below"
        return [f"held-out PSNR ended {abs(missed):.1f} dB {where} the interval that holds nine results of ten"]

    def missed_by(self, measured: float | None) -> float | None:
        """Return by how many dB a measured held-out score misses the interval, signed; None if they do not compare."""
        low, high = self.scores.low_db, self.scores.high_db
        if measured is None or low is None or high is None or self.on != HELD_OUT:
            return None
        return min(0.0, measured - low) + max(0.0, measured - high)


HELD_OUT, BETWEEN = "held-out samples", "points between the training samples"


def forecast_fit(
    problem: GridProblem, network: CoordinateNetwork, plan: TrainingPlan, inner: InnerProblem | None = None
) -> FitForecast:
    """Forecast a fit on held-out samples or, without them and for large problems, on the ``inner`` windows."""
    inner = inner or inner_problem(problem, network.mlp.spec)
    whole = problem.held_out is not None and len(problem.training) <= MOST_SAMPLES

    def flow_of(some: CoordinateNetwork) -> FlowForecast:
        if not whole:
            return forecast_network(inner, some, plan.steps)
        flow = forecast_flow(problem, some, plan.steps, smooth=inner.smooth).value
        return flow.with_curve(flow.curve.noisier(inner.noise)) if inner.smooth else flow

    flow, reference = flow_of(network), None
    if may_collapse(flow.density):
        reference = flow_of(reference_network(network.mlp.spec, problem.samples_per_unit, problem.domain.dimensions))
    traits = Traits(inner.directed, reference, inner.noise)
    theory = flow.under(plan, delay(flow, plan, traits))
    return FitForecast(finite_width(flow, plan, traits), theory, flow, HELD_OUT if whole else BETWEEN)


def _rounded(value: float | None) -> float | None:
    """Round to 0.001 dB and bound by 150 dB: float32 networks do not come closer."""
    return None if value is None else round(min(value, 150.0), 3)
