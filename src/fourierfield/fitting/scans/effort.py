"""How long the steps of a network on a scan take."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ...networks import CoordinateNetwork
from ...problems.scans import ScanProblem
from ...training.optimiser import Optimiser
from .pilot import Pilot
from .plan import ScanPlan

__all__ = ["Effort", "measure_effort"]

_PROBE_STEPS, _PROBE_RATE = 5, 1e-6
_SCORED_ON_CURVE = 24


@dataclass(frozen=True)
class Effort:
    """Seconds of a step on the pilot and of one on the scan."""

    on_pilot: float
    on_scan: float

    def seconds(self, plan: ScanPlan) -> float:
        """Of all steps of a plan, and the scores along its way."""
        scan = plan.steps - plan.switch + _SCORED_ON_CURVE // 2
        return self.on_pilot * plan.switch + self.on_scan * scan

    def plan_in(self, seconds: float, plan: ScanPlan) -> ScanPlan:
        """The plan with the steps that may be taken in so long: half of it on the scan itself at most."""
        left = max(0.0, 0.95 * seconds - self.on_scan * _SCORED_ON_CURVE / 2)
        if not plan.switch:
            return plan.with_steps(0, max(1, int(left / self.on_scan)))
        scan = max(1, min(plan.steps - plan.switch, int(0.5 * left / self.on_scan)))
        return plan.with_steps(max(1, int((left - scan * self.on_scan) / self.on_pilot)), scan)


def measure_effort(plan: ScanPlan, problem: ScanProblem, pilot: Pilot, network: CoordinateNetwork) -> Effort:
    """The median of a few steps of each kind, which move the network a little."""
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = plan.objective(problem, network, pilot)
    optimiser = Optimiser(objective.parameters, plan.fit.training)

    def median(steps: range) -> float:
        marks = [time.perf_counter()]
        for step in steps:
            optimiser.clear()
            objective.accumulate(step)
            optimiser.step(_PROBE_RATE)
            marks.append(time.perf_counter())
        return float(np.median(np.diff(marks))) if len(marks) > 1 else 0.0

    on_scan = median(range(plan.switch, min(plan.switch + _PROBE_STEPS, plan.steps)))
    return Effort(median(range(min(plan.switch, 3 * _PROBE_STEPS))), on_scan)
