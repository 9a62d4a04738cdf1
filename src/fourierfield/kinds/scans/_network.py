"""Fits of scans by network: a pilot by kernel, then training through the scan's map."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from ...errors import FieldFileError
from ...networks._field import NetworkField
from ...networks._mlp import CoordinateNetwork
from ...tasks._network import build_network
from ...tasks._record import network_record, precision_name, training_record
from ...tasks._resume import Finished, Found, Identity, network_identity
from ...tasks._settings import FitSettings
from ...tasks._task import Budget, FitEvents, Fitted, Parts
from ...training._checkpoint import Checkpoint
from ...training._estimate import in_words
from ...training._loop import TrainingRun, optimise
from ...training._plan import TrainingPlan
from ...tuning._choice import encoding_words
from ._effort import Effort, check_network_memory, measure_effort
from ._pilot import Pilot, ScanForecast, fly_pilot
from ._plan import ScanPlan, plan_scan
from ._problem import Scan, ScanProblem, scan_problem
from ._record import image_vector, rival_scores, scan_digest, scan_encoding, scan_metrics, training_facts


@dataclass(frozen=True)
class ScanNetworkTask:
    """A fit of a network to what a scan measured; the ``pilot`` and the ``plan`` are known once it has chosen."""

    signal: Scan
    problem: ScanProblem
    settings: FitSettings
    pilot: Pilot | None = None
    plan: ScanPlan | None = None
    effort: Effort | None = None
    method: ClassVar[str] = "network"

    @classmethod
    def of(cls, signal: Scan, settings: FitSettings) -> ScanNetworkTask:
        """Return the task of a scan. Raises ``SettingsError`` for a hold-out that leaves nothing."""
        return cls(signal, scan_problem(signal, settings.hold_out_rule), settings)

    @property
    def chosen(self) -> tuple[Pilot, ScanPlan]:
        """The pilot and the plan, once ``choose`` has been called."""
        assert self.pilot is not None
        assert self.plan is not None
        return self.pilot, self.plan

    def check(self) -> None:
        """Do nothing: the memory is known once the encoding is chosen."""

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Fit the pilot, and choose the encoding by forecasts of fits to it. A finished fit needs neither.

        Raises ``FieldFileError`` for a finished field of another kind, and ``TooLargeError``.
        """
        if isinstance(found, Finished):
            if "scan" not in found.field.record:
                raise FieldFileError(
                    f"{self.settings.out} was not fitted to a scan; leave --resume out to start afresh"
                )
            return self
        say_notes(self.signal, events)
        events.say("a first fit by kernel")
        whole = self.settings.preset != "paper" and self.settings.batch_size is None
        pilot = fly_pilot(self.problem, self.settings.seed, whole=whole, watch=events.solver_watch())
        plan = plan_scan(self.problem, pilot, self.settings, events.judged)
        check_network_memory(plan.fit.mlp, math.prod(self.problem.image_shape), plan.fit.training)
        return replace(self, pilot=pilot, plan=plan)

    def identity(self) -> Identity:
        """Return what must agree with a run that is continued; before the choice, what the settings alone determine."""
        data, settings = scan_digest(self.problem), self.settings
        if self.plan is None:
            asked = {"steps": settings.steps, "width": settings.width, "depth": settings.depth}
            given = {name: value for name, value in asked.items() if value is not None}
            rule = str(settings.hold_out_rule)
            return {"data": data, "hold_out": rule, "seed": settings.seed, "preset": settings.preset, **given}
        return {
            **network_identity(data, self.plan.fit, settings),
            "points_per_ray": self.plan.per_ray,
            "switch": self.plan.switch,
            "noise": self.plan.noise,
        }

    def network(self) -> CoordinateNetwork:
        """Return the network before training."""
        _, plan = self.chosen
        return build_network(plan.fit, self.problem.domain.dimensions, self.settings.seed)

    @property
    def training(self) -> TrainingPlan:
        """The plan of the training."""
        return self.chosen[1].fit.training

    def with_steps(self, steps: int) -> Self:
        """Return the task with another number of steps on the scan itself."""
        plan = self.chosen[1]
        return replace(self, plan=plan.with_steps(plan.switch, steps - plan.switch))

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Time a few steps, and plan as many as the budget allows."""
        pilot, plan = self.chosen
        effort = measure_effort(plan, self.problem, pilot, copy.deepcopy(self.network()))
        if budget.seconds is not None and found is not None:
            switch = int(found.settings["switch"])
            plan = plan.with_steps(switch, int(found.settings["steps"]) - switch)
        elif budget.seconds is not None:
            plan = effort.plan_in(budget.rest(), plan)
        return replace(self, plan=plan, effort=effort)

    def forecast(self) -> ScanForecast | None:
        """Return what the pilot predicts of measurements that are not seen."""
        return self.chosen[0].forecast

    def announce(self) -> list[str]:
        """Return lines that state the encoding, the measurements and steps, how long they take and how much memory."""
        plan, samples = self.chosen[1], training_facts(self.problem)["samples"]
        fit, training = plan.fit, plan.fit.training
        seen = "the whole image" if plan.per_ray is None else f"{training.batch_size:,} points along rays"
        first = f"{plan.switch:,} steps on the first fit, " if plan.switch else ""
        memory = check_network_memory(fit.mlp, math.prod(self.problem.image_shape), training)
        assert self.effort is not None
        return [
            f"encoding {encoding_words(fit.choice.encoding)} ({fit.choice.reason}); {samples:,} measurements; "
            f"{first}{plan.steps - plan.switch:,} steps of {seen} in {precision_name(training)} "
            f"on {training.device.type}",
            f"about {in_words(self.effort.seconds(plan))} and {memory}",
        ]

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Train the network through the scan's map."""
        pilot, plan = self.chosen
        network = self.network()
        network.to(plan.fit.training.device).train().requires_grad_(True)

        def field_of(network: CoordinateNetwork) -> NetworkField:
            return NetworkField(network, self.problem.domain, pilot.values, self.signal.description)

        if run.deadline is not None:
            run = replace(run, deadline=replace(run.deadline, since=plan.switch))
        objective = plan.objective(self.problem, network, pilot)
        curve = optimise(objective, plan.fit.training, run, unfinished=lambda: field_of(copy.deepcopy(network)))
        events.say("comparing with classical methods")
        return Fitted(field_of(network).to("cpu"), curve)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and its classical rivals, and return its part of the record."""
        assert isinstance(fitted.field, NetworkField)
        fit, encoding = self.chosen[1].fit, fitted.field.network.encoding
        batch = fit.training.batch_size or math.prod(self.problem.image_shape)
        return {
            "scan": self.problem.training.kind,
            "encoding": scan_encoding(self.problem, encoding.family, encoding.bandwidth, encoding.features),
            "network": network_record(fit),
            "metrics": scan_metrics(image_vector(fitted.field, self.problem), self.problem),
            "baselines": rival_scores(self.problem),
            "steps": fit.training.steps,
            "training": {**training_record(fit, 0, 0, batch), **training_facts(self.problem)},
        }

    def notes(self) -> list[str]:
        """Return remarks on the scan."""
        return list(self.signal.notes)


def say_notes(signal: Scan, events: FitEvents) -> None:
    """State how a scan was taken, once nothing is refused any more, so that a refusal is a single line."""
    for note in signal.notes:
        events.say(f"{signal.name}: {note}")
