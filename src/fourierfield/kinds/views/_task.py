"""Fits of posed pictures by network, through volume rendering."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import torch

from ...errors import FieldFileError
from ...networks._mlp import CoordinateNetwork
from ...tasks._network import build_network
from ...tasks._record import precision_name
from ...tasks._resume import Finished, Found, Identity, network_identity
from ...tasks._settings import FitSettings
from ...tasks._task import Budget, FitEvents, Fitted, Parts
from ...training._checkpoint import Checkpoint
from ...training._estimate import in_words
from ...training._loop import TrainingRun, optimise
from ...training._plan import TrainingPlan
from ...tuning._choice import encoding_words
from ._effort import SceneFit, ViewEffort, check_view_memory, measure_effort
from ._field import ViewsField
from ._plan import ViewPlan, plan_views, possible_cells
from ._record import view_parts
from ._signal import ViewsSignal

_THIN = -3.0  # logarithm of the density per unit


@dataclass(frozen=True)
class ViewsTask:
    """A fit of colour and density to posed pictures.

    The views that the file itself holds out are held out, or those of ``settings.hold_out``.
    """

    signal: ViewsSignal
    settings: FitSettings
    views: tuple[np.ndarray, np.ndarray]
    plan: ViewPlan
    scene: SceneFit | None = None
    effort: ViewEffort | None = None
    method: ClassVar[str] = "network"

    @classmethod
    def of(cls, signal: ViewsSignal, settings: FitSettings) -> ViewsTask:
        """Return the task of a scene. Raises ``SettingsError`` for a hold-out that leaves no views."""
        views = signal.split(settings.hold_out_rule)
        return cls(signal, settings, views, plan_views(signal, views[0], settings))

    def check(self) -> None:
        """Raise ``TooLargeError`` with the numbers if training would not fit in memory."""
        check_view_memory(self.signal, self.plan)

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Return the task itself: its encoding follows from a rule.

        Raises ``FieldFileError`` for a finished field of another kind.
        """
        if isinstance(found, Finished) and not isinstance(found.field, ViewsField):
            kind = found.field.source.kind
            raise FieldFileError(f"{self.settings.out} holds {kind}, not views; leave --resume out to start afresh")
        return self

    def identity(self) -> Identity:
        """Return what must agree with a run that is continued."""
        share = self.plan.rays.coarse_to_fine
        return {
            **network_identity(self._digest(), self.plan.fit, self.settings),
            "ray_step": self.plan.step,
            "cells": self.plan.cells,
            **({"coarse_to_fine": share} if share else {}),
        }

    def _digest(self) -> str:
        cameras, scene = self.signal.scene.cameras, self.signal.scene
        digest = hashlib.sha256(repr((scene.placement, scene.near, scene.far, scene.background)).encode())
        lenses = (cameras.poses, cameras.focal, cameras.centre, cameras.distortion)
        masks = () if self.signal.masks is None else (self.signal.masks,)
        for array in (self.signal.images, *lenses, *self.views, *masks):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]

    def network(self) -> CoordinateNetwork:
        """Return the network before training, which in the default preset holds a thin fog.

        In a dense fog all the first steps agree that there should be less of it, and end in an empty scene for good.
        """
        network = build_network(self.plan.fit, 3, self.settings.seed)
        if self.plan.fit.mlp.output == "radiance":
            with torch.no_grad():
                network.mlp.layers[-1].bias[3] = _THIN
        return network

    @property
    def training(self) -> TrainingPlan:
        """The plan of the training."""
        return self.plan.fit.training

    def with_steps(self, steps: int) -> Self:
        """Return the task with another number of steps."""
        plan = self.plan.with_steps(steps)
        return replace(self, plan=plan, scene=None if self.scene is None else replace(self.scene, plan=plan))

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Carve the box, time a few steps, and plan as many as the budget allows."""
        scene = SceneFit(self.signal, self.views, self.plan, possible_cells(self.signal, self.views[0], self.plan))
        effort = measure_effort(scene, self.network())
        task = replace(self, scene=scene, effort=effort)
        if budget.seconds is None:
            return task
        return task.with_steps(effort.steps_in(budget.rest()) if found is None else int(found.settings["steps"]))

    def forecast(self) -> None:
        """Predict nothing: a picture is not a linear measurement of the density, so the theory does not apply."""

    def announce(self) -> list[str]:
        """Return lines that state the encoding, the views and steps, how long they take and how much memory."""
        fit, views = self.plan.fit, self.views
        scene, effort = self.prepared
        share = float(scene.possible.float().mean())
        emptied = f", {1 - share:.0%} of the box empty by the silhouettes" if share < 1 else ""
        memory = check_view_memory(self.signal, self.plan)
        training = fit.training
        return [
            f"encoding {encoding_words(fit.choice.encoding)} ({fit.choice.reason}); {len(views[0])} views to train on, "
            f"{len(views[1])} held out; box of side {self.signal.scene.side:.3g}{emptied}; {training.steps:,} steps of "
            f"{training.batch_size:,} rays in {precision_name(training)} on {training.device.type}",
            f"at most about {in_words(effort.seconds(training.steps))} and {memory}",
        ]

    @property
    def prepared(self) -> tuple[SceneFit, ViewEffort]:
        """The carved scene and the measured effort, once ``within`` has been called."""
        assert self.scene is not None
        assert self.effort is not None
        return self.scene, self.effort

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Train the network through rendered rays."""
        scene, effort = self.prepared
        network, plan = self.network(), self.plan.fit.training
        network.to(plan.device).train().requires_grad_(True)
        objective = scene.objective(network)

        def unfinished() -> ViewsField:
            return scene.field(copy.deepcopy(network), objective.grid.cells.clone())

        if run.deadline is not None:
            most = run.deadline.left() / 2  # as ``ViewEffort.steps_in`` has it
            run = replace(run, deadline=replace(run.deadline, after=lambda: min(effort.scores(unfinished()), most)))
        curve = optimise(objective, plan, run, unfinished=unfinished)
        return Fitted(scene.field(network, objective.grid.cells), curve)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field on its views and return its part of the record."""
        assert isinstance(fitted.field, ViewsField)
        parts = view_parts(self.signal, self.views, fitted.field, self.plan, watch)
        fitted.field.to("cpu")
        return parts

    def notes(self) -> list[str]:
        """Return remarks on the pictures."""
        return list(self.signal.notes)
